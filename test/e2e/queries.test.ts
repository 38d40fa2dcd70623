import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { MINUTE, SECOND } from '../fixtures.js';
import { Cleanup } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { readMetrics } from '../harness/metrics-page.js';
import { complaints, startPrometheus } from '../harness/prometheus.js';
import { type QueriedSeries, query, queryValue } from '../harness/promql.js';
import { sendSeries } from '../harness/remote-write.js';
import { startSentio, warnings } from '../harness/sentio.js';
import { startVictoriaMetrics } from '../harness/victoria-metrics.js';
import { eventually, HANG_MS } from '../harness/wait.js';

const HISTORY_MS = 12 * 60 * MINUTE;
const STEP_MS = 5 * SECOND;

function loads(fromMs: number, untilMs: number): Parameters<typeof sendSeries>[1] {
  return Array.from({ length: 4 }, (_, host) => ({
    labels: { __name__: 'load', host: `${host}`, region: host < 2 ? 'eu' : 'us' },
    points: Array.from({ length: (untilMs - fromMs) / STEP_MS }, (_, i) => fromMs + i * STEP_MS).map((timeMs) => ({
      timeMs,
      value: 10 + host + ((timeMs / STEP_MS) % 7) / 100,
    })),
  }));
}

interface Row {
  readonly metric: Readonly<Record<string, string>>;
  readonly fit?: { readonly points: number };
}

const PEERS = {
  prometheus: async (cleanup: Cleanup) => {
    const prometheus = await startPrometheus(cleanup);
    return { url: prometheus.url, offset: '0s', complaints: () => complaints(prometheus.process) };
  },
  'victoria-metrics': async (cleanup: Cleanup) => {
    const { url } = await startVictoriaMetrics(cleanup);
    return { url, offset: '5s', complaints: () => [] };
  },
} as const;

function isUsual({ points }: QueriedSeries): boolean {
  return points[0]!.value <= 1;
}

for (const [name, start] of Object.entries(PEERS)) {
  describe(`queries that ${name} evaluates`, { skip: skipUnlessInstalled(name), timeout: HANG_MS }, () => {
    const cleanup = new Cleanup();
    afterEach(() => cleanup.run());

    it('are series with history, forecasts and scores, without anything being pushed', async () => {
      const peer = await start(cleanup);
      const nowMs = Math.floor(Date.now() / STEP_MS) * STEP_MS;
      await sendSeries(`${peer.url}/api/v1/write`, loads(nowMs - HISTORY_MS, nowMs + 10 * MINUTE));
      await eventually('the source has all of it', async () => {
        const count = 'sum(count_over_time(load[12h]))';
        return (await queryValue(peer.url, count, nowMs - STEP_MS))! >= (4 * HISTORY_MS) / STEP_MS - 8;
      });
      const sentio = await startSentio(cleanup, {
        query_sources: [{ url: `${peer.url}/api/v1/query_range`, pause: '10ms' }],
        remote_write: [{ url: `${peer.url}/api/v1/write` }],
        queries: [
          {
            name: 'region:load:sum',
            expr: 'sum by (region) (load)',
            offset: peer.offset,
            labels: { team: 'shop' },
            step: '5s',
            history: '12h',
            resolution: '1m',
            horizon: '1h',
          },
          { name: 'broken', expr: 'sum(', step: '5s', history: '12h', resolution: '1m', horizon: '1h' },
        ],
      });
      await eventually('the history is read, and learnt from', async () => {
        const { data } = (await getJson(`${sentio.url}/api/v1/series`)) as { data: Row[] };
        return data.length === 2 && data.every(({ fit }) => fit !== undefined && fit.points >= 700);
      });
      const { data } = (await getJson(`${sentio.url}/api/v1/series`)) as { data: Row[] };
      assert.deepEqual(
        data.map(({ metric }) => metric).sort((a, b) => (a.region! < b.region! ? -1 : 1)),
        [
          { __name__: 'region:load:sum', region: 'eu', team: 'shop' },
          { __name__: 'region:load:sum', region: 'us', team: 'shop' },
        ],
      );
      await eventually('forecast and score are published', async () => {
        const score = await query(peer.url, '{__name__="region:load:sum_anomaly_score"}');
        const expected = await queryValue(peer.url, '{__name__="region:load:sum_yhat", region="eu"}');
        const observed = await queryValue(peer.url, 'sum(load{region="eu"})');
        return score.length === 2 && score.every(isUsual) && Math.abs(expected! - observed!) < 0.1;
      });
      const metrics = await readMetrics(sentio.url);
      assert.ok(metrics.sum('sentio_query_lag_seconds', { query: 'region:load:sum' })! < 30);
      assert.match(warnings(sentio.process).join('\n'), /"query":"broken".*"reason":"HTTP 4\d\d: .*parse/);
      assert.deepEqual(peer.complaints(), []);
    });
  });
}
