import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { compress } from '#src/wire/core/snappy.js';
import { Cleanup } from '../harness/cleanup.js';
import { startSentio } from '../harness/sentio.js';
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
 * The sender takes its part of the machine, so that both figures are those of a machine shared with it.
 */
export async function bench([seconds = '20']: string[]): Promise<Record<string, unknown>> {
  const cleanup = new Cleanup();
  try {
    const { url } = await startSentio(
      cleanup,
      {},
      { flags: ['--log.level=error', `--web.max-connections=${CONNECTIONS + 10}`] },
    );
    const next = bodies();
    const capacity = await closedLoop(url, next);
    const overload = await openLoop(url, next, FACTOR * capacity, Number(seconds));
    const recoverySeconds = await recovery(url, next);
    const per = SAMPLES_PER_REQUEST;
    const result = {
      capacity: Math.round(capacity * per),
      offered: Math.round(overload.offered * per),
      accepted: Math.round(overload.accepted * per),
      acceptedShareOfCapacity: round(overload.accepted / capacity),
      statuses: overload.statuses,
      healthyP50Ms: overload.healthyMs[overload.healthyMs.length >> 1],
      healthyMaxMs: overload.healthyMs.at(-1),
      recoverySeconds: round(recoverySeconds),
    };
    console.log(`capacity             ${result.capacity.toLocaleString('en').padStart(10)} samples/s`);
    console.log(`offered              ${result.offered.toLocaleString('en').padStart(10)} samples/s for ${seconds} s`);
    console.log(`accepted             ${result.accepted.toLocaleString('en').padStart(10)} samples/s`);
    console.log(`answers              ${JSON.stringify(result.statuses)}`);
    console.log(`/-/healthy           ${result.healthyP50Ms} ms, at most ${result.healthyMaxMs} ms`);
    console.log(`quick again after    ${result.recoverySeconds} s`);
    return result;
  } finally {
    await cleanup.run();
  }
}

/** Bodies of rounds that end now, over and over: what comes again costs Sentio as much as what is late. */
function bodies(): () => Uint8Array {
  const workload = new WriteWorkload(SERIES);
  const endMs = Date.now();
  const all = Array.from({ length: ROUNDS }, (_, round) =>
    workload.round(endMs - (ROUNDS - round) * STEP_MS).map((body) => compress(body)),
  ).flat();
  let at = 0;
  return () => all[at++ % all.length]!;
}

/** Requests a second that a few connections get through, each sending as soon as it is answered. */
async function closedLoop(url: string, next: () => Uint8Array): Promise<number> {
  const pool = new Pool(url, { connections: CAPACITY_CONNECTIONS });
  const run = async (seconds: number) => {
    const endMs = performance.now() + seconds * 1000;
    let accepted = 0;
    const shard = async () => {
      while (performance.now() < endMs) if ((await post(pool, next())) === '204') accepted++;
    };
    await Promise.all(Array.from({ length: CAPACITY_CONNECTIONS }, shard));
    return accepted / seconds;
  };
  try {
    await run(CAPACITY_SECONDS / 2);
    return await run(CAPACITY_SECONDS);
  } finally {
    await pool.destroy();
  }
}

/** Sends at a rate, whatever is answered; a request for which no connection is free is not offered. */
async function openLoop(url: string, next: () => Uint8Array, perSecond: number, seconds: number) {
  const pool = new Pool(url, { connections: CONNECTIONS });
  const statuses: Record<string, number> = {};
  const healthyMs: number[] = [];
  const pending = new Set<Promise<void>>();
  let offered = 0;
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const probing = (async () => {
    while (elapsed() < seconds) {
      const ms = await healthy(url);
      healthyMs.push(Math.round(ms));
      await sleep(PROBE_MS);
    }
  })();
  let accepted = 0;
  for (let due = 0; elapsed() < seconds; await sleep(5)) {
    for (; due < elapsed() * perSecond; due++) {
      if (pending.size >= CONNECTIONS) continue;
      offered++;
      const request: Promise<void> = post(pool, next()).then((status) => {
        if (elapsed() < seconds && status === '204') accepted++;
        statuses[status] = (statuses[status] ?? 0) + 1;
        pending.delete(request);
      });
      pending.add(request);
    }
  }
  await probing;
  await pool.destroy();
  await Promise.all(pending);
  healthyMs.sort((a, b) => a - b);
  return { offered: offered / seconds, accepted: accepted / seconds, statuses, healthyMs };
}

/** Seconds until a write is answered quickly again. */
async function recovery(url: string, next: () => Uint8Array): Promise<number> {
  const pool = new Pool(url, { connections: 1 });
  const started = performance.now();
  try {
    for (;;) {
      const sent = performance.now();
      const status = await post(pool, next());
      if (status === '204' && performance.now() - sent < RECOVERED_MS) return (sent - started) / 1000;
      await sleep(PROBE_MS);
    }
  } finally {
    await pool.destroy();
  }
}

async function post(pool: Pool, body: Uint8Array): Promise<string> {
  try {
    const answer = await pool.request({
      method: 'POST',
      path: '/api/v1/write',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      body,
    });
    await answer.body.dump();
    return String(answer.statusCode);
  } catch {
    return 'no answer';
  }
}

async function healthy(url: string): Promise<number> {
  const started = performance.now();
  await (await fetch(`${url}/-/healthy`)).text();
  return performance.now() - started;
}

function round(value: number): number {
  return Number(value.toFixed(3));
}
