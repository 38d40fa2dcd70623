import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { OWN_OUTPUT } from '#src/model/settings/synthetic.js';
import { Cleanup } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { type Loop, SHIPPED_WRITE_RELABEL_CONFIGS, SYNTHETIC, startLoop } from '../harness/loop.js';
import { type MetricsPage, readMetrics } from '../harness/metrics-page.js';
import { complaints } from '../harness/prometheus.js';
import { listSeries, query, queryRange, queryValue } from '../harness/promql.js';
import { troubles, warnings } from '../harness/sentio.js';
import { longestGapMs, storedSamples } from '../harness/stored-samples.js';
import { eventually, HANG_MS } from '../harness/wait.js';

const skip = skipUnlessInstalled('prometheus');
const startMs = Date.now();

const SOURCES = `{job="shop", __name__!~"${OWN_OUTPUT}"}`;

const [, SUFFIX] = OWN_OUTPUT.split('|.+');
const TWICE_SYNTHETIC = `{__name__=~".+${SUFFIX}(_rate)?${SUFFIX}"}`;

/** Every series Sentio owes for these sources: counters as a rate, everything else as it is. */
function owed(sources: readonly Record<string, string>[]): string[] {
  return sources
    .flatMap(({ __name__: name = '', ...labels }) => {
      const counter = name.endsWith('_total');
      const named = (suffix: string) => ({ __name__: `${name}${counter ? '_rate' : ''}_${suffix}`, ...labels });
      const interval = ['yhat', 'yhat_lower', 'yhat_upper'].map(named);
      const ahead = interval.map((series) => ({ ...series, horizon: '10s' }));
      return [...interval, ...ahead, named('anomaly_score'), ...(counter ? [named('y')] : [])];
    })
    .map(asText)
    .sort();
}

