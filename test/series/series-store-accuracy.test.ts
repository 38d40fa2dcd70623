import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY, HOUR, MINUTE } from '../fixtures.js';
import { makeStore, onlyId, resolve, T0 } from './fixture.js';

/** Noise in ±1 that a coarse bucket does not average away, seeded. */
function makeNoise(): () => number {
  let state = 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  };
}

/** Sends one sample a minute for two days, and returns how far the history is from the exact bucket means after `fromMs`. */
function worstHistoryError(valueAt: (timeMs: number) => number, fromMs = T0, historyMs = 2 * DAY): number {
  const store = makeStore({ maxFutureMs: 100 * DAY }, { historyMs });
  const ref = resolve(store, { __name__: 'm' });
  const sums = new Map<number, { sum: number; count: number; first: number }>();
  for (let timeMs = T0; timeMs < T0 + 2 * DAY; timeMs += MINUTE) {
    const value = valueAt(timeMs);
    store.append(ref, timeMs, value);
    const bucket = Math.floor(timeMs / (10 * MINUTE));
    const bucketSum = sums.get(bucket) ?? { sum: 0, count: 0, first: value };
    sums.set(bucket, {
      sum: bucketSum.sum + (value - bucketSum.first),
      count: bucketSum.count + 1,
      first: bucketSum.first,
    });
  }
  const { timesMs, values } = store.readHistory(onlyId(store), fromMs, Infinity);
  const errors = Array.from(timesMs, (timeMs, i) => {
    const { sum, count, first } = sums.get(Math.floor(timeMs / (10 * MINUTE)))!;
    return Math.abs(values[i]! - (first + sum / count));
  });
  assert.ok(errors.length > Math.min(100, historyMs / (10 * MINUTE)));
  return Math.max(...errors);
}

test('the history keeps 1e12 ± 1 to a thousandth', () => {
  const noise = makeNoise();
  assert.ok(worstHistoryError(() => 1e12 + noise()) < 1e-3);
});

test('the history keeps 1e12 ± 1 after a first value of 0', () => {
  const noise = makeNoise();
  const error = worstHistoryError((timeMs) => (timeMs === T0 ? 0 : 1e12 + noise()), T0 + 20 * MINUTE);
  assert.ok(error < 1e-3, `error ${error}`);
});

test('a history shorter than the steps reach is kept as well when the base moves', () => {
  const noise = makeNoise();
  // Half an hour after the first value has left the steps, which is when the base moves.
  const valueAt = (timeMs: number) => (timeMs < T0 + 2 * DAY - 4.5 * HOUR ? 0 : 1e12 + timeMs / HOUR + noise());
  assert.ok(worstHistoryError(valueAt, T0, HOUR) < 1e-3);
});

test('the history keeps a level far from where the series began', () => {
  const noise = makeNoise();
  const ramp = (timeMs: number) => 1e12 * Math.min(1, (timeMs - T0) / (6 * HOUR));
  // On the ramp nothing is finer than the ramp itself: 1e12 in 6 h.
  assert.ok(worstHistoryError((timeMs) => ramp(timeMs) + noise()) < 1e12 * 2 ** -22);
  const plateau = worstHistoryError((timeMs) => ramp(timeMs) + noise(), T0 + 6 * HOUR + 10 * MINUTE);
  assert.ok(plateau < 1e-3, `error ${plateau}`);
});

test('the history of a series that goes to and fro loses no more than Float32 does of its whole range', () => {
  const noise = makeNoise();
  const error = worstHistoryError((timeMs) => (Math.floor(timeMs / (5 * HOUR)) % 2 === 0 ? 0 : 1e9) + noise());
  // Half a unit in the last place of 1e9, for each of the ten times the base moves.
  assert.ok(error <= 10 * 2 ** 5, `error ${error}`);
});

test('the history of a constant is exact', () => {
  assert.equal(
    worstHistoryError(() => 123456.789),
    0,
  );
});

test('values as large as can be kept stay finite in every tier', () => {
  const error = worstHistoryError((timeMs) => (timeMs % (2 * MINUTE) === 0 ? 1e35 : -1e35));
  assert.ok(error < 1e29, `error ${error}`);
});

test('the variance within buckets is that of the noise, at any offset', () => {
  for (const offset of [0, 1e6, 1e12]) {
    const store = makeStore({ maxFutureMs: 100 * DAY });
    const ref = resolve(store, { __name__: 'm' });
    const noise = makeNoise();
    for (let timeMs = T0; timeMs < T0 + 2 * DAY; timeMs += MINUTE) store.append(ref, timeMs, offset + noise());
    const { withinBucketVariance } = store.trainingView(onlyId(store));
    // Uniform on ±1 has variance 1/3; of ten steps around their own mean nine tenths of it.
    assert.ok(Math.abs(withinBucketVariance - 0.3) < 0.03, `${withinBucketVariance} at ${offset}`);
  }
});

test('the variance within buckets is 0 where it is unknown and follows the last day', () => {
  const store = makeStore({ maxFutureMs: 100 * DAY });
  const ref = resolve(store, { __name__: 'm' });
  const variance = () => store.trainingView(onlyId(store)).withinBucketVariance;
  // One sample a bucket tells nothing.
  for (let bucket = 0; bucket < 10; bucket++) store.append(ref, T0 + bucket * 10 * MINUTE, bucket);
  assert.equal(variance(), 0);
  const send = (fromMs: number, toMs: number, amplitude: number) => {
    for (let timeMs = fromMs; timeMs < toMs; timeMs += MINUTE)
      store.append(ref, timeMs, timeMs % (2 * MINUTE) === 0 ? amplitude : -amplitude);
  };
  send(T0 + 100 * MINUTE, T0 + DAY, 1);
  assert.ok(Math.abs(variance() - 1) < 0.01, `${variance()}`);
  send(T0 + DAY, T0 + 2 * DAY, 3);
  // After as many buckets as the mean spans, 1/e of the past is left.
  assert.ok(Math.abs(variance() - (9 - 8 / Math.E)) < 0.1, `${variance()}`);
});
