import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { MINUTE } from '../fixtures.js';
import { Cleanup } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { readMetrics } from '../harness/metrics-page.js';
import { freePort } from '../harness/port.js';
import { complaints, startPrometheus } from '../harness/prometheus.js';
import { query } from '../harness/promql.js';
import { sendSeries } from '../harness/remote-write.js';
import { startSentio, warnings } from '../harness/sentio.js';
import { eventually, HANG_MS } from '../harness/wait.js';

const HISTORY_MS = 12 * 60 * MINUTE;
const HOSTS = 10;

const nowMs = Math.floor(Date.now() / MINUTE) * MINUTE;

function loads(fromMs: number): Parameters<typeof sendSeries>[1] {
  return Array.from({ length: HOSTS }, (_, host) => ({
    labels: { __name__: 'load', host: `${host}` },
    points: Array.from({ length: (nowMs - fromMs) / MINUTE }, (_, i) => fromMs + i * MINUTE).map((timeMs) => ({
      timeMs,
      value: host + Math.sin(timeMs / 1e7),
    })),
  }));
}

describe('a Sentio that reads its history from the Prometheus that reads the future from it', {
  skip: skipUnlessInstalled('prometheus'),
  timeout: HANG_MS,
}, () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  const cases: [name: string, requiredMatchers: object, api: string, comesBack: boolean][] = [
    ['as shipped', { required_matchers: { sentio: 'forecast' } }, 'remote_read', false],
    ['as shipped, by query_range', { required_matchers: { sentio: 'forecast' } }, 'query_range', false],
    ['where required_matchers were forgotten', {}, 'remote_read', true],
    ['where required_matchers were forgotten, by query_range', {}, 'query_range', true],
  ];
  for (const [name, requiredMatchers, api, comesBack] of cases) {
    it(`has it whole, and its questions end there: ${name}`, async () => {
      const port = await freePort();
      const path = api === 'remote_read' ? 'read' : 'query_range';
      const sentio = await startSentio(cleanup, {
        remote_read: [{ url: `http://127.0.0.1:${port}/api/v1/${path}`, api, window: '3h', pause: '10ms' }],
        rules: [{ name: 'all', match: ['load'], step: '1m', history: '12h', horizon: '1h' }],
      });
      const prometheus = await startPrometheus(cleanup, {
        port,
        remoteRead: [{ url: `${sentio.url}/api/v1/read`, read_recent: true, ...requiredMatchers }],
      });
      await sendSeries(`${prometheus.url}/api/v1/write`, loads(nowMs - HISTORY_MS - 10 * MINUTE));
      await sendSeries(sentio.writeUrl, loads(nowMs - 2 * MINUTE));
      await eventually('the history of all is read, and learnt from', async () => {
        const { data } = (await getJson(`${sentio.url}/api/v1/series`)) as { data: { fit?: { points: number } }[] };
        return data.length === HOSTS && data.every(({ fit }) => fit !== undefined && fit.points >= 700);
      });
      await eventually('so is the step in which it came', async () => {
        const metrics = await readMetrics(sentio.url);
        return metrics.sum('sentio_backfill_series_total', { outcome: 'read' }) === 2 * HOSTS;
      });

      const counts = async () => {
        const [here, there] = await Promise.all([readMetrics(sentio.url), readMetrics(prometheus.url)]);
        return {
          sliceRequests: here.sum('sentio_backfill_requests_total', { outcome: 'ok' }),
          failedRequests:
            here.sum('sentio_backfill_requests_total')! -
            here.sum('sentio_backfill_requests_total', { outcome: 'ok' })!,
          reads: here.sum('sentio_read_requests_total') ?? 0,
          samplesServed: here.sum('sentio_read_samples_total'),
          readsSent: there.sum('prometheus_remote_storage_read_queries_total') ?? 0,
        };
      };
      const afterBackfill = await counts();
      const sliceRequests = afterBackfill.sliceRequests!;
      // 12 h in windows of 3 h, of which the first and the last are cut, and the step in which it came; by all series at once,
      // or in two groups where they came in two.
      assert.ok(sliceRequests >= 6 && sliceRequests <= 12, `${sliceRequests} requests`);
      const reads = comesBack ? sliceRequests : 0;
      assert.deepEqual(afterBackfill, {
        sliceRequests,
        failedRequests: 0,
        // Not one more than was asked: no question makes another.
        reads,
        samplesServed: 0,
        readsSent: reads,
      });

      // The same way, when it is meant to be gone.
      assert.equal((await query(prometheus.url, 'load_yhat{sentio="forecast"}')).length, HOSTS);
      const afterQuery = await counts();
      assert.equal(afterQuery.reads, reads + 1);
      assert.equal(afterQuery.readsSent, reads + 1);
      assert.ok(afterQuery.samplesServed! >= HOSTS);
      assert.equal(afterQuery.sliceRequests, sliceRequests);
      assert.deepEqual(complaints(prometheus.process), []);
      assert.deepEqual(
        warnings(sentio.process).filter(
          (line) => !line.includes('no remote_write target is configured') && !line.includes('ECONNREFUSED'),
        ),
        [],
      );
    });
  }
});
