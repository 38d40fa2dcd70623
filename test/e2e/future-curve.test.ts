import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { EXTERNAL_LABELS, fastClock } from '../harness/loop.js';
import { readMetrics } from '../harness/metrics-page.js';
import { startPrometheus } from '../harness/prometheus.js';
import { query, queryRange } from '../harness/promql.js';
import { sendSeries } from '../harness/remote-write.js';
import { startScrapeTarget } from '../harness/scrape-target.js';
import { type Sentio, startSentio, warnings } from '../harness/sentio.js';
import { startVictoriaMetrics } from '../harness/victoria-metrics.js';
import { eventually, HANG_MS } from '../harness/wait.js';
import { DAY_MS, Shop } from '../harness/workload.js';

const skip = skipUnlessInstalled('victoria-metrics', 'prometheus');
const FUTURE_MS = 4 * 60_000;
/** Whole steps of a second, 60 of them in four minutes. */
const SPACING_MS = 4_000;
const CURVE = 'shop_queue_yhat{sentio="forecast"}';
const LABELS = { job: 'shop', instance: 'shop:80' };

describe('remote_write[].future: VictoriaMetrics takes the curve, Prometheus is not sent it', {
  skip,
  timeout: HANG_MS,
}, () => {
  const cleanup = new Cleanup();
  const feeding = new AbortController();
  let sentio: Sentio;
  let victoria: string;
  let prometheus: string;

  /** Every sample that VictoriaMetrics has of the curve, those that were sent twice both times. */
  async function stored(): Promise<{ timeMs: number; value: number }[]> {
    const parameters = new URLSearchParams({ 'match[]': CURVE, start: '0', end: String(Date.now() / 1_000 + 3_600) });
    const answer = await fetch(`${victoria}/api/v1/export?${parameters}`);
    const lines = (await answer.text()).split('\n').filter(Boolean);
    return lines
      .map((line) => JSON.parse(line) as { values: number[]; timestamps: number[] })
      .flatMap(({ values, timestamps }) => timestamps.map((timeMs, i) => ({ timeMs, value: values[i]! })))
      .sort((a, b) => a.timeMs - b.timeMs);
  }

  async function assertEachOnce(fromMs: number): Promise<void> {
    const samples = await stored();
    const times = samples.map(({ timeMs }) => timeMs).filter((timeMs) => timeMs >= fromMs);
    assert.deepEqual(
      times.filter((timeMs, i) => timeMs === times[i - 1]),
      [],
      'sent twice',
    );
  }

  async function until(reachesMs: number): Promise<void> {
    await eventually('the curve goes on', async () => ((await stored()).at(-1)?.timeMs ?? 0) >= reachesMs);
  }

  before(async () => {
    const shop = new Shop();
    const target = await startScrapeTarget(cleanup, shop.series);
    victoria = (await startVictoriaMetrics(cleanup)).url;
    prometheus = (await startPrometheus(cleanup, { scrapeTargets: [target] })).url;
    const configuration = {
      ...fastClock([
        { name: 'victoria', url: `${victoria}/api/v1/write`, future: '4m' },
        { name: 'prometheus', url: `${prometheus}/api/v1/write`, future: '4m' },
      ]),
      engine: { snapshot_interval: '1s' },
    };
    const folder = join(await temporaryFolder(cleanup), 'data');
    sentio = await startSentio(cleanup, configuration, { flags: [`--storage.path=${folder}`] });
    let sentMs = Math.floor(Date.now() / 1_000) * 1_000 - 15 * DAY_MS;
    const feed = async () => {
      const nowMs = Math.floor(Date.now() / 1_000) * 1_000;
      if (nowMs <= sentMs) return;
      await sendSeries(sentio.writeUrl, shop.past({ ...LABELS, ...EXTERNAL_LABELS }, sentMs, nowMs));
      sentMs = nowMs;
    };
    await feed();
    const feeder = (async () => {
      while (!feeding.signal.aborted) {
        // While it is being restarted nobody listens; what is missed is sent next time.
        await feed().catch(() => {});
        await sleep(500);
      }
    })();
    cleanup.add(async () => {
      feeding.abort();
      await feeder;
    });
    await eventually('a curve is stored', async () => (await stored()).length >= 58);
  });
  after(() => cleanup.run());

  it('stores the whole curve at first, as remote_read and the query API serve it', async () => {
    const samples = await stored();
    const newestMs = samples.at(-1)!.timeMs;
    assert.ok(newestMs > Date.now() + FUTURE_MS - 30_000, 'it reaches four minutes ahead');
    for (const [i, { timeMs }] of samples.entries()) {
      if (i > 0) assert.equal(timeMs - samples[i - 1]!.timeMs, SPACING_MS);
    }
    // Asked of the store by its own query API, ahead of the clock.
    const range = { startMs: newestMs - 60_000, endMs: newestMs, stepMs: SPACING_MS };
    const [fromStore] = await queryRange(victoria, CURVE, range);
    assert.equal(fromStore!.points.length, 16);
    const [fromSentio] = await queryRange(`${sentio.url}/prometheus`, CURVE, range);
    assert.deepEqual(fromStore!.labels, fromSentio!.labels);
  });

  it('goes on as time brings instants into view, each once', async () => {
    await until((await stored()).at(-1)!.timeMs + 3 * SPACING_MS);
    await assertEachOnce(0);
  });

  it('leaves no gap and sends nothing twice over an orderly restart', async () => {
    const beforeMs = (await stored()).at(-1)!.timeMs;
    sentio.process.signal('SIGTERM');
    await sentio.process.exited;
    await sentio.restart();
    await until(beforeMs + 3 * SPACING_MS);
    await assertEachOnce(0);
    const times = (await stored()).map(({ timeMs }) => timeMs);
    assert.ok(
      times.every((timeMs, i) => i === 0 || timeMs - times[i - 1]! === SPACING_MS),
      'no gap',
    );
  });

  it('sends nothing twice after it was killed', async () => {
    sentio.process.signal('SIGKILL');
    await sentio.process.exited;
    await sentio.restart();
    await eventually('it publishes again', async () => {
      const samples = await query(victoria, 'shop_queue_yhat{horizon="",sentio=""}[5s]');
      return (samples[0]?.points.length ?? 0) >= 3;
    });
    await assertEachOnce(0);
  });

  it('recognises a Prometheus, says so, and sends it everything else', async () => {
    const complaints = warnings(sentio.process).filter((line) => line.includes('is a Prometheus'));
    assert.equal(complaints.length, 1);
    assert.match(complaints[0]!, /"target":"prometheus".*"version":"/);
    await eventually(
      'forecasts arrive',
      async () => (await query(prometheus, 'shop_queue_yhat{horizon=""}')).length > 0,
    );
    const rangeMs = Date.now() + FUTURE_MS;
    assert.deepEqual(await query(prometheus, `${CURVE}[10m]`, rangeMs), []);
    const metrics = await readMetrics(sentio.url);
    assert.equal(metrics.sum('sentio_remote_write_future_open', { target: 'victoria' }), 1);
    assert.equal(metrics.sum('sentio_remote_write_future_open', { target: 'prometheus' }), 0);
    // It is not damaged: its scrapes still succeed.
    await eventually('it scrapes', async () => (await query(prometheus, 'up == 1')).length > 0);
  });
});
