import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { FitError } from '#src/forecast/fit-error.js';
import { evaluateAt } from '#src/forecast/model/evaluate.js';
import { FitPool, type FitPoolOptions } from '#src/forecast/pool/fit-pool.js';
import type { Samples } from '#src/model/samples/columns.js';
import type { RingView, TrainingView } from '#src/model/samples/ring-view.js';
import { MINUTE, prophetSettings } from '../../fixtures.js';
import { serverLoad } from '../series.js';

const TIMEOUT_MS = 20_000;

const open: FitPool[] = [];
// The pool's clock does not run by itself, so that no fit is given up because the machine is busy.
before(() => mock.timers.enable({ apis: ['setTimeout'] }));
after(() => Promise.all(open.map((pool) => pool.close())));

/** Has the time of all fits that are with a thread run out, once what is resolved by now has been handed on. */
async function timeOut(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  mock.timers.tick(TIMEOUT_MS);
}

function makePool(options: Partial<FitPoolOptions> = {}): { pool: FitPool; registry: Registry } {
  const registry = new Registry();
  const log = pino({ level: 'silent' });
  const pool = new FitPool({ threads: 1, maxQueue: 10, timeoutMs: TIMEOUT_MS, log, registry, ...options });
  open.push(pool);
  return { pool, registry };
}

/** A ring in shared memory that holds the samples, its newest bucket that of the last one. */
function ring({ timesMs, values }: Samples, widthMs: number): RingView {
  const memory = new SharedArrayBuffer(8 * values.length);
  const stored = new Float64Array(memory);
  const newestBucket = Math.floor(timesMs[values.length - 1]! / widthMs);
  values.forEach((value, i) => {
    stored[Math.floor(timesMs[i]! / widthMs) % values.length] = value;
  });
  return { memory, byteOffset: 0, capacity: values.length, format: 'f64', base: 0, widthMs, newestBucket };
}

function trainingView(hours: number): TrainingView {
  const history = ring(serverLoad(hours, 2), 30 * MINUTE);
  const steps = ring(serverLoad(1, 60), MINUTE);
  return { coarse: history, fine: steps, withinBucketVariance: 4 };
}

const prophet = prophetSettings();
/** A cap that leaves Stan without a finite starting point: it throws, which its WebAssembly build cannot. */
const hopeless = { ...prophet, growth: 'logistic', cap: 1e13 } as const;

/** Takes Stan much longer than any other fit of these tests. */
function stuckTask() {
  const history = ring(serverLoad(24 * 365 * 3, 2), 30 * MINUTE);
  const settings = { ...prophet, optimizer: 'stan', dailySeasonality: 40 } as const;
  return { view: { ...trainingView(24 * 15), coarse: history }, prophet: settings };
}

test('FitPool fits the history of a ring and reports on it', async () => {
  const { pool, registry } = makePool();
  const view = trainingView(24 * 15);
  const { model, points, source, durationMs } = await pool.fit({ view, prophet });
  assert.deepEqual([points, source], [720, 'history']);
  assert.ok(durationMs > 0);
  // Buckets stand for their midpoints.
  assert.equal(model.firstMs, serverLoad(1).timesMs[0]! + 15 * MINUTE);
  // The noise of a step is that of the buckets (uniform sums of variance 16/6) and what the buckets hide.
  assert.ok(Math.abs(model.sigma - Math.sqrt(16 / 6 + 4)) < 0.3, `sigma ${model.sigma}`);
  const out = new Float64Array(3);
  evaluateAt(model, model.lastMs, 0.8, out);
  assert.ok(out[0]! > 60 && out[0]! < 95 && out[1]! < out[0]! && out[2]! > out[0]!, `forecast ${out}`);
  const metrics = await registry.metrics();
  assert.match(metrics, /sentio_fits_total\{outcome="(exact|stan)"\} 1\n/);
  assert.match(metrics, /sentio_fit_duration_seconds_count 1\n/);
});