function asText(labels: Record<string, string>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe('a Prometheus that sends its series to Sentio', { skip, timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  let loop: Loop;
  before(async () => {
    loop = await startLoop(cleanup, { writeRelabelConfigs: SHIPPED_WRITE_RELABEL_CONFIGS });
  });
  after(() => cleanup.run());

  it('gets an interval and a score for every series, labelled as the series', async () => {
    const { url } = loop.prometheus;
    const sources = await listSeries(url, SOURCES, startMs);
    assert.ok(sources.length >= loop.shop.series.length, `only ${sources.length} sources`);
    // A kind is there for every series that has been in alarm, and for no other.
    const synthetic = async () =>
      (await listSeries(url, SYNTHETIC, startMs))
        .filter(({ sentio_kind }) => sentio_kind === undefined)
        .map(asText)
        .sort();
    await eventually('all have arrived', async () => (await synthetic()).length >= owed(sources).length).catch(
      () => {},
    );
    assert.deepEqual(await synthetic(), owed(sources));
  });

  it('joins forecasts with their series without on()', async () => {
    const { url } = loop.prometheus;
    assert.equal(await queryValue(url, 'count(shop_orders - shop_orders_yhat)'), 2);
    // And so do the expectations for ten seconds from now, which carry one label more.
    assert.equal(await queryValue(url, 'count(shop_orders_yhat_lower < shop_orders_yhat < shop_orders_yhat_upper)'), 4);
  });

  it('gets forecasts that follow the day', async () => {
    // The daily shape swings by ±120 orders, its noise is 4.
    const miss = 'abs(shop_orders{region="eu"} - shop_orders_yhat{region="eu", horizon=""})';
    const misses = await eventually('there are forecasts of five seconds', async () => {
      const endMs = Date.now();
      const range = { startMs: endMs - 5_000, endMs, stepMs: 1_000 };
      const [series] = await queryRange(loop.prometheus.url, miss, range);
      return series !== undefined && series.points.length >= 5 && series.points.map(({ value }) => value);
    });
    assert.ok(Math.max(...misses) < 40, `misses ${misses}`);
  });

  it('tells ten seconds before what will be expected', async () => {
    const { url } = loop.prometheus;
    const foretold = 'shop_orders_yhat{region="eu", horizon="10s"} offset 10s';
    const difference = `abs(${foretold} - ignoring(horizon) shop_orders_yhat{region="eu", horizon=""})`;
    const miss = await eventually('it was foretold ten seconds ago', () => queryValue(url, difference));
    // A refit in between moves it a little; the day moves it by up to 99 in ten seconds.
    assert.ok(miss < 10, `foretold with a difference of ${miss}`);
  });

  it('forecasts the rate of a counter', async () => {
    const { url } = loop.prometheus;
    const rate = await queryValue(url, 'shop_requests_total_rate_y');
    assert.ok(rate !== undefined && rate > 15 && rate < 85, `rate ${rate}, which lies between 20 and 80`);
    const miss = await queryValue(url, 'abs(shop_requests_total_rate_y - shop_requests_total_rate_yhat{horizon=""})');
    assert.ok(miss !== undefined && miss < 15, `the forecast misses the rate by ${miss}`);
  });

  it('sees the spike in m > m_yhat_upper, and little else', async () => {
    const { shop, prometheus } = loop;
    const quietMs = Date.now();
    const spike = { startMs: quietMs + 10_000, endMs: quietMs + 18_000 };
    shop.spike = spike;
    const endMs = spike.endMs + 8_000;
    await eventually(
      'the score after the spike arrives',
      async () => (await lastTimeMs(prometheus.url, 'shop_queue_anomaly_score')) >= endMs,
    );
    const range = { startMs: quietMs, endMs, stepMs: 1_000 };
    const [queue] = await queryRange(prometheus.url, 'shop_queue > shop_queue_yhat_upper', range);
    // A query sees a sample until the next scrape, so the edges of the spike blur by a scrape interval.
    const times = queue?.points.map(({ timeMs }) => timeMs) ?? [];
    const inside = times.filter((timeMs) => timeMs >= spike.startMs + 2_000 && timeMs < spike.endMs);
    const outside = times.filter((timeMs) => timeMs < spike.startMs || timeMs >= spike.endMs + 2_000);
    assert.ok(inside.length >= 5, `the spike was over the interval at ${inside.length} of 6 instants`);
    assert.ok(outside.length <= 2, `the queue was over the interval at ${outside.length} of 24 quiet instants`);

    const scores = await storedSamples(prometheus.url, 'shop_queue_anomaly_score', range);
    const high = scores.filter(({ value }) => value > 3).map(({ timeMs }) => timeMs);
    assert.ok(high.length >= 6, `${high.length} steps of the spike score over 3`);
    assert.ok(
      high.every((timeMs) => timeMs >= spike.startMs - 1_000 && timeMs <= spike.endMs + 1_000),
      `${high}`,
    );

    // Orders would not do: in the second by which a query sees them late they change by more than their noise.
    const [load] = await queryRange(prometheus.url, 'shop_worker_load > shop_worker_load_yhat_upper', range);
    const alarms = load?.points.length ?? 0;
    assert.ok(alarms <= 2, `the worker, where nothing happened, was over the interval at ${alarms} of 27 instants`);
  });

  it('ends the interval of a series that ended', async () => {
    const { shop, prometheus } = loop;
    const interval = '{__name__=~"shop_worker_load_.+"}';
    assert.equal((await query(prometheus.url, interval)).length, 7);
    shop.workerEndMs = Date.now();
    // Without stale markers they would live on for the five minutes of PromQL's lookback.
    await eventually('the interval is gone', async () => (await query(prometheus.url, interval)).length === 0);
    assert.equal((await query(prometheus.url, 'shop_queue_yhat')).length, 2);
  });

  it('makes no synthetic series of a synthetic series', async () => {
    assert.deepEqual(await listSeries(loop.prometheus.url, TWICE_SYNTHETIC, startMs), []);
  });

  it('costs Prometheus no sample and no complaint', async () => {
    const { url, process } = loop.prometheus;
    const metrics = await readMetrics(url);
    for (const name of [
      'prometheus_remote_storage_samples_failed_total',
      'prometheus_remote_storage_samples_retried_total',
      'prometheus_remote_storage_metadata_failed_total',
      'prometheus_target_scrapes_sample_out_of_order_total',
      'prometheus_target_scrapes_sample_duplicate_timestamp_total',
      'prometheus_target_scrapes_sample_out_of_bounds_total',
      'prometheus_tsdb_out_of_order_samples_total',
      'prometheus_tsdb_out_of_bound_samples_total',
      'prometheus_tsdb_too_old_samples_total',
      'prometheus_api_remote_write_invalid_labels_samples_total',
    ])
      assert.equal(metrics.sum(name) ?? 0, 0, name);
    assert.equal(refusedWrites(metrics), null);
    assert.deepEqual(complaints(process), []);
    assert.deepEqual(troubles(loop.sentio.process), []);
  });

  it('drops nothing on the way to Sentio but what the relabel rule takes out', async () => {
    const { url } = loop.prometheus;
    // The interval is ahead of the clock.
    const samplesOf = async (selector: string) =>
      (await query(url, `${selector}[20m]`, Date.now() + 10_000)).reduce((sum, { points }) => sum + points.length, 0);
    const stored = () => samplesOf(SYNTHETIC);
    const dropped = async () => (await readMetrics(url)).sum('prometheus_remote_storage_samples_dropped_total') ?? 0;
    const atLeast = await stored();
    await eventually('all that was stored has been dropped', async () => (await dropped()) >= atLeast);
    const count = await dropped();
    // Stale markers are samples that no query shows: seven when the worker's interval ended, and one when an alarm did, which
    // had a kind for one evaluation at least.
    const atMost = (await stored()) + 7 + (await samplesOf('{__name__=~".+_anomaly_kind"}'));
    assert.ok(count <= atMost, `${count} dropped, but there are only ${atMost} synthetic samples`);
  });

  it('gets what it missed while it was down', async () => {
    const { prometheus } = loop;
    const downMs = Date.now();
    prometheus.process.signal('SIGKILL');
    await prometheus.process.exited;
    await eventually('the outage lasts ten steps', () => Date.now() > downMs + 10_000);
    await prometheus.restart();
    const upMs = Date.now();
    await eventually(
      'forecasts go on',
      async () => (await lastTimeMs(prometheus.url, 'shop_queue_yhat{horizon=""}')) > upMs + 5_000,
    );
    const range = { startMs: downMs - 10_000, endMs: upMs + 5_000, stepMs: 1_000 };
    for (const name of ['shop_queue_yhat', 'shop_queue_yhat_lower', 'shop_queue_yhat_upper', 'shop_capacity_yhat']) {
      const gapMs = longestGapMs(await storedSamples(prometheus.url, `${name}{horizon=""}`, range));
      assert.equal(gapMs, 1_000, name);
    }
    assert.deepEqual(complaints(prometheus.process), []);
  });

  it('is served again by a Sentio that was restarted, and refuses nothing of it', async () => {
    const { prometheus, sentio } = loop;
    assert.deepEqual(await sentio.process.stop(), { code: 0, signal: null });
    await sentio.restart();
    const upMs = Date.now();
    await eventually(
      'it has learned again',
      async () => (await lastTimeMs(prometheus.url, 'shop_queue_yhat{horizon=""}')) > upMs + 5_000,
    );
    assert.equal(refusedWrites(await readMetrics(prometheus.url)), null);
    assert.deepEqual(warnings(sentio.process), []);
  });
});

describe('a Prometheus without the relabel rule', { skip, timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  it('gets no forecast of a forecast, for Sentio drops and counts what comes back', async () => {
    const { prometheus, sentio } = await startLoop(cleanup, { writeRelabelConfigs: [] });
    const counted = async () =>
      (await readMetrics(sentio.url)).sum('sentio_receiver_samples_total', { outcome: 'own_output' }) ?? 0;
    await eventually('forecasts come back to Sentio', async () => (await counted()) > 200);
    assert.deepEqual(await listSeries(prometheus.url, TWICE_SYNTHETIC, startMs), []);
    assert.equal((await readMetrics(prometheus.url)).sum('prometheus_remote_storage_samples_failed_total'), 0);
    assert.deepEqual(complaints(prometheus.process), []);
  });
});

async function lastTimeMs(url: string, selector: string): Promise<number> {
  return ((await queryValue(url, `timestamp(${selector})`)) ?? 0) * 1_000;
}

/** What Prometheus counts of remote-write requests that it did not take, or `null`; while it starts it says 503 to all. */
function refusedWrites({ text }: MetricsPage): string[] | null {
  return text.match(/^prometheus_http_requests_total\{code="(?!2|503)...",handler="\/api\/v1\/write"\}.*$/gm);
}
