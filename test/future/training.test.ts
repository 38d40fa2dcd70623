import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PLAIN_CALENDAR } from '#src/calendar/rule-calendar.js';
import { trainingOf } from '#src/future/training.js';
import { MINUTE } from '../fixtures.js';

function recorded(count: number, valueAt: (row: number) => number) {
  const timesMs = Float64Array.from({ length: count }, (_, i) => i * MINUTE);
  return { samples: { timesMs, values: timesMs.map((_, i) => valueAt(i)) }, labels: undefined };
}

test('values are learnt from as they are, without gaps and what is older than wanted', () => {
  const { samples, valueVariance } = trainingOf(
    recorded(100, (i) => (i % 10 === 0 ? Number.NaN : i)),
    {
      fromMs: 50 * MINUTE,
      stepMs: MINUTE,
      calendar: PLAIN_CALENDAR,
    },
  );
  assert.deepEqual([samples.values.length, samples.values[0], valueVariance], [45, 51, 0]);
});

test('of too many values means are learnt from, and how far single values are from these', () => {
  const options = { fromMs: Number.NEGATIVE_INFINITY, stepMs: MINUTE, calendar: PLAIN_CALENDAR };
  const { samples, valueVariance } = trainingOf(
    recorded(40_000, (i) => (i % 2 === 0 ? 9 : 11)),
    options,
  );
  assert.equal(samples.values.length, 20_000);
  assert.deepEqual([samples.timesMs[0], samples.values[0], samples.values.at(-1)], [MINUTE, 10, 10]);
  // The variance of two values that are two apart.
  assert.equal(valueVariance, 2);
});
