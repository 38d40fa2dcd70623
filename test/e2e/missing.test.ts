import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { SeriesJson } from '#src/http/api/json/series.js';
import { Cleanup } from '../harness/cleanup.js';
import { startHttpServer } from '../harness/http-server.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { SHIPPED_WRITE_RELABEL_CONFIGS } from '../harness/loop.js';
import { freePort } from '../harness/port.js';
import { type Prometheus, startPrometheus } from '../harness/prometheus.js';
import { query } from '../harness/promql.js';
import { type Sentio, startSentio, troubles } from '../harness/sentio.js';
import { eventually, HANG_MS } from '../harness/wait.js';

const skip = skipUnlessInstalled('prometheus');
const MISSING = '{__name__="sentio_series_missing"}';

describe('a Prometheus one of whose targets stops', { skip, timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  const isDown = new Set<string>();
  let prometheus: Prometheus;
  let sentio: Sentio;

  /** A target with one series, `<name>_load`, that can be taken down. */
  function startTarget(name: string): Promise<string> {
    return startHttpServer(cleanup, (_request, response) => {
      if (isDown.has(name)) response.statusCode = 503;
      response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
      response.end(isDown.has(name) ? '' : `${name}_load{reason="work"} ${Date.now() % 7}\n`);
    });
  }

  before(async () => {
    const targets = [await startTarget('web'), await startTarget('db')];
    const port = await freePort();
    sentio = await startSentio(cleanup, {
      remote_write: [{ name: 'prometheus', url: `http://127.0.0.1:${port}/api/v1/write` }],
      rules: [{ name: 'loads', match: ['{__name__=~".+_load"}'], step: '1s', history: '20m', missing_after: '4s' }],
    });
    prometheus = await startPrometheus(cleanup, {
      port,
      scrapeTargets: targets,
      remoteWriteUrl: sentio.writeUrl,
      writeRelabelConfigs: SHIPPED_WRITE_RELABEL_CONFIGS,
    });
    const count = async () =>
      (await query(prometheus.url, 'count_over_time(db_load[5m])'))[0]?.points.at(-1)?.value ?? 0;
    // So many samples it takes until Sentio knows how often one comes.
    await eventually('the target is known', async () => (await count()) > 35);
  });
  after(() => cleanup.run());

  it('is told which series is missing, and why, and no other', async () => {
    assert.deepEqual(await query(prometheus.url, MISSING), []);
    isDown.add('db');
    const [missing, ...others] = await eventually('a series is missing', async () => {
      const found = await query(prometheus.url, MISSING);
      return found.length > 0 && found;
    });
    assert.deepEqual(others, []);
    const { instance, ...labels } = missing!.labels;
    assert.match(instance!, /^127\.0\.0\.1:\d+$/);
    assert.deepEqual(labels, {
      __name__: 'sentio_series_missing',
      job: 'shop',
      reason: 'work',
      sentio_metric: 'db_load',
      sentio_reason: 'stale',
    });
    assert.equal(missing!.points.at(-1)!.value, 1);
    const { data } = await getJson(`${sentio.url}/api/v1/series?match[]=db_load`);
    assert.equal((data as SeriesJson[])[0]!.missing!.reason, 'stale');
  });

  it('is told that it is back', async () => {
    isDown.clear();
    await eventually('nothing is missing', async () => (await query(prometheus.url, MISSING)).length === 0);
    assert.deepEqual(troubles(sentio.process), []);
  });
});
