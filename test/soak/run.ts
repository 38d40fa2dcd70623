// `npm run soak -- --minutes N`: load, churn, reloads and readers at half of the capacity; a table for people, then one line of JSON.

import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Pool } from 'undici';
import { compress } from '#src/wire/core/snappy.js';
import { WriteWorkload } from '../bench/write-workload.js';
import { Cleanup } from '../harness/cleanup.js';
import { type MetricsPage, readMetrics } from '../harness/metrics-page.js';
import { startSentio } from '../harness/sentio.js';
import { startReaders } from './readers.js';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });
const totalMs = Number(values.minutes) * 60_000;

const SERIES = 20_000;
const CONNECTIONS = 4;
const CAPACITY_MS = 20_000;
const STEP_MS = 10_000;
/** A tenth of the series is replaced this often: every 5 minutes, or twelve times where there is less than an hour. */
const CHURN_MS = Math.min(300_000, totalMs / 12);
/** As long as replaced series stay, there are more and more: until they begin to go, it is warming up. */
const WARM_UP_MS = 5 * CHURN_MS;
const IDLE_MS = Math.max(3 * STEP_MS, 2 * CHURN_MS);
const RELOAD_MS = 60_000;
const OBSERVE_MS = 5_000;
const LAGS = ['0.3', '1', '3', '10', '+Inf'];

interface Observation {
  readonly atMs: number;
  readonly residentBytes: number;
  readonly loopP99Ms: number;
  /** Of a thread beside it that does nothing. */
  readonly idleLoopP99Ms: number;
  /** Evaluations that ended so many seconds after they were due at most, since the start, by that number. */
  readonly evaluations: ReadonlyMap<string, number>;
  readonly series: number;
}

