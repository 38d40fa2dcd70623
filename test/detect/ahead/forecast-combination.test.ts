import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CombinationByLead } from '#src/detect/ahead/combination-by-lead.js';
import type { CombinationLayout } from '#src/detect/ahead/combination-layout.js';
import { ForecastCombination } from '#src/detect/ahead/forecast-combination.js';

const STEP_MS = 60_000;
const AHEAD = 60;
const UNLEARNT = { lowerFactor: 1, upperFactor: 1 };

function layoutOf(...leads: number[]): CombinationLayout {
  const anchors = leads.map((leadSteps) => {
    const everySteps = Math.max(1, Math.ceil(leadSteps / 36));
    return { leadMs: leadSteps * STEP_MS, leadSteps, everySteps, pending: Math.ceil(leadSteps / everySteps) };
  });
  return { stepMs: STEP_MS, anchors };
}

/** Of the curve and the median; the other experts know nothing. */
const of = (curve: number, median: number) => Float64Array.of(curve, median, Number.NaN, Number.NaN);

/** In [-0.5, 0.5), in no order. */
const shake = (i: number) => Math.abs((Math.sin(i * 12.9898) * 43_758.5453) % 1) - 0.5;

/**
 * Four days of a series of which the model expects 100 ± 2 (σ 1), forecast an hour ahead at every step. Returns the
 * forecasts of the last day, by step, as [expected, lower, upper].
 */
function fourDays(
  combination: ForecastCombination,
  valueAt: (step: number) => number,
  { medianAt = (_: number) => Number.NaN, isCalibrated = true, isIncident = (_: number): boolean => false } = {},
): Map<number, Float64Array> {
  const made = new Map<number, Float64Array>();
  for (let step = 0; step < 4 * 1440; step++) {
    const endMs = (step + 1) * STEP_MS;
    const value = valueAt(step);
    const intervalWidth = isIncident(step) ? Number.NaN : 0.8;
    const deviations = of(value - 100, value - medianAt(step));
    const forecastsOf = (due: number) => ({ said: of(100, medianAt(due)), deviations });
    combination.learn(endMs, value, { sigma: 1, intervalWidth }, (originMs, valueThen) => ({
      said: of(Number.NaN, medianAt(step)),
      deviations: of(Number.NaN, valueThen - medianAt(originMs / STEP_MS - 1)),
    }));
    combination.keep(endMs, () => ({ curve: 100, half: 2, value, deviation: value - 100 }));
    if (step < 3 * 1440 - AHEAD || step >= 4 * 1440 - AHEAD) continue;
    const interval = Float64Array.of(100, 98, 102);
    const { said, deviations: now } = forecastsOf(step + AHEAD);
    const by = new CombinationByLead(combination, UNLEARNT, now);
    by.combine(interval, AHEAD * STEP_MS, said, { sigma: 1, isCalibrated });
    made.set(step + AHEAD, interval);
  }
  return made;
}

const hourAhead = () => new ForecastCombination(layoutOf(AHEAD));

/** Mean distance of the values from what was expected. */
function error(made: Map<number, Float64Array>, valueAt: (step: number) => number): number {
  let sum = 0;
  for (const [step, [expected]] of made) sum += Math.abs(valueAt(step) - expected!);
  return sum / made.size;
}

test('ForecastCombination carries a deviation on as far as deviations of the series last', () => {
  // Up for eight hours, down for eight: an hour later mostly as now.
  const lasting = (step: number) => 100 + (Math.floor(step / 480) % 2 === 0 ? 3 : -3) + shake(step);
  const gone = (step: number) => 100 + 6 * shake(step);
  assert.ok(error(fourDays(hourAhead(), lasting), lasting) < 1.5, 'what lasts is expected to');
  for (const [step, [expected]] of fourDays(hourAhead(), gone))
    assert.ok(Math.abs(expected! - 100) < 1, `${expected} at ${step}`);
});

test('ForecastCombination believes the median where that is nearer than the model, and only there', () => {
  const jobs = (step: number) => 100 + (step % 1440 < 720 ? 4 : -4) * (step % 120 < 60 ? 1 : -1);
  const without = error(fourDays(hourAhead(), jobs), jobs);
  const withIt = error(fourDays(hourAhead(), jobs, { medianAt: jobs }), jobs);
  const misled = error(fourDays(hourAhead(), jobs, { medianAt: (step) => 20 + jobs(step) }), jobs);
  assert.ok(withIt < 0.1 * without, `${withIt} with it, ${without} without`);
  assert.ok(misled < 1.05 * without, `${misled} misled, ${without} without`);
});

