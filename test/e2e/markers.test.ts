import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { MarkersAnswer } from '#src/http/api/json/markers.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { readMetrics } from '../harness/metrics-page.js';
import { startPrometheus } from '../harness/prometheus.js';
import { queryValue } from '../harness/promql.js';
import { startScrapeTarget } from '../harness/scrape-target.js';
import { startSentio } from '../harness/sentio.js';
import { eventually, HANG_MS } from '../harness/wait.js';

/** That of docs/operations.md, for a marker like the one here. */
const NEW_VERSION = 'count by (job, version) (build_info) unless count by (job, version) (build_info offset 30s)';

describe('markers', { skip: skipUnlessInstalled('prometheus'), timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  it('find a new version that a Prometheus scrapes, and know it after a restart', async () => {
    const folder = join(await temporaryFolder(cleanup), 'data');
    const sentio = await startSentio(
      cleanup,
      {
        // The series itself is not tracked.
        rules: [{ name: 'queue', match: ['queue'], step: '1s' }],
        markers: [{ name: 'deploy', match: ['build_info'], labels: ['version'] }],
      },
      { flags: [`--storage.path=${folder}`] },
    );
    let version = '1.2';
    const info = (of: string) => ({
      name: 'build_info',
      type: 'gauge' as const,
      labels: { version: of },
      valueAt: () => (of === version ? 1 : undefined),
    });
    const queue = { name: 'queue', type: 'gauge' as const, labels: {}, valueAt: () => 1 };
    const target = await startScrapeTarget(cleanup, [queue, info('1.2'), info('1.3'), info('1.4')]);
    const prometheus = await startPrometheus(cleanup, {
      configuration: {
        global: { scrape_interval: '1s', scrape_timeout: '1s' },
        scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [target] }] }],
        remote_write: [{ url: sentio.writeUrl, queue_config: { batch_send_deadline: '200ms' } }],
      },
    });
    const events = async () => ((await getJson(`${sentio.url}/api/v1/markers`)) as unknown as MarkersAnswer).data;
    const seen = async () => (await readMetrics(sentio.url)).sum('sentio_marker_series');
    await eventually('the first version comes', async () => (await seen()) === 1);
    await eventually('it has come a few times', async () => {
      return ((await readMetrics(sentio.url)).sum('sentio_receiver_samples_total', { outcome: 'stored' }) ?? 0) > 10;
    });
    assert.deepEqual(await events(), []);

    version = '1.3';
    const [event] = await eventually('the new version is an event', async () => {
      const found = await events();
      return found.length > 0 && found;
    });
    assert.deepEqual([event!.labels, event!.text], [{ job: 'shop' }, 'build_info{version} changed from 1.2 to 1.3']);
    assert.ok(Math.abs(event!.time - Date.now() / 1000) < 60, `${event!.time}`);
    const ofQueue = await getJson(`${sentio.url}/api/v1/markers?match[]=queue`);
    assert.equal((ofQueue as unknown as MarkersAnswer).total, 1);
    await eventually('Grafana would mark it', async () => (await queryValue(prometheus.url, NEW_VERSION)) === 1);

    await sentio.process.stop();
    await sentio.restart();
    assert.deepEqual(await events(), [event]);
    version = '1.4';
    const [newer] = await eventually('the next version is an event', async () => {
      const found = await events();
      return found.length > 1 && found;
    });
    assert.equal(newer!.text, 'build_info{version} changed from 1.3 to 1.4');
  });
});
