import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IntervalCalibration } from '#src/detect/interval/interval-calibration.js';

/** Share of values within an interval of ±1 that is calibrated as they come. */
function coverage(valueAt: (i: number) => number, count: number, width: number): number {
  const calibration = new IntervalCalibration();
  let within = 0;
  for (let i = 0; i < count; i++) {
    const [lower, upper] = [-calibration.lowerFactor, calibration.upperFactor];
    const value = valueAt(i);
    if (value >= lower && value <= upper) within++;
    calibration.learn(value, lower, upper, width);
  }
  return within / count;
}

/** In [0, 1), evenly, and never the same order twice. */
const spread = (i: number) => (i * 0.6180339887498949) % 1;

test('IntervalCalibration makes an interval hold the share it is meant to, whatever the law of the values', () => {
  const laws: [string, (i: number) => number][] = [
    ['even, narrower than the interval', (i) => 0.2 * (spread(i) - 0.5)],
    ['even, wider', (i) => 20 * (spread(i) - 0.5)],
    ['skewed', (i) => spread(i) ** 8 * 5 - 0.1],
    ['heavy-tailed', (i) => (spread(i) - 0.5) / (0.02 + spread(i * 3))],
    ['wider from the middle on', (i) => (i < 10_000 ? 1 : 8) * (spread(i) - 0.5)],
  ];
  for (const [name, law] of laws) {
    for (const width of [0.8, 0.95, 0.99]) {
      const got = coverage(law, 20_000, width);
      assert.ok(Math.abs(got - width) < 0.01, `${name}: ${got} at ${width}`);
    }
  }
});

test('IntervalCalibration stretches each side by its own factor', () => {
  const calibration = new IntervalCalibration();
  for (let i = 0; i < 200; i++) calibration.learn(2, -1, calibration.upperFactor, 0.9);
  const forecast = {
    timesMs: Float64Array.of(0),
    yhat: Float64Array.of(10),
    yhatLower: Float64Array.of(9),
    yhatUpper: Float64Array.of(12),
  };
  calibration.stretch(forecast);
  assert.equal(forecast.yhatLower[0], 10 - calibration.lowerFactor);
  assert.equal(forecast.yhatUpper[0], 10 + 2 * calibration.upperFactor);
  assert.ok(calibration.upperFactor > 1.8 && calibration.lowerFactor < 1, 'out where values fall, in where none do');
});
