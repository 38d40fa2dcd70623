import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { OWN_OUTPUT } from '#src/model/settings/synthetic.js';
import { SECOND } from '../fixtures.js';
import { Cleanup } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { readMetrics } from '../harness/metrics-page.js';
import { freePort } from '../harness/port.js';
import { complaints, type Prometheus, startPrometheus } from '../harness/prometheus.js';
import { listSeries, query, queryRange } from '../harness/promql.js';
import { sendSeries } from '../harness/remote-write.js';
import { startScrapeTarget } from '../harness/scrape-target.js';
import { type Sentio, startCommand, startSentio, troubles } from '../harness/sentio.js';
import { longestGapMs, storedSamples } from '../harness/stored-samples.js';
import { eventually, HANG_MS } from '../harness/wait.js';
import { DAY_MS } from '../harness/workload.js';

const FOLDER = resolve(import.meta.dirname, '../../deploy/sharding');
const PODS = 24;
const GRACE_MS = 8_000;
/** Shares are a hash of the labels: with the random port of the target in them, one run in fifty would have too few to move. */
const INSTANCE = 'node-1:9100';
const SOURCES = `{job="node",__name__!~"${OWN_OUTPUT}"}`;

interface PrometheusFile {
  scrape_configs: { job_name: string }[];
  remote_write: { write_relabel_configs: { action: string; modulus?: number }[] }[];
  remote_read: object[];
}

/** A file of deploy/sharding with the addresses of this test in place of its own. */
function shipped(file: string, addresses: Readonly<Record<string, string>>): unknown {
  let text = readFileSync(join(FOLDER, file), 'utf8');
  for (const [name, address] of Object.entries(addresses)) text = text.replaceAll(name, address);
  return parse(text);
}

/** As it was before the last Sentio came. */
function withoutLastShard(file: PrometheusFile): PrometheusFile {
  const { remote_write, remote_read } = structuredClone(file);
  for (const { write_relabel_configs } of remote_write) {
    for (const step of write_relabel_configs) if (step.action === 'hashmod') step.modulus = remote_write.length - 1;
  }
  return { ...file, remote_write: remote_write.slice(0, -1), remote_read: remote_read.slice(0, -1) };
}

