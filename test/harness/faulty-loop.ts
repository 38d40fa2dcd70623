import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Cleanup, temporaryFolder } from './cleanup.js';
import { type SettableClock, settableClock } from './clock.js';
import { expectedSteps } from './expected-steps.js';
import { type Gate, startGate } from './gate.js';
import { getJson } from './json-api.js';
import { EXTERNAL_LABELS, fastClock, SHIPPED_WRITE_RELABEL_CONFIGS } from './loop.js';
import { readMetrics } from './metrics-page.js';
import { freePort } from './port.js';
import { type Prometheus, type PrometheusOptions, startPrometheus } from './prometheus.js';
import { query, queryValue } from './promql.js';
import { sendSeries } from './remote-write.js';
import { startScrapeTarget } from './scrape-target.js';
import { type Sentio, startSentio } from './sentio.js';
import { type SmallDisk, smallDisk } from './small-disk.js';
import { longestGapMs, storedSamples } from './stored-samples.js';
import { eventually } from './wait.js';
import { DAY_MS, Shop } from './workload.js';

const STEP_MS = 1_000;
const SOURCES = '{job="shop", __name__=~"shop_(orders|requests_total|capacity|queue|worker_load)"}';

/**
 * A shop scraped four times a step, its Prometheus, and a Sentio that keeps snapshots, reads its history from there and
 * writes its forecasts back, both through a gate.
 */
export interface FaultyLoop {
  readonly prometheus: Prometheus;
  readonly sentio: Sentio;
  readonly gate: Gate;
  readonly clock: SettableClock;
  /** Where Sentio keeps its snapshots. */
  readonly folder: string;
  /** That folder's disk, where it has one of its own. */
  readonly disk: SmallDisk | undefined;
}

/** Starts the loop with a quarter of an hour of the past in Prometheus, and waits until Sentio has learnt it and saved that. */
export async function startFaultyLoop(cleanup: Cleanup): Promise<FaultyLoop> {
  const disk = await smallDisk(cleanup, 16);
  const folder = join(disk?.folder ?? (await temporaryFolder(cleanup)), 'data');
  const shop = await startNewShop(cleanup);
  const sentioPort = await freePort();
  const prometheus = await startPrometheus(cleanup, {
    ...scraping(shop),
    remoteWriteUrl: `http://127.0.0.1:${sentioPort}/api/v1/write`,
  });
  await shop.open(prometheus);
  const gate = await startGate(cleanup, prometheus.address);
  const clock = await settableClock(cleanup);
  const sentio = await startSentio(cleanup, faultySettings({ target: gate.url, database: gate.url }), {
    port: sentioPort,
    flags: [`--storage.path=${folder}`],
    env: clock.env,
  });
  await untilLearnt({ prometheus, sentio });
  return { prometheus, sentio, gate, clock, folder, disk };
}

/** A shop to be scraped, which sells nothing before it is open. */
export interface NewShop {
  /** `host:port`. */
  readonly instance: string;
  /** Gives a Prometheus a quarter of an hour of its past, and has it sell from then on. */
  open(prometheus: Prometheus): Promise<void>;
}

export async function startNewShop(cleanup: Cleanup): Promise<NewShop> {
  const shop = new Shop();
  const life = { startMs: Number.POSITIVE_INFINITY };
  const instance = await startScrapeTarget(
    cleanup,
    shop.series.map((series) => ({
      ...series,
      valueAt: (timeMs) => (timeMs < life.startMs ? undefined : series.valueAt(timeMs)),
    })),
  );
  return {
    instance,
    open: async ({ url }) => {
      const nowMs = Math.floor(Date.now() / STEP_MS) * STEP_MS;
      const past = shop.past({ instance, job: 'shop' }, nowMs - 15 * DAY_MS, nowMs);
      await sendSeries(`${url}/api/v1/write`, past);
      life.startMs = nowMs;
    },
  };
}

/** How Prometheus scrapes the shop, and what it sends on. */
export function scraping({ instance }: NewShop): PrometheusOptions {
  return {
    scrapeTargets: [instance],
    scrapeIntervalSeconds: STEP_MS / 4_000,
    externalLabels: EXTERNAL_LABELS,
    writeRelabelConfigs: SHIPPED_WRITE_RELABEL_CONFIGS,
  };
}

/** The configuration of a Sentio that writes to `target` and reads from `database`, by their URLs. */
export function faultySettings({ target, database }: { target: string; database: string }) {
  const fast = fastClock([
    {
      url: `${target}/api/v1/write`,
      remote_timeout: '2s',
      queue_config: { max_backoff: '500ms', batch_send_deadline: '1s' },
    },
  ]) as { rules: object[] };
  return {
    ...fast,
    rules: [{ ...fast.rules[0], resolution: '5s' }],
    remote_read: [{ url: `${database}/api/v1/read`, pause: '10ms', remote_timeout: '5s' }],
    engine: { snapshot_interval: '2s' },
  };
}

