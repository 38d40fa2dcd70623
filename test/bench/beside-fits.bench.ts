import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Pool } from 'undici';
import { parseConfig } from '#src/config/load.js';
import { FitPool } from '#src/forecast/pool/fit-pool.js';
import { createServer } from '#src/http/server.js';
import { SeriesStore } from '#src/series/series-store.js';
import { compress } from '#src/wire/core/snappy.js';
import { DAY } from '../fixtures.js';
import { makeAccess } from '../http/access-fixture.js';
import { FleetShapes } from './fleet-shapes.js';
import { postWrite } from './post-write.js';
import { median, printTable } from './timing.js';
import { WriteWorkload } from './write-workload.js';

const SERIES = 20_000;
const FITS_IN_FLIGHT_PER_THREAD = 32;
const PHASE_MS = 8_000;
const ROUNDS = 3;
/** Between two scrapes. */
const PAUSE_MS = 20;

/** Samples by HTTP, by turns alone and beside as many threads as there are cores that fit one series after the other. */
export async function bench(): Promise<Record<string, unknown>> {
  const shapes = new FleetShapes();
  const workload = new WriteWorkload(SERIES);
  const registry = new Registry();
  const log = pino({ level: 'warn' }, pino.destination(2));
  const config = parseConfig(
    `receiver: {max_series: ${SERIES}}\nrules: [{name: all, match: ['{__name__=~".+"}'], aggregate: mean}]`,
    '.',
  );
  const { seriesIdleTimeoutMs } = config.engine;
  const { prophet } = config.rules[0]!.settings;
  const chooseRule = () => config.rules[0];
  const store = new SeriesStore({ ...config.receiver, seriesIdleTimeoutMs, maxIgnoredBytes: 1e6, chooseRule, log });
  const now = Date.now;
  const server = createServer({
    ...{ store, settings: config.receiver, log, registry, now },
    access: makeAccess(),
    ready: () => undefined,
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const client = new Pool(`http://127.0.0.1:${(server.server.address() as AddressInfo).port}`);
  const threads = availableParallelism();
  const inFlight = threads * FITS_IN_FLIGHT_PER_THREAD;
  const pool = new FitPool({ threads, maxQueue: inFlight, timeoutMs: 60_000, log, registry });

  /** Sends a sample of every series; returns how long each request took, in ms. */
  const ingest = async (ageMs: number): Promise<number[]> => {
    const tookMs: number[] = [];
    for (let i = 0; i < workload.requests; i++) {
      const timeMs = now() - ageMs;
      const body = compress(workload.request(i, timeMs, (series) => shapes.valueAt(series, timeMs)));
      const started = performance.now();
      await postWrite(client, body);
      tookMs.push(performance.now() - started);
    }
    return tookMs;
  };
  await ingest(14.9 * DAY);
  await ingest(0);
  shapes.fillBucket(store);
  const ids = [...store.ids()];

  let next = 0;
  let fits = 0;
  let isFitting = false;
  const fitOn = async () => {
    while (isFitting) {
      await pool.fit({ view: store.trainingView(ids[next++ % ids.length]!), prophet });
      fits++;
    }
  };
  const measure = async () => {
    const requestsMs: number[] = [];
    fits = 0;
    for (const endMs = performance.now() + PHASE_MS; performance.now() < endMs; await sleep(PAUSE_MS))
      requestsMs.push(...(await ingest(0)));
    const sorted = requestsMs.toSorted((a, b) => a - b);
    return {
      'fits/s': (fits * 1000) / PHASE_MS,
      'request, median ms': median(requestsMs),
      'request, p99 ms': sorted[Math.floor(sorted.length * 0.99)]!,
      'samples/s while sending':
        (requestsMs.length * workload.samplesPerRequest * 1000) / requestsMs.reduce((sum, ms) => sum + ms, 0),
    };
  };
  // The first phase warms up.
  await measure();
  const alone: Awaited<ReturnType<typeof measure>>[] = [];
  const beside: Awaited<ReturnType<typeof measure>>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await measure());
    isFitting = true;
    const fitting = Array.from({ length: inFlight }, fitOn);
    beside.push(await measure());
    isFitting = false;
    await Promise.all(fitting);
  }
  await Promise.all([client.close(), server.close(), pool.close()]);
  printTable([
    ...alone.map((figures) => ({ what: 'alone', ...figures })),
    ...beside.map((figures) => ({ what: `beside ${threads} threads of fits`, ...figures })),
  ]);
  const rate = (phases: typeof alone) => median(phases.map((phase) => phase['samples/s while sending']));
  return {
    threads,
    fitsPerSecond: Math.round(median(beside.map((phase) => phase['fits/s']))),
    ingestSlowdown: Number((rate(alone) / rate(beside)).toFixed(2)),
  };
}