const cleanup = new Cleanup();
try {
  const sink = new Worker(new URL('../bench/sink.js', import.meta.url));
  cleanup.add(async () => void (await sink.terminate()));
  const idleLoop = new Worker(new URL('idle-loop.js', import.meta.url));
  cleanup.add(async () => void (await idleLoop.terminate()));
  const [sinkPort] = (await once(sink, 'message')) as [number];
  const configuration = {
    remote_write: [{ url: `http://127.0.0.1:${sinkPort}/api/v1/write` }],
    engine: { series_idle_timeout: `${IDLE_MS / 1000}s`, snapshot_interval: '1m' },
    defaults: { step: `${STEP_MS / 1000}s`, history: '1d', refit_interval: '10m' },
    rules: [{ name: 'all', match: ['{__name__=~".+"}'] }],
  };
  const sentio = await startSentio(cleanup, configuration, { flags: ['--log.level=warn'] });
  const pool = new Pool(sentio.url, { connections: CONNECTIONS });
  cleanup.add(() => pool.close());
  const workload = new WriteWorkload(SERIES);
  let sent = 0;
  const statuses = new Map<number, number>();
  const send = async (request: number) => {
    const body = compress(workload.request(request, Date.now()));
    for (;;) {
      const answer = await pool.request({
        method: 'POST',
        path: '/api/v1/write',
        headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
        body,
      });
      await answer.body.dump();
      statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
      if (answer.statusCode !== 503) break;
      await sleep(1_000 * Number(answer.headers['retry-after'] ?? 1));
    }
    sent += workload.samplesPerRequest;
  };

  // As fast as it goes: what of a request waits for the ones before it is the sender's.
  let next = 0;
  const capacityEndMs = Date.now() + CAPACITY_MS;
  const startedMs = Date.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (Date.now() < capacityEndMs) await send(next++ % workload.requests);
    }),
  );
  const capacity = sent / ((Date.now() - startedMs) / 1000);
  const rate = capacity / 2;
  console.log(`capacity ${Math.round(capacity)} samples/s; from now on half of it for ${values.minutes} min`);

  const stop = new AbortController();
  const readers = startReaders(sentio.url, stop.signal);
  const observations: Observation[] = [];
  let unanswered = 0;
  const beginMs = Date.now();
  const sentBefore = sent;
  const observing = (async () => {
    for (let nextReloadMs = beginMs + RELOAD_MS; !stop.signal.aborted; await sleep(OBSERVE_MS)) {
      const metrics = await readMetrics(sentio.url).catch(() => undefined);
      if (metrics === undefined) unanswered++;
      else {
        idleLoop.postMessage('next');
        const [idleLoopP99Ms] = (await once(idleLoop, 'message')) as [number];
        observations.push({ ...observe(metrics), idleLoopP99Ms });
      }
      if (Date.now() < nextReloadMs) continue;
      nextReloadMs += RELOAD_MS;
      const text = await readFile(sentio.configFile, 'utf8');
      await writeFile(sentio.configFile, `${text} `);
      sentio.process.signal('SIGHUP');
    }
  })();
  let replaced = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (Date.now() < beginMs + totalMs) {
        const dueMs = beginMs + ((sent - sentBefore) / rate) * 1000;
        if (dueMs > Date.now()) await sleep(dueMs - Date.now());
        if (Date.now() > beginMs + (replaced + 1) * CHURN_MS) workload.replace(replaced++ % workload.requests);
        await send(next++ % workload.requests);
      }
    }),
  );
  stop.abort();
  await Promise.all([observing, readers.done]);

  await sleep(OBSERVE_MS);
  const metrics = await readMetrics(sentio.url);
  const counted = metrics.sum('sentio_receiver_samples_total') ?? 0;
  const warm = observations.filter(({ atMs }) => atMs >= beginMs + WARM_UP_MS);
  const quarter = Math.ceil(warm.length / 4);
  const first = mean(warm.slice(0, quarter).map(({ residentBytes }) => residentBytes));
  const last = mean(warm.slice(-quarter).map(({ residentBytes }) => residentBytes));
  const result = {
    minutes: Number(values.minutes),
    capacity: Math.round(capacity),
    samples: sent,
    counted,
    stored: metrics.sum('sentio_receiver_samples_total', { outcome: 'stored' }),
    replaced: replaced * workload.samplesPerRequest,
    trackedSeries: warm.at(-1)?.series,
    residentMib: [Math.round(first / 2 ** 20), Math.round(last / 2 ** 20)],
    residentGrowth: Number((last / first - 1).toFixed(4)),
    loopP99Ms: { median: percentile(warm, 'loopP99Ms', 0.5), p95: percentile(warm, 'loopP99Ms', 0.95) },
    idleLoopP99Ms: { median: percentile(warm, 'idleLoopP99Ms', 0.5), p95: percentile(warm, 'idleLoopP99Ms', 0.95) },
    evaluationsWithin: Object.fromEntries(
      LAGS.map((le) => [`${le} s`, (warm.at(-1)?.evaluations.get(le) ?? 0) - (warm[0]?.evaluations.get(le) ?? 0)]),
    ),
    scrapesUnanswered: unanswered,
    skipped: metrics.sum('sentio_evaluations_skipped_total'),
    failed: metrics.sum('sentio_evaluation_failures_total'),
    statuses: Object.fromEntries(statuses),
    readers: Object.fromEntries([...readers.answers].sort()),
    warnings: sentio.process.stderr.length,
  };
  for (const line of sentio.process.stderr.slice(0, 5)) console.log(`  log: ${line.slice(0, 200)}`);
  for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(18)} ${JSON.stringify(value)}`);
  console.log(JSON.stringify({ soak: 'soak', ...result }));
  if (counted !== sent) {
    console.log(`received ${sent} samples, and counted ${counted}`);
    process.exitCode = 1;
  }
} finally {
  await cleanup.run();
}

function observe(metrics: MetricsPage): Omit<Observation, 'idleLoopP99Ms'> {
  return {
    atMs: Date.now(),
    residentBytes: metrics.sum('process_resident_memory_bytes') ?? 0,
    loopP99Ms: 1000 * (metrics.sum('sentio_event_loop_lag_seconds', { percentile: '99' }) ?? 0),
    evaluations: new Map(LAGS.map((le) => [le, metrics.sum('sentio_evaluation_lag_seconds_bucket', { le }) ?? 0])),
    series: metrics.sum('sentio_series') ?? 0,
  };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function percentile(observations: readonly Observation[], key: 'loopP99Ms' | 'idleLoopP99Ms', share: number): number {
  const sorted = observations.map((observation) => observation[key]).sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
}