/** Waits until all that is scraped is forecast, and what makes the forecasts is in a snapshot. */
export async function untilLearnt({ prometheus, sentio }: Ends): Promise<void> {
  await eventually('forecasts of all that is scraped have come round', async () => {
    const { length } = await query(prometheus.url, `{__name__=~"shop_.+_yhat", horizon=""}`);
    return length === new Shop().series.length;
  });
  const learntMs = Date.now();
  await eventually('what makes them is in a snapshot', async () => {
    const metrics = await readMetrics(sentio.url);
    return metrics.sum('sentio_snapshot_last_success_timestamp_seconds')! * 1_000 > learntMs + STEP_MS;
  });
}

/** The two ends of a loop. */
export type Ends = Pick<FaultyLoop, 'prometheus' | 'sentio'>;

/** Waits until Sentio's steps in [fromMs, toMs] are what the samples in Prometheus make; fails with where they are not. */
export async function assertRingsAreWhole({ prometheus, sentio }: Ends, fromMs: number, toMs: number) {
  const difference = async () => {
    const seconds = Math.ceil((toMs - fromMs) / 1_000) + 60;
    const stored = await query(prometheus.url, `${SOURCES}[${seconds}s]`, toMs - 1);
    assert.equal(stored.length, 6);
    const parameters = new URLSearchParams({
      'match[]': SOURCES,
      start: String(fromMs / 1_000),
      end: String(toMs / 1_000),
      step: '1m',
    });
    const { data } = (await getJson(`${sentio.url}/api/v1/forecast?${parameters}`)) as { data: Curve[] };
    const found: string[] = [];
    for (const series of stored) {
      const name = JSON.stringify(series.labels);
      const wanted = expectedSteps(series, STEP_MS);
      const curve = data.find(({ metric }) => Object.entries(metric).every(([key, v]) => series.labels[key] === v));
      const { times = [], values = [], steps_from: stepsFrom = null } = curve?.observed ?? {};
      // Where the first steps are empty there is a coarse bucket before the others.
      const held = new Map(times.map((time, i) => [time, time >= (stepsFrom ?? Infinity) ? values[i] : undefined]));
      for (let middle = fromMs / 1_000 + 0.5; middle < toMs / 1_000; middle++) {
        const [want, have] = [wanted.get(middle), held.get(middle)];
        const isSame = want === have || Math.abs(want! - have!) <= 1e-9 * Math.abs(want!);
        if (!isSame) found.push(`${name} at ${middle}: ${have} instead of ${want}`);
      }
    }
    return found;
  };
  await eventually('the rings are whole', async () => (await difference()).length === 0, {
    intervalMs: 500,
  }).catch(() => {});
  assert.deepEqual(await difference(), []);
}

interface Curve {
  readonly metric: Readonly<Record<string, string>>;
  readonly observed: {
    readonly times: number[];
    readonly values: (number | null)[];
    readonly steps_from: number | null;
  };
}

/** The longest stretch of [fromMs, toMs] without an interval, of the series that are there all the time. */
export async function longestForecastGapMs(
  { prometheus }: Pick<Ends, 'prometheus'>,
  fromMs: number,
  toMs: number,
): Promise<number> {
  let gapMs = 0;
  for (const name of ['shop_queue_yhat', 'shop_capacity_yhat_upper', 'shop_requests_total_rate_yhat_lower']) {
    const samples = await storedSamples(prometheus.url, `${name}{horizon=""}`, { startMs: fromMs, endMs: toMs });
    gapMs = Math.max(gapMs, longestGapMs([{ timeMs: fromMs }, ...samples, { timeMs: toMs }]));
  }
  return gapMs;
}

/** Evaluations that Sentio has skipped since it started. */
export async function skippedEvaluations({ sentio }: Pick<Ends, 'sentio'>): Promise<number> {
  return (await readMetrics(sentio.url)).sum('sentio_evaluations_skipped_total') ?? 0;
}

/** The timestamp of the newest forecast that Prometheus has, in Unix milliseconds; 0 where it has none. */
export async function lastForecastMs({ prometheus }: Pick<Ends, 'prometheus'>): Promise<number> {
  return ((await queryValue(prometheus.url, 'timestamp(shop_queue_yhat{horizon=""})')) ?? 0) * 1_000;
}

export function floorToStep(timeMs: number): number {
  return Math.floor(timeMs / STEP_MS) * STEP_MS;
}
