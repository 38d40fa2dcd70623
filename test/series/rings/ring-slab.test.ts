import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ringBytes, ringGeometry } from '#src/series/rings/ring-geometry.js';
import { RingPool } from '#src/series/rings/ring-slab.js';
import { DAY, HOUR, MINUTE, makeSettings, SECOND } from '../../fixtures.js';

test('ringGeometry() sizes both tiers by the settings', () => {
  const cases: [
    name: string,
    stepMs: number,
    resolutionMs: number,
    historyMs: number,
    fineBuckets: number,
    coarseBuckets: number,
  ][] = [
    ['defaults: 4 h of minutes, 15 d of ten minutes and one bucket', MINUTE, 10 * MINUTE, 15 * DAY, 240, 2161],
    ['15 s steps', 15 * SECOND, 10 * MINUTE, 15 * DAY, 960, 2161],
    ['long steps: 64 of them at least', 5 * MINUTE, 10 * MINUTE, 15 * DAY, 64, 2161],
    ['wide buckets: the steps of two of them at least', MINUTE, 3 * HOUR, 15 * DAY, 360, 121],
    ['a history that is no multiple of the resolution', MINUTE, 7 * MINUTE, HOUR, 240, 10],
  ];
  for (const [name, stepMs, resolutionMs, historyMs, fineBuckets, coarseBuckets] of cases) {
    const geometry = ringGeometry(makeSettings({ stepMs, resolutionMs, historyMs }));
    assert.deepEqual(geometry, { fineBuckets, coarseBuckets, stepsPerBucket: resolutionMs / stepMs }, name);
  }
  assert.throws(() => ringGeometry(makeSettings({ stepMs: MINUTE, resolutionMs: 90 * SECOND })), /multiple of step/);
});

test('ringBytes() keeps every ring on a boundary of 8 bytes', () => {
  assert.equal(ringBytes({ fineBuckets: 240, coarseBuckets: 2161, stepsPerBucket: 10 }), 240 * 8 + 2162 * 4);
});

const geometry = { fineBuckets: 64, coarseBuckets: 101, stepsPerBucket: 1 };
const perSlab = Math.ceil((1 << 20) / ringBytes(geometry));

function makePool() {
  const stats = { ringBytes: 0 };
  return { stats, pool: new RingPool(geometry, stats) };
}

test('RingPool puts many rings into one slab, none over another', () => {
  const { pool, stats } = makePool();
  const handles = Array.from({ length: perSlab + 1 }, () => pool.take());
  const slabs = new Set(handles.map((handle) => pool.slab(handle).memory));
  assert.equal(slabs.size, 2);
  assert.equal(stats.ringBytes, 2 * perSlab * ringBytes(geometry));
  const ranges = handles.map((handle) => `${[...slabs].indexOf(pool.slab(handle).memory)}@${pool.byteOffset(handle)}`);
  assert.equal(new Set(ranges).size, handles.length);
  assert.ok(handles.every((handle) => pool.byteOffset(handle) % ringBytes(geometry) === 0));
  assert.ok(
    handles.every((handle) => pool.byteOffset(handle) + ringBytes(geometry) <= pool.slab(handle).memory.byteLength),
  );
});

test('RingPool gives freed rings out again, empty', () => {
  const { pool, stats } = makePool();
  const [, second] = Array.from({ length: perSlab }, () => pool.take());
  const { f64, f32 } = pool.slab(second!);
  const first = pool.byteOffset(second!);
  f64.fill(1, first / 8, (first + ringBytes(geometry)) / 8);
  pool.release(second!);
  assert.equal(pool.take(), second);
  assert.ok(f64.subarray(first / 8, first / 8 + geometry.fineBuckets).every(Number.isNaN));
  const history = first / 4 + 2 * geometry.fineBuckets;
  assert.ok(f32.subarray(history, history + geometry.coarseBuckets).every(Number.isNaN));
  assert.equal(stats.ringBytes, perSlab * ringBytes(geometry));
});

test('RingPool keeps one empty slab, so that a ring that comes and goes maps no memory', () => {
  const { pool } = makePool();
  const handles = Array.from({ length: perSlab }, () => pool.take());
  const extra = pool.take();
  const { memory } = pool.slab(extra);
  pool.release(extra);
  const again = pool.take();
  assert.equal(pool.slab(again).memory, memory);
  for (const handle of [again, ...handles]) pool.release(handle);
});

test('RingPool drops empty slabs but one, all with the last ring, and fills the lowest first', () => {
  const { pool, stats } = makePool();
  const handles = Array.from({ length: 3 * perSlab }, () => pool.take());
  const more = Array.from({ length: perSlab }, () => pool.take());
  for (const handle of [...handles.slice(perSlab, 2 * perSlab), ...more]) pool.release(handle);
  assert.equal(stats.ringBytes, 3 * perSlab * ringBytes(geometry));
  pool.release(handles[0]!);
  assert.equal(pool.take(), handles[0]);
  const again = pool.take();
  assert.ok(again >= perSlab && again < 2 * perSlab, `handle ${again}`);
  pool.release(again);
  for (const handle of [...handles.slice(0, perSlab), ...handles.slice(2 * perSlab)]) pool.release(handle);
  assert.equal(stats.ringBytes, 0);
  assert.ok(pool.empty);
});
