import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { compress } from '#src/wire/core/snappy.js';
import type { Child } from '../harness/child.js';
import { Cleanup } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { startPrometheus } from '../harness/prometheus.js';
import { startSentio } from '../harness/sentio.js';
import { startVictoriaMetrics } from '../harness/victoria-metrics.js';
import { cpuSecondsOf } from './cpu-seconds.js';
import { WriteWorkload } from './write-workload.js';

const SERIES = 10_000;
const STEP_MS = 15_000;
const WARMUP_ROUNDS = 30;
const ROUNDS = 150;
/** Requests under way at one time, as from that many shards of a Prometheus. */
const CONNECTIONS = 4;
/** Work that a receiver puts off is its work too. */
const SETTLE_MS = 3_000;

interface Receiver {
  readonly url: string;
  readonly process: Child;
}

/**
 * Remote-write over loopback HTTP into Sentio, Prometheus and VictoriaMetrics, one after the other, each fed the same
 * bytes: samples/s by the clock, with the sender on the same machine, and CPU seconds of the receiver's whole process.
 */
export async function bench(): Promise<Record<string, unknown>> {
  const absent = skipUnlessInstalled('prometheus', 'victoria-metrics');
  if (absent !== false) console.log(`skipping what is ${absent}`);
  const receivers: [name: string, start: (cleanup: Cleanup) => Promise<Receiver>][] = [
    ['sentio', (cleanup) => startSentio(cleanup, {}, { flags: ['--log.level=warn'] })],
  ];
  if (absent === false) {
    receivers.push(['prometheus', startPrometheus], ['victoriametrics', startVictoriaMetrics]);
  }
  const requests = makeRequests();
  const samplesPerSecond: Record<string, number> = {};
  const cpuSecondsPerMillion: Record<string, number> = {};
  for (const [name, start] of receivers) {
    const cleanup = new Cleanup();
    try {
      const { samples, seconds, cpuSeconds } = await measure(await start(cleanup), requests);
      samplesPerSecond[name] = Math.round(samples / seconds);
      cpuSecondsPerMillion[name] = Number(((cpuSeconds / samples) * 1e6).toFixed(3));
    } finally {
      await cleanup.run();
    }
    console.log(
      `${name.padEnd(16)}${samplesPerSecond[name]!.toLocaleString('en').padStart(10)} samples/s` +
        `${cpuSecondsPerMillion[name]!.toFixed(2).padStart(8)} CPU s per million samples`,
    );
  }
  return { samplesPerSecond, cpuSecondsPerMillion };
}

/** All rounds of the workload, compressed, the last one stamped now. */
function makeRequests(): Uint8Array[][] {
  const workload = new WriteWorkload(SERIES);
  const endMs = Date.now();
  return Array.from({ length: WARMUP_ROUNDS + ROUNDS }, (_, round) =>
    workload.round(endMs - (WARMUP_ROUNDS + ROUNDS - round) * STEP_MS).map((body) => compress(body)),
  );
}

async function measure({ url, process }: Receiver, requests: Uint8Array[][]) {
  const pool = new Pool(url, { connections: CONNECTIONS });
  try {
    await send(pool, requests.slice(0, WARMUP_ROUNDS));
    await sleep(SETTLE_MS);
    const cpuBefore = cpuSecondsOf(process.pid);
    const started = performance.now();
    await send(pool, requests.slice(WARMUP_ROUNDS));
    const seconds = (performance.now() - started) / 1000;
    await sleep(SETTLE_MS);
    return { samples: ROUNDS * SERIES, seconds, cpuSeconds: cpuSecondsOf(process.pid) - cpuBefore };
  } finally {
    await pool.close();
  }
}

/** Sends round after round: within a series, time must ascend. */
async function send(pool: Pool, rounds: Uint8Array[][]): Promise<void> {
  for (const round of rounds) await Promise.all(round.map((body) => post(pool, body)));
}

async function post(pool: Pool, body: Uint8Array): Promise<void> {
  const answer = await pool.request({
    method: 'POST',
    path: '/api/v1/write',
    headers: {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    body,
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 204) throw new Error(`POST /api/v1/write: ${answer.statusCode} ${text}`);
}