/** A pool whose thread is busy, so that whatever comes now goes to it together. */
function makeBusyPool(options: Partial<FitPoolOptions> = {}) {
  const made = makePool({ maxQueue: 100, ...options });
  return { ...made, first: made.pool.fit({ view: trainingView(24 * 3), prophet }) };
}

/** A history of so many points, around a level of its own. */
function levelView(level: number): TrainingView {
  const { timesMs, values } = serverLoad(24 * 3, 2, level);
  return { ...trainingView(2), coarse: ring({ timesMs, values: values.map((value) => value + level) }, 30 * MINUTE) };
}

test('FitPool gives every one of many fits its own model', async () => {
  const { pool, first } = makeBusyPool();
  const levels = Array.from({ length: 50 }, (_, i) => 1000 * i);
  const outcomes = await Promise.all(levels.map((level) => pool.fit({ view: levelView(level), prophet })));
  await first;
  const out = new Float64Array(3);
  outcomes.forEach(({ model }, i) => {
    evaluateAt(model, model.lastMs, 0.8, out);
    assert.ok(Math.abs(out[0]! - levels[i]! - 70) < 50, `level ${levels[i]}: ${out[0]}`);
  });
});

test('FitPool loses none of the fits that were with one that a worker died of', async () => {
  const { pool, registry, first } = makeBusyPool();
  const fitted = [1, 2, 3].map((level) => pool.fit({ view: levelView(level), prophet }));
  const dying = pool.fit({ view: trainingView(24 * 3), prophet: hopeless });
  fitted.push(...[4, 5, 6].map((level) => pool.fit({ view: levelView(level), prophet })));
  await assert.rejects(dying, { name: 'FitError', reason: 'crashed' });
  for (const { points } of await Promise.all([first, ...fitted])) assert.equal(points, 144);
  const metrics = await registry.metrics();
  assert.match(metrics, /sentio_fits_total\{outcome="exact"\} 7\n/);
  assert.match(metrics, /sentio_fits_total\{outcome="crashed"\} 1\n/);
});

test('FitPool loses none of the fits that were with one that took too long', async () => {
  const { pool, registry, first } = makeBusyPool();
  const before = pool.fit({ view: levelView(1), prophet });
  const stuck = pool.fit(stuckTask());
  const after = pool.fit({ view: levelView(2), prophet });
  const rejected = assert.rejects(stuck, { name: 'FitError', reason: 'timeout' });
  assert.equal((await first).points, 144);
  await timeOut();
  // Now each is alone, in this order.
  assert.equal((await before).points, 144);
  await timeOut();
  await rejected;
  assert.equal((await after).points, 144);
  assert.match(await registry.metrics(), /sentio_fits_total\{outcome="timeout"\} 1\n/);
});

test('FitPool keeps nothing waiting behind a slow fit that another thread can do', async () => {
  const { pool } = makePool({ threads: 2 });
  await Promise.all([1, 2].map((level) => pool.fit({ view: levelView(level), prophet })));
  const busy = [3, 4].map((level) => pool.fit({ view: levelView(level), prophet }));
  const stuck = assert.rejects(pool.fit(stuckTask()), { name: 'FitError', reason: 'timeout' });
  await Promise.all(busy);
  assert.equal((await pool.fit({ view: levelView(5), prophet })).points, 144);
  await timeOut();
  await stuck;
});

test('FitPool survives a worker that runs out of memory', async () => {
  const { pool } = makePool({ workerHeapMb: 32 });
  // augurs takes times as an array of numbers: 40 MB of heap.
  const capacity = 5_000_000;
  const memory = new SharedArrayBuffer(4 * capacity);
  new Float32Array(memory).fill(1)[7] = 2;
  const large = {
    memory,
    byteOffset: 0,
    capacity,
    format: 'f32',
    base: 0,
    widthMs: 1000,
    newestBucket: 1.7e9,
  } as const;
  const dying = pool.fit({ view: { ...trainingView(24), coarse: large }, prophet: { ...prophet, optimizer: 'stan' } });
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
  const tiny = { ...trainingView(2), fine: ring(serverLoad(1, 4), 15 * MINUTE) };
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
