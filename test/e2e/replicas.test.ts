import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { SECOND } from '../fixtures.js';
import { Cleanup } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { EXTERNAL_LABELS, fastClock, SHIPPED_WRITE_RELABEL_CONFIGS, sendPast } from '../harness/loop.js';
import { readMetrics } from '../harness/metrics-page.js';
import { freePort } from '../harness/port.js';
import { complaints, type Prometheus, startPrometheus } from '../harness/prometheus.js';
import { query, queryRange } from '../harness/promql.js';
import { startScrapeTarget } from '../harness/scrape-target.js';
import { type Sentio, startSentio } from '../harness/sentio.js';
import { longestGapMs, storedSamples } from '../harness/stored-samples.js';
import { startVictoriaMetrics, startVmagent } from '../harness/victoria-metrics.js';
import { eventually, HANG_MS } from '../harness/wait.js';
import { Shop } from '../harness/workload.js';

const SERIES = new Shop().series.length;

/** How many series a Sentio has forecasts of, and how many samples it has sent. */
async function status({ url }: Sentio): Promise<{ forecasting: number; sent: number }> {
  const metrics = await readMetrics(url);
  return {
    forecasting: metrics.sum('sentio_series_published') ?? 0,
    sent: metrics.sum('sentio_remote_write_samples_total') ?? 0,
  };
}

describe('two Sentios of which one stands by', { skip: skipUnlessInstalled('prometheus'), timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  const startMs = Date.now();
  let publishing: object;
  const standingBy = fastClock([]);
  const selector = 'shop_orders_yhat{region="eu",horizon=""}';
  /** How long nobody published: from the last forecast that was stored until one after it is seen. */
  const silencesMs: number[] = [];
  let first: Sentio;
  let second: Sentio;
  let prometheus: Prometheus;

  before(async () => {
    const shop = new Shop();
    const instance = await startScrapeTarget(cleanup, shop.series);
    const port = await freePort();
    publishing = fastClock([{ name: 'prometheus', url: `http://127.0.0.1:${port}/api/v1/write` }]);
    [first, second] = await Promise.all([startSentio(cleanup, publishing), startSentio(cleanup, standingBy)]);
    for (const sentio of [first, second]) await sendPast(sentio, shop, { instance, job: 'shop' });
    prometheus = await startPrometheus(cleanup, {
      port,
      configuration: {
        global: { scrape_interval: '1s', scrape_timeout: '1s', external_labels: EXTERNAL_LABELS },
        scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [instance] }] }],
        remote_write: [first, second].map(({ writeUrl }) => ({
          url: writeUrl,
          write_relabel_configs: SHIPPED_WRITE_RELABEL_CONFIGS,
          queue_config: { batch_send_deadline: '200ms' },
        })),
        remote_read: [first, second].map(({ url }) => ({
          url: `${url}/api/v1/read`,
          read_recent: true,
          required_matchers: { sentio: 'forecast' },
        })),
      },
    });
  });
  after(() => cleanup.run());

  async function configure(sentio: Sentio, configuration: object): Promise<void> {
    await writeFile(sentio.configFile, JSON.stringify(configuration));
    sentio.process.signal('SIGHUP');
  }

  const stored = () => storedSamples(prometheus.url, selector, { startMs, endMs: Date.now() + 5 * SECOND });

  /** The timestamp of the last forecast that is stored, once nobody publishes: what a killed queue held is not among them. */
  async function lastStoredMs(): Promise<number> {
    return (await stored()).at(-1)!.timeMs;
  }

  /** Waits until forecasts of a time after this moment are stored. Those of `horizon="10s"` are seen a step sooner. */
  async function untilForecastsGoOn(): Promise<void> {
    const nowMs = Date.now();
    await eventually('forecasts go on', async () => {
      const times = await query(prometheus.url, 'timestamp(shop_orders_yhat{horizon=""})');
      return times.length === 2 && times.every(({ points }) => points[0]!.value * SECOND > nowMs + 3 * SECOND);
    });
  }

  it('both forecast, and one publishes', async () => {
    await untilForecastsGoOn();
    await eventually('both are warm', async () => {
      const [one, other] = await Promise.all([status(first), status(second)]);
      return one.forecasting >= SERIES && other.forecasting === one.forecasting;
    });
    assert.equal((await status(second)).sent, 0);
  });

  it('answer questions about the future together', async () => {
    const nowMs = Math.floor(Date.now() / SECOND) * SECOND;
    const range = { startMs: nowMs, endMs: nowMs + 60 * SECOND, stepMs: SECOND };
    const curves = await queryRange(prometheus.url, 'shop_orders_yhat{sentio="forecast"}', range);
    assert.deepEqual(
      curves.map(({ points }) => points.length),
      [61, 61],
    );
  });

  it('go on where the one that published is killed and the other is told to', async () => {
    first.process.signal('SIGKILL');
    await first.process.exited;
    const silentFromMs = await lastStoredMs();
    await configure(second, publishing);
    await untilForecastsGoOn();
    silencesMs.push(Date.now() - silentFromMs);
  });

  it('change places again when both are well', async () => {
    await writeFile(first.configFile, JSON.stringify(standingBy));
    await first.restart();
    await eventually('it is warm again', async () => (await status(first)).forecasting >= SERIES);
    assert.equal((await status(first)).sent, 0);
    await configure(second, standingBy);
    const hasTarget = async () =>
      (await readMetrics(second.url)).sum('sentio_remote_write_queue_capacity_samples') !== undefined;
    await eventually('the other has sent what it had to', async () => !(await hasTarget()));
    const silentFromMs = await lastStoredMs();
    await configure(first, publishing);
    await untilForecastsGoOn();
    silencesMs.push(Date.now() - silentFromMs);
  });

  it('leave no gap longer than nobody published, and no sample is refused', async () => {
    const samples = await stored();
    assert.equal(silencesMs.length, 2);
    assert.ok(longestGapMs(samples) <= Math.max(...silencesMs), `${longestGapMs(samples)} ms of ${silencesMs}`);
    // Prometheus logs that it cannot reach the Sentio that was killed, and does not reshard for it.
    const wasKilled = /"msg":"(Failed to send batch, retrying|Skipping resharding)/;
    assert.deepEqual(
      complaints(prometheus.process).filter((line) => !(line.includes(first.writeUrl) && wasKilled.test(line))),
      [],
    );
    const requests = 'prometheus_http_requests_total';
    const store = await readMetrics(prometheus.url);
    assert.equal(store.sum(requests, { handler: '/api/v1/write', code: '400' }) ?? 0, 0);
    assert.ok(store.sum(requests, { handler: '/api/v1/write', code: '204' })! > 0);
    for (const { url } of [first, second]) {
      const metrics = await readMetrics(url);
      const outcomes = 'sentio_remote_write_samples_total';
      assert.equal(metrics.sum(outcomes), metrics.sum(outcomes, { outcome: 'sent' }));
    }
  });
});

