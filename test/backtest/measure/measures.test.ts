import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anomaliesOf } from '#src/backtest/measure/anomalies.js';
import { alarmsOf } from '#src/backtest/measure/events.js';
import { foundAfterOf, measure } from '#src/backtest/measure/measures.js';
import { HOUR, MINUTE } from '../../fixtures.js';

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
  assert.deepEqual(got.marked, {
    events: [
      { startMs: 50 * HOUR, endMs: 51 * HOUR, foundAfterMs: HOUR },
      { startMs: 80 * HOUR, endMs: 80 * HOUR, foundAfterMs: undefined },
    ],
    right: 1,
  });
  assert.ok(Number.isNaN(got.alarmsPerWeek), 'four days have no weekly rate');
});

// Rows of ten minutes, of which 10 to 19 are marked.
const delays: readonly (readonly [name: string, inAlarm: readonly number[], afterMinutes: number | undefined])[] = [
  ['in its first step, at the end of that', [10, 11], 10],
  ['in its fourth step', [13], 40],
  ['in its last step', [19], 100],
  ['by an alarm that began before, in its first step', [8, 9, 10, 11], 10],
  ['by an alarm that began before and has paused, when that goes on', [9, 11], 20],
  ['by the first of two alarms', [12, 17], 30],
  ['not at all, where alarms are before and after it', [5, 25], undefined],
];
for (const [name, inAlarm, afterMinutes] of delays) {
  test(`a marked anomaly is found ${name}`, () => {
    const n = 40;
    const timesMs = Float64Array.from({ length: n }, (_, i) => i * 10 * MINUTE);
    const [values, yhat] = [new Float64Array(n), new Float64Array(n)];
    const [yhatLower, yhatUpper] = [new Float64Array(n).fill(-1), new Float64Array(n).fill(1)];
    const scores = new Float64Array(n);
    for (const row of inAlarm) scores[row] = 2;
    const labels = new Uint8Array(n).fill(1, 10, 20);
    const replayed = { timesMs, observed: values, yhat, yhatLower, yhatUpper, scores, isRate: false, fits: 0 };
    const recorded = { samples: { timesMs, values }, labels };
    const options = { intervalWidth: 0.8, stepMs: 10 * MINUTE };
    const { marked } = measure(recorded, replayed, anomaliesOf(recorded, replayed, 10 * MINUTE, 0), options);
    assert.deepEqual(
      marked!.events.map(({ foundAfterMs }) => foundAfterMs),
      [afterMinutes === undefined ? undefined : afterMinutes * MINUTE],
    );
    assert.deepEqual(foundAfterOf([marked, undefined]), afterMinutes === undefined ? [] : [afterMinutes * MINUTE]);
  });
}

test('without marks nothing is said of them', () => {
  const timesMs = Float64Array.of(0, 1);
  const column = new Float64Array(2);
  const replayed = { timesMs, observed: column, yhat: column, yhatLower: column, yhatUpper: column, scores: column };
  const recorded = { samples: { timesMs, values: column }, labels: undefined };
  const got = measure(recorded, { ...replayed, isRate: false, fits: 0 }, [], { intervalWidth: 0.8, stepMs: 1 });
  assert.equal(got.marked, undefined);
});
