// A fleet under load: `npm run bench -- fleet [SERIES] [MINUTES] [REFIT_INTERVAL]`.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { parseConfig } from '#src/config/load.js';
import { Engine } from '#src/engine/engine.js';
import { FitPool } from '#src/forecast/fit-pool.js';
import { RemoteWriter } from '#src/remote/remote-writer.js';
import { SeriesStore } from '#src/series/series-store.js';
import { compress } from '#src/wire/snappy.js';
import { WriteReceiver } from '#src/wire/write-receiver.js';
import { serverLoad } from '../forecast/series.js';
import { printTable } from './timing.js';
import { WriteWorkload } from './write-workload.js';

const MINUTE_MS = 60_000;
const SLOT_MS = 10 * MINUTE_MS;
const SLOTS = 15 * 144;
const EVAL = process.env.SENTIO_EVAL_DIR ?? join(import.meta.dirname, '../../../shared/eval');

/**
 * Series with 15 days of history in real shapes (of `shared/eval`, where that is there; else made up) and a sample of each
 * every minute. By default a refit of each is due after every sample, more than the pool can do, so that it never idles:
 * what the fleet sustains an hour is its fits in that time. With an interval that the pool can keep, the lag says whether
 * it does. What samples cost meanwhile is compared with what they cost without fits.
 */
export async function bench([seriesArg = '40000', minutesArg = '3', refitInterval = '1m']: string[]): Promise<
  Record<string, unknown>
> {
  const seriesCount = Number(seriesArg);
  const minutes = Number(minutesArg);
  const shapes = readShapes();
  const rssBefore = process.memoryUsage.rss();
  const registry = new Registry();
  const log = pino({ level: 'warn' }, pino.destination(2));
  const config = parseConfig(
    `receiver: {max_series: ${seriesCount}}\nrules: [{name: all, match: ['{__name__=~".+"}'], aggregate: mean, refit_interval: ${refitInterval}}]`,
    '.',
  );
  const store = new SeriesStore({
    ...config.receiver,
    seriesIdleTimeoutMs: config.engine.seriesIdleTimeoutMs,
    maxIgnoredBytes: 2 ** 20,
    chooseRule: () => config.rules[0],
    log,
  });
  const receiver = new WriteReceiver(store, config.receiver);
  const workload = new WriteWorkload(seriesCount);
  /** Takes in one sample of every series; returns the time a sample took, in µs. */
  const ingest = async (timeMs: number): Promise<number> => {
    let spentMs = 0;
    for (const request of workload.round(timeMs).map((body) => compress(body))) {
      const started = performance.now();
      receiver.receive(request, '1.0', timeMs);
      spentMs += performance.now() - started;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return (spentMs * 1000) / seriesCount;
  };

  await ingest(Date.now());
  fillHistory(store, shapes);
  // The first rounds warm up.
  const idleMicros: number[] = [];
  for (let i = 0; i < 15; i++) idleMicros.push(await ingest(Date.now()));
  idleMicros.splice(0, 10);

  const threads = availableParallelism();
  const pool = new FitPool({ threads, maxQueue: threads * 3, timeoutMs: 60_000, log, registry });
  const writer = new RemoteWriter({ targets: [], userAgent: 'bench', log, now: Date.now, registry });
  const engine = new Engine({
    store,
    pool,
    fitConcurrency: threads * 3,
    externalLabels: [],
    writer,
    log,
    now: Date.now,
    registry,
  });
  const fits = async () =>
    (await registry.getSingleMetric('sentio_fits_total')!.get()).values.reduce((sum, { value }) => sum + value, 0);
  const lagSeconds = async () => (await registry.getSingleMetric('sentio_refit_lag_seconds')!.get()).values[0]!.value;
  const delay = monitorEventLoopDelay({ resolution: 10 });

  engine.start();
  await sleep(5_000);
  const rssWarm = process.memoryUsage.rss();
  delay.enable();
  const before = { fits: await fits(), cpu: process.cpuUsage(), atMs: performance.now() };
  const busyMicros: number[] = [];
  const lagsSeconds: number[] = [];
  for (let minute = 0; minute < minutes; minute++) {
    const startedMs = performance.now();
    busyMicros.push(await ingest(Date.now()));
    await sleep(Math.max(0, MINUTE_MS - (performance.now() - startedMs)));
    lagsSeconds.push(await lagSeconds());
    console.log(
      `minute ${minute + 1}: ${(await fits()) - before.fits} fits, lag ${lagsSeconds.at(-1)!.toFixed(1)} s, ` +
        `RSS ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB, a sample ${busyMicros.at(-1)!.toFixed(2)} µs`,
    );
  }
  const seconds = (performance.now() - before.atMs) / 1000;
  const { user, system } = process.cpuUsage(before.cpu);
  const fitted = (await fits()) - before.fits;
  const rssAfter = process.memoryUsage.rss();
  engine.stop();
  await writer.close(0);
  await pool.close();

  const fitsPerSecond = fitted / seconds;
  const slowdown = median(busyMicros) / median(idleMicros);
  printTable([
    { what: 'fits/s of wall time', figure: fitsPerSecond },
    { what: 'fits/s of a core', figure: fitted / ((user + system) / 1e6) },
    { what: 'ingest beside fits / without', figure: slowdown },
    { what: 'event loop delay, p99, ms', figure: delay.percentile(99) / 1e6 },
    { what: 'RSS at the end / after 5 s', figure: rssAfter / rssWarm },
  ]);
  return {
    series: seriesCount,
    seriesPerHour: Math.round(fitsPerSecond * 3600),
    bytesPerSeries: Math.round((rssAfter - rssBefore) / seriesCount),
    maxLagSeconds: Number(Math.max(...lagsSeconds).toFixed(1)),
    ingestSlowdown: Number(slowdown.toFixed(2)),
    eventLoopP99Ms: Number((delay.percentile(99) / 1e6).toFixed(1)),
  };
}

/** Gives every series one of the shapes as its past. */
function fillHistory(store: SeriesStore, shapes: readonly Float64Array[]): void {
  const endMs = Date.now();
  const startMs = Math.ceil((endMs - (SLOTS - 1) * SLOT_MS) / SLOT_MS) * SLOT_MS;
  const timesMs = Float64Array.from({ length: SLOTS - 1 }, (_, slot) => startMs + slot * SLOT_MS);
  for (const id of store.ids()) {
    const shape = shapes[id % shapes.length]!;
    store.backfill(id, { timesMs, values: shape.subarray(0, timesMs.length) });
  }
}

/** 15 days of ten-minute means of every labelled series there is, in the order of their names; short ones are repeated. */
function readShapes(): Float64Array[] {
  const folder = join(EVAL, 'public');
  if (!existsSync(folder)) {
    console.log(`${folder} is not there: the shapes are made up`);
    return Array.from({ length: 20 }, (_, seed) => serverLoad(SLOTS / 6, 6, seed).values);
  }
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /.+\/.+\.csv$/.test(path))
    .sort();
  return files.map((path) => {
    const means = new Map<number, { sum: number; count: number }>();
    for (const line of readFileSync(join(folder, path), 'utf8').split('\n').slice(1)) {
      const [time, value] = line.split(',');
      if (value === undefined || value === '') continue;
      const slot = Math.floor((Number(time) * 1000) / SLOT_MS);
      const mean = means.get(slot) ?? { sum: 0, count: 0 };
      mean.sum += Number(value);
      mean.count++;
      means.set(slot, mean);
    }
    const values = [...means.values()].map(({ sum, count }) => sum / count);
    return Float64Array.from({ length: SLOTS }, (_, i) => values[i % values.length]!);
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