/** Seconds for minutes: what the shipped file leaves to defaults would take this test hours. */
function fastClock(sentioFile: unknown): object {
  return {
    ...(sentioFile as object),
    engine: { ownership_grace_period: `${GRACE_MS / SECOND}s` },
    defaults: {
      step: '1s',
      history: '20m',
      horizon: '5m',
      refit_interval: '20s',
      prophet: {
        daily_seasonality: false,
        weekly_seasonality: false,
        seasonalities: [{ name: 'day', period: `${DAY_MS / SECOND}s`, fourier_order: 3 }],
      },
    },
  };
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

describe('the files in deploy/sharding', {
  skip: skipUnlessInstalled('prometheus', 'promtool'),
  timeout: HANG_MS,
}, () => {
  const cleanup = new Cleanup();
  const startMs = Math.floor(Date.now() / SECOND) * SECOND;
  /** Nothing is scraped before the past is there. */
  let isLive = false;
  let sentios: Sentio[];
  let prometheus: Prometheus;
  let prometheusFile: PrometheusFile;
  let moveMs: number;

  const pods = Array.from({ length: PODS }, (_, pod) => ({
    name: 'load',
    type: 'gauge' as const,
    labels: { pod: `pod-${pod}` },
    valueAt: (timeMs: number) =>
      isLive || timeMs < startMs ? 100 + pod + 20 * Math.sin((2 * Math.PI * timeMs) / DAY_MS) : undefined,
  }));

  before(async () => {
    const addresses: Record<string, string> = {
      'node-exporter:9100': await startScrapeTarget(cleanup, pods),
      'prometheus:9090': `127.0.0.1:${await freePort()}`,
    };
    const sentioFile = () => fastClock(shipped('sentio.yml', addresses));
    sentios = await Promise.all([0, 1, 2].map(() => startSentio(cleanup, sentioFile())));
    for (const [i, { url }] of sentios.entries()) addresses[`sentio-${i}:9201`] = new URL(url).host;

    const file = shipped('prometheus.yml', addresses) as PrometheusFile;
    prometheusFile = {
      ...file,
      ...{ global: { scrape_interval: '1s', scrape_timeout: '1s' } },
      scrape_configs: file.scrape_configs.map((job) =>
        job.job_name === 'node'
          ? { ...job, relabel_configs: [{ target_label: 'instance', replacement: INSTANCE }] }
          : job,
      ),
      remote_write: file.remote_write.map((block) => ({ ...block, queue_config: { batch_send_deadline: '200ms' } })),
    };
    prometheus = await startPrometheus(cleanup, {
      port: Number(addresses['prometheus:9090']!.split(':')[1]),
      // None sends to a Sentio before the past is stored: it is to come by backfill.
      configuration: { ...prometheusFile, remote_write: [], remote_read: [], scrape_configs: [] },
    });
    const past = pods.map(({ name, labels, valueAt }) => ({
      labels: { __name__: name, ...labels, instance: INSTANCE, job: 'node' },
      points: Array.from({ length: (15 * DAY_MS) / SECOND }, (_, i) => startMs - 15 * DAY_MS + i * SECOND).map(
        (timeMs) => ({ timeMs, value: valueAt(timeMs)! }),
      ),
    }));
    await sendSeries(`${prometheus.url}/api/v1/write`, past);
    isLive = true;
    await prometheus.reload(withoutLastShard(prometheusFile));
  });
  after(() => cleanup.run());

  /** The series every Sentio knows, as it names them. */
  async function shares(): Promise<string[][]> {
    return Promise.all(
      sentios.map(async ({ url }) => {
        const { data } = (await getJson(`${url}/api/v1/series`)) as {
          data: { metric: Record<string, string> }[];
        };
        return data.map(({ metric }) => labelText(metric));
      }),
    );
  }

  async function published(): Promise<number[]> {
    return Promise.all(sentios.map(async ({ url }) => (await readMetrics(url)).sum('sentio_series_published')!));
  }

  async function sources(): Promise<string[]> {
    return (await listSeries(prometheus.url, SOURCES, Date.now() - 5 * SECOND)).map(labelText).sort();
  }

  async function assertFutureOfAll(): Promise<void> {
    const nowMs = Math.floor(Date.now() / SECOND) * SECOND;
    const curves = await queryRange(prometheus.url, 'load_yhat{sentio="forecast"}', {
      startMs: nowMs,
      endMs: nowMs + 4 * DAY_MS,
      stepMs: 10 * SECOND,
    });
    assert.equal(curves.length, PODS);
    for (const { labels, points } of curves) {
      assert.equal(points.length, 25, JSON.stringify(labels));
      const { valueAt } = pods.find((pod) => pod.labels.pod === labels.pod)!;
      for (const { timeMs, value } of points)
        assert.ok(Math.abs(value - valueAt(timeMs)!) < 3, `${value} at ${timeMs}`);
    }
  }

  it('are accepted by promtool and by check-config', async () => {
    const promtool = spawnSync('promtool', ['check', 'config', join(FOLDER, 'prometheus.yml')], { encoding: 'utf8' });
    assert.equal(promtool.status, 0, promtool.stdout + promtool.stderr);
    const sentio = startCommand(cleanup, ['check-config', join(FOLDER, 'sentio.yml')]);
    assert.equal((await sentio.exited).code, 0, sentio.stdout.join('\n'));
  });

  it('share all series among two Sentios, each series with one of them', async () => {
    const all = await eventually('all series are published', async () => {
      const wanted = await sources();
      const counts = await published();
      assert.ok(wanted.length >= PODS, `${wanted.length} series`);
      assert.equal(sum(counts), wanted.length, `${counts} are published`);
      return wanted;
    });
    const [first, second, third] = await shares();
    assert.deepEqual([...first!, ...second!].sort(), all);
    assert.ok(first!.length > PODS / 4 && second!.length > PODS / 4, `${first!.length} and ${second!.length}`);
    assert.deepEqual(third, []);
  });

  it('bring the forecasts of all into one Prometheus, past and future', async () => {
    await eventually(
      'every pod has a forecast',
      async () => (await query(prometheus.url, 'load - load_yhat')).length === PODS,
    );
    await assertFutureOfAll();
  });

  it('move series to a third Sentio, with their history', async () => {
    moveMs = Date.now();
    await prometheus.reload(prometheusFile);
    const all = await sources();
    await eventually('the three publish all series, and nobody one that moved away', async () => {
      const counts = await published();
      assert.ok(counts[2]! > PODS / 6, `${counts} are published`);
      assert.equal(sum(counts), all.length, `${counts} are published`);
      return true;
    });
    assert.deepEqual([...new Set((await shares()).flat())].sort(), all, 'under the names they had');

    const { url } = sentios[2]!;
    const { data } = (await getJson(`${url}/api/v1/series?match[]=load`)) as { data: { fit?: { points: number } }[] };
    for (const { fit } of data) assert.ok(fit!.points >= 800, `fitted on ${fit!.points} values`);
    const metrics = await readMetrics(url);
    // Each for its past, and again for the step in which it came.
    assert.ok(metrics.sum('sentio_backfill_series_total', { outcome: 'read' })! >= metrics.sum('sentio_series')!);
    assert.equal(metrics.sum('sentio_backfill_series_total', { outcome: 'given_up' }), 0);
  });

  it('let the forecasts go on meanwhile', async () => {
    await eventually(
      'every pod has a forecast made since',
      async () =>
        (await query(prometheus.url, `timestamp(load_yhat) > ${(moveMs + 2 * GRACE_MS) / SECOND}`)).length === PODS,
    );
    for (const { labels } of pods) {
      for (const name of ['load_yhat', 'load_anomaly_score']) {
        const selector = `${name}{pod="${labels.pod}"}`;
        const samples = await storedSamples(prometheus.url, selector, { startMs: moveMs, endMs: Date.now() });
        const gapMs = longestGapMs(samples);
        // The interval goes on while the series is handed over, and then pauses for a moment; the score needs samples.
        const mostMs = (name === 'load_yhat' ? 0 : GRACE_MS) + 7 * SECOND;
        assert.ok(gapMs <= mostMs, `${selector} has a gap of ${gapMs} ms`);
      }
    }
    await assertFutureOfAll();
  });

  it('cost nobody a sample or a complaint', async () => {
    assert.deepEqual(complaints(prometheus.process), []);
    const store = await readMetrics(prometheus.url);
    assert.equal(store.sum('prometheus_tsdb_out_of_order_samples_total') ?? 0, 0);
    assert.equal(store.sum('prometheus_http_requests_total', { handler: '/api/v1/write', code: '400' }) ?? 0, 0);
    for (const { url, process } of sentios) {
      assert.deepEqual(troubles(process), []);
      const metrics = await readMetrics(url);
      const samples = 'sentio_remote_write_samples_total';
      assert.equal(metrics.sum(samples), metrics.sum(samples, { outcome: 'sent' }));
      assert.ok(metrics.sum(samples)! > 0);
    }
  });

  it('answer for the others when one Sentio is down, and say so', async () => {
    const lost = (await getJson(`${sentios[2]!.url}/api/v1/series?match[]=load`)).data as unknown[];
    await sentios[2]!.process.stop();
    const parameters = new URLSearchParams({ query: 'load_yhat{sentio="forecast"} offset -1m' });
    const response = await fetch(`${prometheus.url}/api/v1/query?${parameters}`);
    const { data, warnings } = (await response.json()) as { data: { result: unknown[] }; warnings: string[] };
    assert.ok(lost.length > 0);
    assert.equal(data.result.length, PODS - lost.length);
    assert.match(warnings.join('\n'), /connection refused/);
  });
});
