import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { evaluateAt } from '#src/forecast/evaluate.js';
import type { FitError } from '#src/forecast/fit-error.js';
import { FitPool, type FitPoolOptions } from '#src/forecast/fit-pool.js';
import type { Samples } from '#src/model/columns.js';
import type { RingView, TrainingView } from '#src/model/ring-view.js';
import { serverLoad } from './series.js';
import { prophetSettings } from './settings.js';

const open: FitPool[] = [];
after(() => Promise.all(open.map((pool) => pool.close())));

function makePool(options: Partial<FitPoolOptions> = {}): { pool: FitPool; registry: Registry } {
  const registry = new Registry();
  const log = pino({ level: 'silent' });
  const pool = new FitPool({ threads: 1, maxQueue: 10, timeoutMs: 20_000, log, registry, ...options });
  open.push(pool);
  return { pool, registry };
}

/** A ring in shared memory that holds the samples, its newest slot that of the last one. */
function ring({ timesMs, values }: Samples, widthMs: number): RingView {
  const memory = new SharedArrayBuffer(8 * values.length);
  const stored = new Float64Array(memory);
  const newestSlot = Math.floor(timesMs[values.length - 1]! / widthMs);
  values.forEach((value, i) => {
    stored[Math.floor(timesMs[i]! / widthMs) % values.length] = value;
  });
  return { memory, byteOffset: 0, capacity: values.length, format: 'f64', base: 0, widthMs, newestSlot };
}

function trainingView(hours: number): TrainingView {
  const history = ring(serverLoad(hours, 2), 30 * 60_000);
  const steps = ring(serverLoad(1, 60), 60_000);
  return { history, steps, withinSlotVariance: 4 };
}

const prophet = prophetSettings();

test('FitPool fits the history of a ring and reports on it', async () => {
  const { pool, registry } = makePool();
  const view = trainingView(24 * 15);
  const { model, points, source, durationMs } = await pool.fit({ view, prophet });
  assert.deepEqual([points, source], [720, 'history']);
  assert.ok(durationMs > 0);
  // Slots stand for their midpoints.
  assert.equal(model.firstMs, serverLoad(1).timesMs[0]! + 15 * 60_000);
  // The noise of a step is that of the slots (uniform sums of variance 16/6) and what the slots hide.
  assert.ok(Math.abs(model.sigma - Math.sqrt(16 / 6 + 4)) < 0.3, `sigma ${model.sigma}`);
  const out = new Float64Array(3);
  evaluateAt(model, model.lastMs, 0.8, out);
  assert.ok(out[0]! > 60 && out[0]! < 95 && out[1]! < out[0]! && out[2]! > out[0]!, `forecast ${out}`);
  const metrics = await registry.metrics();
  assert.match(metrics, /sentio_fits_total\{outcome="(exact|stan)"\} 1\n/);
  assert.match(metrics, /sentio_fit_duration_seconds_count 1\n/);
});

test('FitPool gives up a fit that takes too long and goes on with the next', async () => {
  // Long enough for a worker to start on a busy machine, which is part of the first fit's time.
  const { pool, registry } = makePool({ timeoutMs: 5000 });
  // Thirty times what Stan does in the time.
  const long = { ...trainingView(24 * 15), history: ring(serverLoad(24 * 365 * 3, 2), 30 * 60_000) };
  const stuck = pool.fit({ view: long, prophet: { ...prophet, optimizer: 'stan', dailySeasonality: 40 } });
  const next = pool.fit({ view: trainingView(24 * 3), prophet });
  assert.equal(pool.queueSize, 1);
  await assert.rejects(stuck, { name: 'FitError', reason: 'timeout' });
  assert.equal((await next).points, 144);
  assert.match(await registry.metrics(), /sentio_fits_total\{outcome="timeout"\} 1\n/);
});

test('FitPool survives a worker that runs out of memory', async () => {
  const { pool } = makePool({ workerHeapMb: 32 });
  // augurs takes times as an array of numbers: 40 MB of heap.
  const capacity = 5_000_000;
  const memory = new SharedArrayBuffer(4 * capacity);
  new Float32Array(memory).fill(1)[7] = 2;
  const large = { memory, byteOffset: 0, capacity, format: 'f32', base: 0, widthMs: 1000, newestSlot: 1.7e9 } as const;
  const dying = pool.fit({ view: { ...trainingView(24), history: large }, prophet: { ...prophet, optimizer: 'stan' } });
  const next = pool.fit({ view: trainingView(24 * 3), prophet });
  await assert.rejects(dying, (error: FitError) => {
    assert.equal(error.reason, 'crashed');
    assert.equal((error.cause as NodeJS.ErrnoException).code, 'ERR_WORKER_OUT_OF_MEMORY');
    return true;
  });
  assert.equal((await next).points, 144);
});

test('FitPool replaces a worker in which Stan died', async () => {
  const { pool, registry } = makePool();
  // A cap that leaves Stan without a finite starting point: it throws, which its WebAssembly build cannot.
  const hopeless = { ...prophet, growth: 'logistic', cap: 1e13 } as const;
  const dying = Array.from({ length: 3 }, () => pool.fit({ view: trainingView(24 * 3), prophet: hopeless }));
  const next = pool.fit({ view: trainingView(24 * 3), prophet: { ...prophet, optimizer: 'stan' } });
  for (const result of await Promise.allSettled(dying)) {
    assert.equal(result.status, 'rejected');
    assert.equal(result.reason.reason, 'crashed');
  }
  assert.equal((await next).optimizer, 'stan');
  assert.match(await registry.metrics(), /sentio_fits_total\{outcome="crashed"\} 3\n/);
});

test('FitPool refuses what it cannot fit, by reason', async () => {
  const { pool, registry } = makePool({ maxQueue: 1 });
  const tiny = { ...trainingView(2), steps: ring(serverLoad(1, 4), 15 * 60_000) };
  const tooShort = pool.fit({ view: tiny, prophet });
  const waiting = pool.fit({ view: trainingView(24 * 3), prophet });
  await assert.rejects(pool.fit({ view: tiny, prophet }), { name: 'FitError', reason: 'queue-full' });
  await assert.rejects(tooShort, { name: 'FitError', reason: 'too-short' });
  await waiting;
  assert.match(await registry.metrics(), /sentio_fits_total\{outcome="queue-full"\} 1\n/);
});

test('FitPool.close() refuses what waits and gives up what runs', async () => {
  const { pool } = makePool();
  const fits = [1, 2, 3].map(() => pool.fit({ view: trainingView(24 * 15), prophet }));
  const settled = Promise.allSettled(fits);
  await pool.close();
  for (const result of await settled) {
    assert.equal(result.status, 'rejected');
    assert.equal((result as PromiseRejectedResult).reason.reason, 'closed');
  }
  await assert.rejects(pool.fit({ view: trainingView(24 * 3), prophet }), { reason: 'closed' });
});
