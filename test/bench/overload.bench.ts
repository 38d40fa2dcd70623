import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Pool } from 'undici';
import { compress } from '#src/wire/core/snappy.js';
import { Cleanup } from '../harness/cleanup.js';
import { startSentio } from '../harness/sentio.js';
import { cpuSecondsOf } from './cpu-seconds.js';
import type { Offer, Sent } from './overload-sender.js';
import { SAMPLES_PER_REQUEST, WriteWorkload } from './write-workload.js';

const SERIES = 16_000;
const STEP_MS = 15_000;
const ROUNDS = 40;
const CAPACITY_SECONDS = 10;
/** Of one well-behaved Prometheus. */
const CAPACITY_CONNECTIONS = 8;
/** How much more than the capacity is offered. */
const FACTOR = 3;
/** As many as Sentio lets in, so that the requests wait in Sentio rather than in the sender. */
const CONNECTIONS = 510;
const PROBE_MS = 100;
/** An answer to a write that is as quick as before. */
const RECOVERED_MS = 250;

/**
 * Remote-write at three times the rate that Sentio takes: what it accepts meanwhile beside its capacity, what becomes of the
 * rest, how long `/-/healthy` takes, and how soon a write is as quick as before. `-- SECONDS` is how long (20).
 * Senders share the machine with Sentio: beside each figure is how many cores both took.
 */
export async function bench([seconds = '20']: string[]): Promise<Record<string, unknown>> {
  const cleanup = new Cleanup();
  try {
    const { url, process } = await startSentio(
      cleanup,
      {},
      { flags: ['--log.level=error', `--web.max-connections=${CONNECTIONS + 10}`] },
    );
    const { hostname: host, port } = new URL(url);
    const bodies = makeBodies();
    const address = { host, port: Number(port), requests: bodies.map((body) => httpRequest(host, body)) };
    const atRest = { ...address, connections: CAPACITY_CONNECTIONS };
    await measure(process.pid, { ...atRest, seconds: CAPACITY_SECONDS / 2 });
    const before = await measure(process.pid, { ...atRest, seconds: CAPACITY_SECONDS });
    const perSecond = FACTOR * before.accepted;
    const probe = new Worker(new URL('overload-probe.js', import.meta.url), { workerData: `${url}/-/healthy` });
    cleanup.add(async () => void (await probe.terminate()));
    const overload = await measure(process.pid, {
      ...address,
      connections: CONNECTIONS,
      perSecond,
      seconds: Number(seconds),
    });
    probe.postMessage('end');
    const [healthyMs] = (await once(probe, 'message')) as [number[]];
    const recoverySeconds = await recovery(url, bodies);
    const after = await measure(process.pid, { ...atRest, seconds: CAPACITY_SECONDS });
    // Of a machine that others use too it changes within minutes.
    const capacity = (before.accepted + after.accepted) / 2;
    const result = {
      capacity: Math.round(capacity * SAMPLES_PER_REQUEST),
      capacityBeforeAndAfter: [before, after].map(({ accepted }) => Math.round(accepted * SAMPLES_PER_REQUEST)),
      offered: Math.round(overload.offered * SAMPLES_PER_REQUEST),
      accepted: Math.round(overload.accepted * SAMPLES_PER_REQUEST),
      acceptedShareOfCapacity: round(overload.accepted / capacity),
      statuses: overload.statuses,
      cores: { before: before.cores, overload: overload.cores },
      healthyP50Ms: round(healthyMs[healthyMs.length >> 1]!),
      healthyP99Ms: round(healthyMs[Math.floor(0.99 * healthyMs.length)]!),
      healthyMaxMs: round(healthyMs.at(-1)!),
      recoverySeconds: round(recoverySeconds),
    };
    for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(24)} ${JSON.stringify(value)}`);
    return result;
  } finally {
    await cleanup.run();
  }
}

/** Bodies of rounds that end now, over and over: what comes again costs Sentio as much as what is late. */
function makeBodies(): Uint8Array[] {
  const workload = new WriteWorkload(SERIES);
  const endMs = Date.now();
  return Array.from({ length: ROUNDS }, (_, round) =>
    workload.round(endMs - (ROUNDS - round) * STEP_MS).map((body) => compress(body)),
  ).flat();
}

function httpRequest(host: string, body: Uint8Array): Uint8Array {
  const head =
    `POST /api/v1/write HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/x-protobuf\r\n` +
    `content-encoding: snappy\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** Requests a second that were sent and taken, and the cores that Sentio and this process took meanwhile. */
async function measure(pid: number, offer: Offer) {
  const sentioBefore = cpuSecondsOf(pid);
  const senderBefore = cpuSecondsOf(process.pid);
  const sender = new Worker(new URL('overload-sender.js', import.meta.url), { workerData: offer });
  const [{ requests, statuses }] = (await once(sender, 'message')) as [Sent];
  await sender.terminate();
  return {
    offered: requests / offer.seconds,
    accepted: (statuses['204'] ?? 0) / offer.seconds,
    statuses,
    cores: {
      sentio: round((cpuSecondsOf(pid) - sentioBefore) / offer.seconds),
      sender: round((cpuSecondsOf(process.pid) - senderBefore) / offer.seconds),
    },
  };
}

/** Seconds until a write is answered quickly again. */
async function recovery(url: string, bodies: readonly Uint8Array[]): Promise<number> {
  const pool = new Pool(url, { connections: 1 });
  const started = performance.now();
  try {
    for (let i = 0; ; i++) {
      const sent = performance.now();
      const isTaken = await isStored(pool, bodies[i % bodies.length]!);
      if (isTaken && performance.now() - sent < RECOVERED_MS) return (sent - started) / 1000;
      await sleep(PROBE_MS);
    }
  } finally {
    await pool.destroy();
  }
}

async function isStored(pool: Pool, body: Uint8Array): Promise<boolean> {
  try {
    const answer = await pool.request({
      method: 'POST',
      path: '/api/v1/write',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      body,
    });
    await answer.body.dump();
    return answer.statusCode === 204;
  } catch {
    return false;
  }
}

function round(value: number): number {
  return Number(value.toFixed(3));
}
