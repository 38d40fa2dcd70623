// A fleet under load: `npm run bench -- fleet [SERIES] [HOURS] [PACE]`.
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Pool } from 'undici';
import { parseConfig } from '#src/config/load.js';
import { Engine } from '#src/engine/engine.js';
import { FITS_PER_HANDOVER, FitPool } from '#src/forecast/pool/fit-pool.js';
import { createServer } from '#src/http/server.js';
import { RemoteWriter } from '#src/remote/write/remote-writer.js';
import { SeriesStore } from '#src/series/series-store.js';
import { compress } from '#src/wire/core/snappy.js';
import { MINUTE } from '../fixtures.js';
import { makeAccess } from '../http/access-fixture.js';
import { speedUpClock } from './fast-clock.js';
import { FleetShapes } from './fleet-shapes.js';
import { postWrite } from './post-write.js';
import { median, printTable } from './timing.js';
import { WriteWorkload } from './write-workload.js';

const MINUTES_PER_HOUR = 60;
/** Without fits, at the end, for comparison. */
const QUIET_MINUTES = 20;
const MIB = 2 ** 20;

/**
 * Series at default settings, with 15 days of history in real shapes, on a clock that runs `pace` times as fast: every
 * minute of it a sample of each comes by HTTP, is scored, and its forecast is pushed to a receiver; every hour each is
 * refitted. The hours count from when all of them have their first models; at the end some minutes without fits tell what
 * ingest is like with nothing beside it but publishing. All of it in this process, but for the receiver: another thread.
 */
export async function bench([seriesArg = '100000', hoursArg = '5', paceArg = '12']: string[]): Promise<
  Record<string, unknown>