test('ForecastCombination learns nothing from an incident', () => {
  const usual = (step: number) => 100 + shake(step);
  const isIncident = (step: number) => step % 1440 < 480;
  const withIncidents = (step: number) => usual(step) + (isIncident(step) ? 40 : 0);
  const medianAt = (step: number) => 101 + (isIncident(step) ? 39 : 0);
  const learnt = hourAhead();
  fourDays(learnt, withIncidents, { medianAt, isIncident });
  const [{ weights, logFactors } = assert.fail()] = learnt.combinations(UNLEARNT);
  assert.ok(weights[0]! > 4 * weights[1]!, `the median, right of incidents alone, has ${weights[1]} of ${weights}`);
  assert.ok(logFactors[1]! < 0, `the interval was wide enough, and grew by ${logFactors[1]}`);
});

test('ForecastCombination makes its interval hold the share it is meant to, unless it is to stay as it is', () => {
  const wide = (step: number) => 100 + 12 * shake(step);
  const made = fourDays(hourAhead(), wide);
  const within = [...made].filter(([step, [, lower, upper]]) => wide(step) >= lower! && wide(step) <= upper!);
  const share = within.length / made.size;
  assert.ok(Math.abs(share - 0.8) < 0.06, `holds ${share}`);
  for (const [, [expected, lower, upper]] of fourDays(hourAhead(), wide, { isCalibrated: false }))
    assert.ok(Math.abs(upper! - lower! - 4) < 1e-9, `${expected}`);
});

test('ForecastCombination expects what the model does before any of its forecasts came due', () => {
  const combination = hourAhead();
  const interval = Float64Array.of(100, 98, 103);
  const forecasts = { said: of(100, 50), deviations: of(5, Number.NaN) };
  const factors = { lowerFactor: 1, upperFactor: 2 };
  const options = { sigma: 1, isCalibrated: true };
  new CombinationByLead(combination, factors, forecasts.deviations).combine(
    interval,
    AHEAD * STEP_MS,
    forecasts.said,
    options,
  );
  assert.deepEqual([...interval], [100, 98, 106]);
  const before = combination.state.slice();
  combination.learn(AHEAD * STEP_MS, Number.NaN, { sigma: 1, intervalWidth: 0.8 }, () => forecasts);
  assert.deepEqual(combination.state, before);
});

test('between two anchors the combination goes from one to the other', () => {
  const combination = new ForecastCombination(layoutOf(AHEAD, 4 * AHEAD));
  const lasting = (step: number) => 100 + (Math.floor(step / 480) % 2 === 0 ? 3 : -3) + shake(step);
  fourDays(combination, lasting);
  const by = new CombinationByLead(combination, UNLEARNT, of(3, Number.NaN));
  const at = (steps: number) => {
    const interval = Float64Array.of(100, 98, 102);
    by.combine(interval, steps * STEP_MS, of(100, Number.NaN), { sigma: 1, isCalibrated: true });
    return interval[0]!;
  };
  assert.ok(at(AHEAD) > at(4 * AHEAD));
  // Half of the way in the logarithm.
  assert.ok(Math.abs(at(2 * AHEAD) - (at(AHEAD) + at(4 * AHEAD)) / 2) < 1e-9);
  assert.deepEqual([at(1), at(9 * AHEAD)], [at(AHEAD), at(4 * AHEAD)]);
});

test('values far from 0 lose no digits', () => {
  const base = 1e12;
  const combination = hourAhead();
  const forecasts = { said: of(base + 1, base + 1), deviations: of(0, 0) };
  for (let step = 1; step < 1440; step++) {
    combination.learn(step * STEP_MS, base + 1, { sigma: 1e-3, intervalWidth: 0.8 }, () => forecasts);
    combination.keep(step * STEP_MS, () => ({ curve: base + 1, half: 2e-3, value: base + 1, deviation: 0 }));
  }
  const [learnt] = combination.combinations(UNLEARNT);
  assert.ok(learnt!.logFactors[0]! < 0 && learnt!.logFactors[1]! < 0, `${learnt!.logFactors}`);
});

test('other lead times keep what was learnt of those that stay', () => {
  const valueAt = (step: number) => 100 + 3 * Math.sin(step / 200) + shake(step);
  const first = hourAhead();
  fourDays(first, valueAt);
  const second = new ForecastCombination(layoutOf(1, AHEAD, 4 * AHEAD), first);
  assert.deepEqual(second.combinations(UNLEARNT)[1], first.combinations(UNLEARNT)[0]);
  assert.equal(second.combinations(UNLEARNT)[0]!.weights[0], 1);
});
