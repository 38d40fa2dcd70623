import { pino } from 'pino';
import { Registry } from 'prom-client';
import { TimeGrid } from '#src/forecast/design/time-grid.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import { fitRobustly } from '#src/forecast/fit/robust-fit.js';
import { evaluate } from '#src/forecast/model/evaluate.js';
import { FitPool } from '#src/forecast/pool/fit-pool.js';
import type { RingView, TrainingView } from '#src/model/samples/ring-view.js';
import { MINUTE, prophetSettings } from '../fixtures.js';
import { serverLoad } from '../forecast/series.js';
import { printTable, timeMs } from './timing.js';

const settings = prophetSettings({ dailySeasonality: true, weeklySeasonality: true });
const SERIES = 64;
const SECONDS = 5;

/**
 * Whole refits with daily and weekly seasonality: fits a second by length, Stan's and exact; with kinds of days; then ring to model through
 * the pool, and a day of forecasts with their interval. A core is a second of processor time of all threads together, so
 * that what hands out and takes back the work counts too.
 */
export async function bench(options: string[]): Promise<Record<string, unknown>> {
  printTable(
    [1008, 2016, 4032, 10080].map((n) => {
      const samples = serverLoad(n / 6, 6, n);
      const fit = (optimizer: 'exact' | 'stan') => () => {
        fitProphet(samples, { ...settings, optimizer });
      };
      const exactMs = timeMs(fit('exact'), 100);
      const stanMs = options.includes('exact') ? Number.NaN : timeMs(fit('stan'), 2);
      return { n, exactMs, 'exact fits/s': 1000 / exactMs, stanMs, 'stan fits/s': 1000 / stanMs };
    }),
  );
  printTable(dayTypesTable());
  const refitsPerSecondPerCore = await runPool(2016);
  const { model } = fitProphet(serverLoad(2016 / 6, 6), settings);
  const timesMs = Float64Array.from({ length: 1440 }, (_, i) => model.lastMs + (i + 1) * MINUTE);
  const forecastMs = timeMs(() => {
    evaluate(model, timesMs, { intervalWidth: 0.95 });
  }, 1000);
  printTable([{ 'forecast of 1,440 steps, ms': forecastMs, 'model, bytes': model.data.byteLength }]);
  return {
    refitsPerSecondPerCore: Math.round(refitsPerSecondPerCore),
    forecastMs: Number(forecastMs.toFixed(3)),
  };
}

/** Fits with kinds of days, on a grid that others used before; `auto` as in the first fit of a day. */
function dayTypesTable(): { day_types: string; fitMs: number }[] {
  const samples = serverLoad(15 * 24, 6, 15 * 144);
  const grid = new TimeGrid(samples.timesMs);
  return ([false, 'weekend', 'auto'] as const).map((dayTypes) => {
    const fit = () => fitRobustly(samples, { ...settings, dayTypes }, { grid });
    fit();
    return { day_types: String(dayTypes), fitMs: timeMs(fit, 200) };
  });
}

async function runPool(n: number): Promise<number> {
  const log = pino({ level: 'silent' });
  const pool = new FitPool({ threads: 1, maxQueue: SERIES, timeoutMs: 10_000, log, registry: new Registry() });
  const views = Array.from({ length: SERIES }, (_, seed) => trainingView(n, seed));
  const refit = (view: TrainingView) => pool.fit({ view, prophet: settings });
  await Promise.all(views.map(refit));

  let fits = 0;
  const before = process.cpuUsage();
  const started = performance.now();
  const end = started + SECONDS * 1000;
  await Promise.all(
    views.map(async (view) => {
      while (performance.now() < end) {
        await refit(view);
        fits++;
      }
    }),
  );
  const wallSeconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6;
  await pool.close();
  printTable([
    { 'through the pool': `n = ${n}`, fits, wallSeconds, cpuSeconds, 'fits/s of wall time': fits / wallSeconds },
  ]);
  return fits / cpuSeconds;
}

function trainingView(n: number, seed: number): TrainingView {
  const { values, timesMs } = serverLoad(n / 6, 6, seed);
  const view = (widthMs: number, capacity: number): RingView => ({
    memory: new SharedArrayBuffer(4 * capacity),
    byteOffset: 0,
    capacity,
    format: 'f32',
    base: values[0]!,
    widthMs,
    newestBucket: Math.floor(timesMs[n - 1]! / widthMs),
  });
  const history = view(10 * MINUTE, n);
  const stored = new Float32Array(history.memory);
  values.forEach((value, i) => {
    stored[Math.floor(timesMs[i]! / history.widthMs) % n] = value - history.base;
  });
  const steps = view(MINUTE, 360);
  new Float32Array(steps.memory).fill(1);
  return { coarse: history, fine: steps, withinBucketVariance: 1 };
}
