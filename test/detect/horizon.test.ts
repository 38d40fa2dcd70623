import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Horizon } from '#src/detect/horizon.js';

const STEP_MS = 60_000;
const HORIZON_MS = 3_600_000;
const AHEAD = HORIZON_MS / STEP_MS;

/** In [-0.5, 0.5), in no order. */
const shake = (i: number) => Math.abs((Math.sin(i * 12.9898) * 43_758.5453) % 1) - 0.5;

/**
 * Four days of a series of which the model expects 100 ± 2 (σ 1), forecast an hour ahead at every step. Returns the
 * forecasts of the last day, by step, as [expected, lower, upper].
 */
function fourDays(
  horizon: Horizon,
  valueAt: (step: number) => number,
  { dayBefore = (_: number) => Number.NaN, interval = 'calibrated' as 'calibrated' | 'prophet' } = {},
): Map<number, Float64Array> {
  const forecasts = new Map<number, Float64Array>();
  for (let step = 0; step < 4 * 1440; step++) {
    const endMs = (step + 1) * STEP_MS;
    const deviation = valueAt(step) - 100;
    horizon.learn(endMs, valueAt(step), { deviation, sigma: 1, stepMs: STEP_MS, intervalWidth: 0.8 });
    const told = Float64Array.of(100, 98, 102);
    const known = { sigma: 1, deviation, dayBefore: dayBefore(step + AHEAD), stepMs: STEP_MS, interval };
    horizon.expect(told, endMs + HORIZON_MS, known);
    if (step >= 3 * 1440 - AHEAD && step < 4 * 1440 - AHEAD) forecasts.set(step + AHEAD, told);
  }
  return forecasts;
}

/** Mean distance of the values from what was expected. */
function error(forecasts: Map<number, Float64Array>, valueAt: (step: number) => number): number {
  let sum = 0;
  for (const [step, [expected]] of forecasts) sum += Math.abs(valueAt(step) - expected!);
  return sum / forecasts.size;
}

test('Horizon carries a deviation on as far as deviations of the series last', () => {
  // Up for eight hours, down for eight: an hour later mostly as now.
  const lasting = (step: number) => 100 + (Math.floor(step / 480) % 2 === 0 ? 3 : -3) + shake(step);
  const gone = (step: number) => 100 + 6 * shake(step);
  assert.ok(error(fourDays(new Horizon(HORIZON_MS), lasting), lasting) < 1.5, 'what lasts is expected to');
  const forecasts = fourDays(new Horizon(HORIZON_MS), gone);
  for (const [step, [expected]] of forecasts) assert.ok(Math.abs(expected! - 100) < 1, `${expected} at ${step}`);
});

test('Horizon believes the day before where that is nearer than the model, and only there', () => {
  const jobs = (step: number) => 100 + (step % 1440 < 720 ? 4 : -4) * (step % 120 < 60 ? 1 : -1);
  const without = error(fourDays(new Horizon(HORIZON_MS), jobs), jobs);
  const withIt = error(fourDays(new Horizon(HORIZON_MS), jobs, { dayBefore: jobs }), jobs);
  const misled = error(fourDays(new Horizon(HORIZON_MS), jobs, { dayBefore: (step) => 200 - jobs(step) }), jobs);
  assert.ok(withIt < 0.6 * without, `${withIt} with it, ${without} without`);
  assert.ok(misled < 1.05 * without, `${misled} misled, ${without} without`);
});

test('Horizon makes its own interval hold the share it is meant to, unless the interval is to stay as it is', () => {
  const wide = (step: number) => 100 + 12 * shake(step);
  const forecasts = fourDays(new Horizon(HORIZON_MS), wide);
  const within = [...forecasts].filter(([step, [, lower, upper]]) => wide(step) >= lower! && wide(step) <= upper!);
  const share = within.length / forecasts.size;
  assert.ok(Math.abs(share - 0.8) < 0.06, `holds ${share}`);
  const plain = fourDays(new Horizon(HORIZON_MS), wide, { interval: 'prophet' });
  for (const [, [expected, lower, upper]] of plain) assert.ok(Math.abs(upper! - lower! - 4) < 1e-9, `${expected}`);
});

test('Horizon expects what the model does before any of its forecasts came due, and of no value', () => {
  const horizon = new Horizon(HORIZON_MS);
  for (const deviation of [5, Number.NaN]) {
    const told = Float64Array.of(100, 98, 103);
    const known = { sigma: 1, deviation, dayBefore: 50, stepMs: STEP_MS, interval: 'calibrated' as const };
    horizon.expect(told, HORIZON_MS, known);
    assert.deepEqual([...told], [100, 98, 103]);
  }
  const before = horizon.state.slice();
  horizon.learn(HORIZON_MS, Number.NaN, { deviation: Number.NaN, sigma: 1, stepMs: STEP_MS, intervalWidth: 0.8 });
  assert.deepEqual(horizon.state, before);
});

test("Horizon's states are all there is to it", () => {
  const valueAt = (step: number) => 100 + 3 * Math.sin(step / 200) + shake(step);
  const first = new Horizon(HORIZON_MS);
  fourDays(first, valueAt);
  const second = new Horizon(HORIZON_MS);
  second.state.set(first.state);
  second.calibration.state.set(first.calibration.state);
  assert.deepEqual(fourDays(second, valueAt), fourDays(first, valueAt));
});
