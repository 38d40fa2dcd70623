import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anomaliesOf } from '#src/backtest/measure/anomalies.js';
import { alarmsOf } from '#src/backtest/measure/events.js';
import { measure } from '#src/backtest/measure/measures.js';
import { HOUR } from '../../fixtures.js';

test('alarmsOf() joins what is close together', () => {
  const timesMs = Float64Array.from({ length: 12 }, (_, i) => i * 300_000);
  const scores = Float64Array.of(0, 2, 0, 1.5, 1, 0, 0, 3, NaN, 0.9, 0, 2);
  const minutes = alarmsOf(timesMs, scores, 300_000).map((alarm) => alarm.map((timeMs) => timeMs / 60_000));
  assert.deepEqual(minutes, [
    [5, 15],
    [35, 35],
    [55, 55],
  ]);
});

test('measure() of a forecast whose errors are known', () => {
  // Values that rise by 2 a day, a forecast that is 1 off, an interval that half of the rows are in.
  const n = 96;
  const timesMs = Float64Array.from({ length: n }, (_, i) => i * HOUR);
  const values = timesMs.map((_, i) => i / 12);
  const yhat = values.map((value) => value + 1);
  const yhatLower = values.map((value, i) => value + (i % 2 === 0 ? -1 : 0.5));
  const yhatUpper = values.map((value) => value + 2);
  const scores = new Float64Array(n);
  for (const i of [10, 50]) scores[i] = 2;
  const labels = new Uint8Array(n);
  for (const i of [50, 51, 80]) labels[i] = 1;
  const replayed = { timesMs, observed: values, yhat, yhatLower, yhatUpper, scores, isRate: false, fits: 0 };
  const recorded = { samples: { timesMs, values }, labels };
  const anomalies = anomaliesOf(recorded, replayed, HOUR, 0);
  const got = measure(recorded, replayed, anomalies, { intervalWidth: 0.8, stepMs: HOUR });
  assert.equal(got.rows, n - 3);
  assert.ok(Math.abs(got.mase - 0.5) < 1e-9, `MASE ${got.mase}`);
  assert.equal(got.coverage, 46 / 93);
  assert.equal(got.alarms, 2);
  assert.deepEqual(got.marked, { windows: 2, found: 1, right: 1 });
});
