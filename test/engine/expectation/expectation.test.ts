import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectAhead, expectAt, expectOtherwiseAt, forecastOn } from '#src/engine/expectation/expectation.js';
import { acceptLevel } from '#src/engine/series/level-state.js';
import { noteScoredUntil } from '#src/engine/series/score-state.js';
import { MINUTE } from '../../fixtures.js';
import { START, storeWith, trackedAround } from '../fixture.js';

const CHANGE = { atMs: START - 20 * MINUTE, factor: 2, offset: 7, resetsHistory: false };

/** A series around 50 whose level was taken to 2 × 50 + 7 twenty minutes ago, if it is `moved`. */
function seriesWith({ ruleYaml = 'step: 1m', moved = true } = {}) {
  const source = storeWith('m', ruleYaml);
  source.append(START - 30 * MINUTE, 50);
  const series = trackedAround(50, source.settings);
  // An interval that was found to be too narrow below and too wide above.
  series.calibration.state.set([0.5, -0.25]);
  if (moved) acceptLevel(source.store, series, CHANGE, 1, START);
  const at = (timeMs: number) => {
    const out = new Float64Array(3);
    const sigma = expectAt(source.store, series, timeMs, out);
    return { interval: [...out], sigma };
  };
  return { ...source, series, at };
}

const near = (got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number) => {
  for (let i = 0; i < want.length; i++)
    assert.ok(Math.abs(got[i]! - want[i]!) <= tolerance, `${Array.from(got)} for ${Array.from(want)}`);
};

test('what is expected at one instant is what a forecast over many has there', () => {
  const { store, series, at } = seriesWith();
  const timesMs = Float64Array.from({ length: 60 }, (_, i) => START + (i - 40) * MINUTE);
  const { yhat, yhatLower, yhatUpper } = forecastOn(store, series, timesMs);
  timesMs.forEach((timeMs, i) => {
    const { interval } = at(timeMs);
    // One grain, where the last bit of the sum decides how it is rounded.
    const grain = (yhatUpper[i]! - yhatLower[i]!) / 512;
    near(interval, [yhat[i]!, yhatLower[i]!, yhatUpper[i]!], grain);
  });
});

test('the past is expected at the level it had, with the noise of that level', () => {
  const { at } = seriesWith();
  const { at: before } = seriesWith({ moved: false });
  const [past, present] = [CHANGE.atMs - MINUTE, CHANGE.atMs];
  const want = before(past);
  near(at(past).interval, want.interval, (want.interval[2]! - want.interval[1]!) / 512);
  near([at(past).sigma], [want.sigma], 1e-9);
  const [yhat, lower, upper] = at(present).interval as [number, number, number];
  near([yhat], [2 * want.interval[0]! + 7], 0.2);
  near([at(present).sigma], [2 * want.sigma], 0.05);
  // Stretched by e^0.5 below, and by e^-0.25 above.
  near([(yhat - lower) / (upper - yhat)], [Math.exp(0.75)], 0.02);
});

test('the other hypothesis about a level says what the series would be without the change', () => {
  const { store, series } = seriesWith();
  const { at: before } = seriesWith({ moved: false });
  const out = new Float64Array(3);
  assert.ok(expectOtherwiseAt(store, series, START, out));
  assert.deepEqual([...out], before(START).interval);
});

test('where a level is not in question there is no other hypothesis, and nothing is written', () => {
  const { store, series } = seriesWith({ moved: false });
  const out = Float64Array.of(1, 2, 3);
  assert.equal(expectOtherwiseAt(store, series, START, out), false);
  assert.deepEqual([...out], [1, 2, 3]);
});

test('everything expected is within the bounds of the rule', () => {
  const { store, series, at } = seriesWith({ ruleYaml: 'step: 1m\n    bounds: {min: 0, max: 60}' });
  noteScoredUntil(series, START, true);
  const ahead = new Float64Array(3);
  expectAhead(store, series, 10 * MINUTE, ahead);
  const { yhat, yhatLower, yhatUpper } = forecastOn(store, series, Float64Array.of(START, START + MINUTE));
  assert.deepEqual([at(START).interval[0], ahead[0], ...yhat, ...yhatUpper], Array(6).fill(60));
  assert.ok(yhatLower.every((lower) => lower <= 60));
});