> {
  const seriesCount = Number(seriesArg);
  const hours = Number(hoursArg);
  const shapes = new FleetShapes();
  const workload = new WriteWorkload(seriesCount);
  const sink = new Worker(new URL('sink.js', import.meta.url));
  const sinkPort = await new Promise<number>((resolve) => sink.once('message', resolve));
  const rssAtStart = process.memoryUsage.rss();

  const sleep = speedUpClock(Number(paceArg));
  const now = Date.now;
  const registry = new Registry();
  const log = pino({ level: 'warn' }, pino.destination(2));
  const config = parseConfig(
    `receiver: {max_series: ${seriesCount}}\n` +
      `remote_write: [{url: 'http://127.0.0.1:${sinkPort}'}]\n` +
      `rules: [{name: all, match: ['{__name__=~".+"}'], aggregate: mean}]`,
    '.',
  );
  const { fitThreads, seriesIdleTimeoutMs } = config.engine;
  const store = new SeriesStore({
    ...config.receiver,
    seriesIdleTimeoutMs,
    maxIgnoredBytes: MIB,
    chooseRule: () => config.rules[0],
    log,
  });
  const fitConcurrency = 2 * fitThreads * FITS_PER_HANDOVER;
  const pool = new FitPool({ threads: fitThreads, maxQueue: fitConcurrency, timeoutMs: 60_000, log, registry });
  let isQuiet = false;
  const gate = {
    fit: (task: Parameters<FitPool['fit']>[0]) => (isQuiet ? new Promise<never>(() => {}) : pool.fit(task)),
  };
  const writer = new RemoteWriter({ targets: config.remoteWrite, userAgent: 'bench', log, now, registry });
  const engine = new Engine({ store, pool: gate, fitConcurrency, externalLabels: [], writer, log, now, registry });
  const server = createServer({
    ...{ store, settings: config.receiver, log, registry, now },
    access: makeAccess(),
    ready: () => undefined,
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const client = new Pool(`http://127.0.0.1:${(server.server.address() as AddressInfo).port}`);

  /** Sends a sample of every series, request after request evenly over `withinMs`; returns how long each took, in ms. */
  const ingest = async (ageMs: number, withinMs: number): Promise<number[]> => {
    const tookMs: number[] = [];
    const startMs = now();
    for (let i = 0; i < workload.requests; i++) {
      await sleep(startMs + (withinMs * i) / workload.requests - now());
      const timeMs = now() - ageMs;
      const noisy = (series: number) => shapes.valueAt(series, timeMs) * (1 + 0.02 * (Math.random() - 0.5));
      const body = compress(workload.request(i, timeMs, noisy));
      const started = performance.now();
      await postWrite(client, body);
      tookMs.push(performance.now() - started);
    }
    return tookMs;
  };
  const total = async (name: string) =>
    (await registry.getSingleMetric(name)!.get()).values.reduce((sum, { value }) => sum + value, 0);

  const { historyMs } = config.rules[0]!.settings;
  await ingest(historyMs - MINUTES_PER_HOUR * MINUTE, 0);
  await ingest(0, 0);
  shapes.fillBucket(store);
  const rssFilled = process.memoryUsage.rss();
  engine.start();

  /** Lets so many minutes pass, unless it is over before; returns what was seen. */
  const track = async (minutes: number, isOver = async () => false) => {
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    const loop = performance.eventLoopUtilization();
    const before = { fits: await total('sentio_fits_total'), cpu: process.cpuUsage(), atMs: performance.now() };
    const requestsMs: number[] = [];
    const lags: number[] = [];
    for (let minute = 0; minute < minutes && !(await isOver()); minute++) {
      const endMs = (Math.floor(now() / MINUTE) + 1) * MINUTE;
      requestsMs.push(...(await ingest(0, endMs - now())));
      await sleep(endMs - now());
      lags.push(await total('sentio_refit_lag_seconds'));
    }
    delay.disable();
    const seconds = (performance.now() - before.atMs) / 1000;
    const { user, system } = process.cpuUsage(before.cpu);
    const fits = (await total('sentio_fits_total')) - before.fits;
    const sorted = requestsMs.toSorted((a, b) => a - b);
    return {
      'fits/s': fits / seconds,
      'lag, max s': Math.max(...lags),
      'request, median ms': median(requestsMs),
      'request, p99 ms': sorted[Math.floor(sorted.length * 0.99)]!,
      'samples/s while sending':
        (workload.samplesPerRequest * requestsMs.length * 1000) / requestsMs.reduce((sum, ms) => sum + ms, 0),
      'main thread busy': performance.eventLoopUtilization(loop).utilization,
      'cores busy': (user + system) / 1e6 / seconds,
      'event loop p99 ms': delay.percentile(99) / 1e6,
      'RSS, MiB': process.memoryUsage.rss() / MIB,
    };
  };
  const seen: Awaited<ReturnType<typeof track>>[] = [];
  const haveAll = async () => (await total('sentio_series_with_forecast')) === seriesCount;
  const first = await track(Number.POSITIVE_INFINITY, haveAll);
  console.log(`first fits: ${JSON.stringify(first, (_, value) => round(value))}`);
  for (let hour = 1; hour <= hours; hour++) {
    seen.push(await track(MINUTES_PER_HOUR));
    console.log(`hour ${hour}: ${JSON.stringify(seen.at(-1), (_, value) => round(value))}`);
  }
  isQuiet = true;
  await sleep(2 * MINUTE);
  const quiet = await track(QUIET_MINUTES);
  const skippedEvaluations = await total('sentio_evaluations_skipped_total');
  const refused = await total('sentio_remote_write_refused_samples_total');
  engine.stop();
  await Promise.all([client.close(), server.close(), writer.close(0), pool.close(), sink.terminate()]);

  const busy = (key: keyof typeof quiet) => median(seen.map((hour) => hour[key]));
  printTable([
    { hour: 'first fits', ...first },
    ...seen.map((figures, i) => ({ hour: `${i + 1}`, ...figures })),
    { hour: 'no fits', ...quiet },
  ]);
  const fitsPerSecond = busy('fits/s');
  return {
    series: seriesCount,
    hours,
    pace: Number(paceArg),
    fitThreads,
    seriesPerHour: Math.round(fitsPerSecond * 3600),
    bytesPerSeries: Math.round((seen.at(-1)!['RSS, MiB'] * MIB - rssAtStart) / seriesCount),
    storeBytesPerSeries: Math.round((rssFilled - rssAtStart) / seriesCount),
    maxLagSeconds: round(Math.max(...seen.map((hour) => hour['lag, max s']))),
    ingestSlowdown: round(quiet['samples/s while sending'] / busy('samples/s while sending')),
    requestMedianSlowdown: round(busy('request, median ms') / quiet['request, median ms']),
    rssFirstMib: round(seen[0]!['RSS, MiB']),
    rssLastMib: round(seen.at(-1)!['RSS, MiB']),
    mainThreadBusy: round(busy('main thread busy')),
    skippedEvaluations,
    refused,
  };
}

function round(value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(3)) : value;
}