describe('two Sentios that publish into one VictoriaMetrics', {
  skip: skipUnlessInstalled('victoria-metrics', 'vmagent'),
  timeout: HANG_MS,
}, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  it('are one there, where it deduplicates', async () => {
    const shop = new Shop();
    const instance = await startScrapeTarget(cleanup, shop.series);
    const { url } = await startVictoriaMetrics(cleanup, ['-dedup.minScrapeInterval=1ms']);
    const publishing = fastClock([{ name: 'victoria', url: `${url}/api/v1/write` }]);
    const sentios = await Promise.all([startSentio(cleanup, publishing), startSentio(cleanup, publishing)]);
    for (const sentio of sentios) await sendPast(sentio, shop, { instance, job: 'shop' });
    await startVmagent(cleanup, {
      scrapeTargets: [instance],
      remoteWriteUrls: sentios.map(({ writeUrl }) => writeUrl),
      externalLabels: EXTERNAL_LABELS,
    });
    await eventually('both publish', async () =>
      (await Promise.all(sentios.map(status))).every(({ sent }) => sent > 100),
    );
    const startMs = Date.now();
    for (const name of ['shop_orders_yhat', 'shop_orders_yhat_lower', 'shop_orders_yhat_upper']) {
      const selector = `${name}{region="eu",horizon=""}`;
      const samples = await eventually(`there are some more of ${selector}`, async () => {
        const stored = await storedSamples(url, selector, { startMs, endMs: Date.now() });
        return stored.length >= 3 && stored;
      });
      assert.equal(new Set(samples.map(({ timeMs }) => timeMs)).size, samples.length, selector);
    }
  });
});
