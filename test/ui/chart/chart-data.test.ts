import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chartData, nearestIndex } from '#src/ui/chart/chart-data.js';
import { forecastSeries } from '../forecast.js';

function observed(times: number[], stepsFrom: number | null, scores = times.map(() => 0)) {
  return { times, values: times.map((time) => time * 10), anomaly_score: scores, steps_from: stepsFrom };
}

function forecast(times: number[]) {
  return { times, yhat: times, yhat_lower: times.map((t) => t - 1), yhat_upper: times.map((t) => t + 1) };
}

test('observed values and forecast share one ascending axis, each at its own times', () => {
  const data = chartData(forecastSeries({ observed: observed([5, 15, 25], 5), forecast: forecast([10, 15, 20]) }), 100);
  assert.deepEqual(data.times, [5, 10, 15, 20, 25]);
  assert.deepEqual(data.observed, [50, undefined, 150, undefined, 250]);
  assert.deepEqual(data.past, [undefined, 10, 15, 20, undefined]);
  assert.deepEqual(data.lower, [undefined, 9, 14, 19, undefined]);
  assert.deepEqual(data.upper, [undefined, 11, 16, 21, undefined]);
});

test('the expectation goes from past to future without a gap', () => {
  const data = chartData(forecastSeries({ forecast: forecast([0, 10, 20, 30]) }), 15);
  assert.deepEqual(data.past, [0, 10, undefined, undefined]);
  assert.deepEqual(data.future, [undefined, 10, 20, 30]);
});

test('only scores over 1 are marked', () => {
  const data = chartData(forecastSeries({ observed: observed([5, 15, 25], 5, [0.99, 1, 1.01]) }), 100);
  assert.deepEqual(data.anomalies, [undefined, undefined, 250]);
});

test('a line breaks where PromQL sees nothing, and everywhere in between', () => {
  const data = chartData(
    forecastSeries({ observed: observed([0, 300, 601], 0), forecast: forecast([250, 400, 500]) }),
    1000,
  );
  assert.deepEqual(data.times, [0, 250, 300, 400, 450.5, 500, 601]);
  assert.deepEqual(data.observed, [0, undefined, 3000, null, null, null, 6010]);
});

test('coarse buckets are no gaps, nor is the way from the last of them to the first step', () => {
  const { observed: line } = chartData(forecastSeries({ observed: observed([300, 900, 1205, 1215], 1205) }), 2000);
  assert.deepEqual(line, [3000, 9000, 12050, 12150]);
});

test('nearestIndex() finds what a look at every time finds', () => {
  const times = fc
    .uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1 })
    .map((all) => all.sort((a, b) => a - b));
  fc.assert(
    fc.property(times, fc.integer({ min: -10, max: 1010 }), (all, time) => {
      const distances = all.map((one) => Math.abs(one - time));
      assert.equal(distances[nearestIndex(all, time)], Math.min(...distances));
    }),
  );
  assert.equal(nearestIndex([], 5), -1);
});
