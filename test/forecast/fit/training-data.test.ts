import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTrainingData } from '#src/forecast/fit/training-data.js';
import type { RingView } from '#src/model/samples/ring-view.js';
import { MINUTE } from '../../fixtures.js';

/** A ring of `capacity` buckets of which the newest `filled` have a value. */
function ring(widthMs: number, capacity: number, filled: number): RingView {
  const memory = new SharedArrayBuffer(8 * capacity);
  const stored = new Float64Array(memory).fill(Number.NaN);
  const newestBucket = Math.floor((28_334_000 * MINUTE) / widthMs) - 1;
  for (let bucket = newestBucket; bucket > newestBucket - filled; bucket--) stored[bucket % capacity] = 1;
  return { memory, byteOffset: 0, capacity, format: 'f64', base: 0, widthMs, newestBucket };
}

/** Minutes since a series began → what it is trained on, with 6 h of minutes and 15 d of ten minutes kept. */
const cases: [number, 'steps' | 'history', number][] = [
  [10, 'steps', 10],
  [6 * 60, 'steps', 360],
  // The steps ring is full and the history reaches further back, but in fewer than 64 buckets.
  [8 * 60, 'steps', 360],
  [63 * 10, 'steps', 360],
  [64 * 10, 'history', 64],
  [15 * 24 * 60, 'history', 2160],
];
for (const [minutes, source, points] of cases) {
  test(`readTrainingData() takes the ${source} of a series of ${minutes} minutes`, () => {
    const view = {
      fine: ring(MINUTE, 360, Math.min(360, minutes)),
      coarse: ring(10 * MINUTE, 2160, Math.min(2160, Math.floor(minutes / 10))),
      withinBucketVariance: 7,
    };
    const data = readTrainingData(view);
    assert.deepEqual([data.source, data.samples.values.length], [source, points]);
    // Steps hide nothing.
    assert.equal(data.stepVariance, source === 'steps' ? 0 : 7);
  });
}

test('readTrainingData() takes the steps while they reach as far back as the history and are more', () => {
  const view = { fine: ring(MINUTE, 1440, 1000), coarse: ring(10 * MINUTE, 2160, 100), withinBucketVariance: 0 };
  assert.equal(readTrainingData(view).source, 'steps');
});

test('readTrainingData() takes a backfilled history though the steps are empty', () => {
  const view = { fine: ring(MINUTE, 360, 0), coarse: ring(10 * MINUTE, 2160, 30), withinBucketVariance: 0 };
  assert.deepEqual([readTrainingData(view).source, readTrainingData(view).samples.values.length], ['history', 30]);
});

test('readTrainingData() leaves out every bucket that overlaps an incident, and moves what was before a level change', () => {
  const history = ring(10 * MINUTE, 2160, 100);
  const view = { fine: ring(MINUTE, 360, 0), coarse: history, withinBucketVariance: 0 };
  const endMs = (history.newestBucket + 1) * 10 * MINUTE;
  const suspect = [{ fromMs: endMs - 45 * MINUTE, toMs: endMs - 30 * MINUTE }];
  new Float64Array(history.memory)[(history.newestBucket - 3) % 2160] = 9;
  const levelShifts = [{ atMs: endMs - 60 * MINUTE, factor: 2, offset: 3, resetsHistory: false }];
  const { timesMs, values } = readTrainingData({ ...view, suspect, levelShifts }).samples;
  assert.deepEqual(
    [...timesMs.subarray(92)].map((timeMs) => (endMs - timeMs) / MINUTE),
    [75, 65, 55, 25, 15, 5],
  );
  assert.deepEqual([...values.subarray(92)], [5, 5, 1, 1, 1, 1]);
});

test('readTrainingData() learns from an alarm whose values the day before had too', () => {
  const history = ring(10 * MINUTE, 2160, 100);
  const stored = new Float64Array(history.memory);
  for (let ago = 0; ago < 100; ago++) stored[(history.newestBucket - ago) % 2160] = ago % 7;
  const view = { fine: ring(MINUTE, 360, 0), coarse: history, withinBucketVariance: 0 };
  const endMs = (history.newestBucket + 1) * 10 * MINUTE;
  const suspect = [{ fromMs: endMs - 60 * MINUTE, toMs: endMs }];
  const points = () => readTrainingData({ ...view, suspect }).samples.values.length;
  assert.equal(points(), 100);
  for (let ago = 0; ago < 6; ago++) stored[(history.newestBucket - ago) % 2160] = 7;
  assert.equal(points(), 94);
});

test('readTrainingData() leaves out a bucket in which the level changed', () => {
  const history = ring(10 * MINUTE, 2160, 100);
  const view = { fine: ring(MINUTE, 360, 0), coarse: history, withinBucketVariance: 0 };
  const atMs = (history.newestBucket - 20) * 10 * MINUTE + 4 * MINUTE;
  const levelShifts = [{ atMs, factor: 2, offset: 0, resetsHistory: false }];
  const { timesMs } = readTrainingData({ ...view, levelShifts }).samples;
  assert.equal(timesMs.length, 99);
  assert.ok(!timesMs.includes(atMs + MINUTE));
});

test('readTrainingData() learns from incidents where there is little else', () => {
  const history = ring(10 * MINUTE, 2160, 100);
  const view = { fine: ring(MINUTE, 360, 0), coarse: history, withinBucketVariance: 0 };
  const endMs = (history.newestBucket + 1) * 10 * MINUTE;
  const pointsOf = (buckets: number) => {
    const stored = new Float64Array(history.memory);
    for (let ago = 0; ago < buckets; ago++) stored[(history.newestBucket - ago) % 2160] = 9;
    const suspect = [{ fromMs: endMs - buckets * 10 * MINUTE, toMs: endMs }];
    return readTrainingData({ ...view, suspect }).samples.values.length;
  };
  assert.equal(pointsOf(25), 75);
  assert.equal(pointsOf(26), 100);
});

test('readTrainingData() takes the rounding of the history for noise of the steps', () => {
  const memory = new SharedArrayBuffer(4 * 2160);
  new Float32Array(memory).fill(37.123 - 11.4);
  const coarse = { ...ring(10 * MINUTE, 2160, 0), memory, format: 'f32' as const, base: 11.4 };
  const { samples, stepVariance } = readTrainingData({ fine: ring(MINUTE, 360, 0), coarse, withinBucketVariance: 0 });
  const off = Math.abs(samples.values[0]! - 37.123);
  assert.ok(off > 0 && off <= Math.sqrt(stepVariance), `${off} of ${Math.sqrt(stepVariance)}`);
});
