import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay } from '#src/backtest/replay/replay.js';
import { settingsAtStep } from '#src/backtest/replay/settings-at-step.js';
import { defaultConfig, parseConfig } from '#src/config/load.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { DAY } from '../../fixtures.js';

const STEP_MS = 300_000;
const START_MS = Date.UTC(2026, 0, 5);
const defaults = defaultConfig().rules[0]!;
const rule = { ...defaults, settings: settingsAtStep(defaults.settings, STEP_MS) };
const labels = makeLabels({ __name__: 'm' });

/** Four days of a daily wave, shaken a little. */
function wave() {
  const timesMs = Float64Array.from({ length: (4 * DAY) / STEP_MS }, (_, i) => START_MS + i * STEP_MS);
  const values = timesMs.map((timeMs, i) => 50 + 20 * Math.sin((timeMs / DAY) * 2 * Math.PI) + Math.sin(i * 12.9898));
  return { timesMs, values };
}

test('replay() says of a sample nothing that it learnt from later ones', () => {
  const samples = wave();
  const whole = replay(samples, labels, rule);
  const cut = 900;
  const altered = { ...samples, values: samples.values.map((value, i) => (i < cut ? value : 1e4 - value)) };
  const other = replay(altered, labels, rule);
  for (const column of ['yhat', 'yhatLower', 'yhatUpper', 'scores'] as const) {
    assert.deepEqual(other[column].subarray(0, cut), whole[column].subarray(0, cut), column);
  }
  assert.equal(other.yhat[cut], whole.yhat[cut], 'the forecast of the first altered sample was fixed before it came');
  assert.notEqual(other.scores[cut], whole.scores[cut]);
});

test('replay() gives an incident a score over 1 and usual days one below, once it knows the series', () => {
  const samples = wave();
  const incidentAt = 1100;
  samples.values[incidentAt] = 150;
  const { scores, fits } = replay(samples, labels, rule);
  const high = [...scores.keys()].filter((i) => i >= 900 && scores[i]! > 1);
  assert.deepEqual(high, [incidentAt]);
  assert.ok(fits >= 4 * 24, `${fits} fits in four days`);
});

test('replay() passes over a hole of a year as over any other', () => {
  const before = wave();
  const year = 366 * DAY;
  const both = (column: Float64Array, shift: number) => Float64Array.of(...column, ...column.map((x) => x + shift));
  const samples = { timesMs: both(before.timesMs, year), values: both(before.values, 0) };
  const { scores, yhat, fits } = replay(samples, labels, rule);
  const n = before.timesMs.length;
  assert.ok(fits <= 2 * 4 * 30, `${fits} fits for eight days of samples`);
  assert.ok(Number.isFinite(yhat.at(-1)), 'there are forecasts again');
  assert.ok(
    scores.subarray(2 * n - 288).every((score) => score < 1),
    'and the last day is usual',
  );
});

test('replay() takes forecasts so long before their time as was asked', () => {
  const samples = wave();
  const cut = 1000;
  const altered = { ...samples, values: samples.values.map((value, i) => (i < cut ? value : value + 500)) };
  const hour = 12;
  const [usual, shifted] = [samples, altered].map(
    (each) => replay(each, labels, rule, { horizonMs: hour * STEP_MS }).yhat,
  );
  assert.deepEqual(shifted!.subarray(0, cut + hour), usual!.subarray(0, cut + hour), 'an hour ahead knows nothing yet');
  assert.ok(shifted![cut + hour]! > usual![cut + hour]! + 1, 'and then it does');
});

test('replay() of a counter tells its rate, resets and all, and forecasts that', () => {
  const { timesMs } = wave();
  let total = 0;
  const values = timesMs.map((_, i) => {
    total = i % 500 === 499 ? 0 : total + 3 * (STEP_MS / 1000);
    return total;
  });
  const { observed, yhat } = replay({ timesMs, values }, makeLabels({ __name__: 'requests_total' }), rule);
  assert.equal(values[10], 11 * 3 * (STEP_MS / 1000), 'the samples are as they were');
  const far = (column: Float64Array) => column.slice(20).filter((value) => !(Math.abs(value - 3) <= 0.2));
  assert.deepEqual([far(observed).length, far(yhat).length], [2, 0], 'but for the steps of the two resets');
});

test('replay() has a limit from another series as it was at the time', () => {
  const samples = wave();
  const { rules } = parseConfig(
    'rules: [{name: a, match: [m], step: 5m, limits: {max: {series: size, on: [], factor: 0.5}}}]',
    '.',
  );
  const size = {
    labels: makeLabels({ __name__: 'size', disk: 'a' }),
    samples: { timesMs: Float64Array.of(START_MS + DAY, START_MS + 2 * DAY), values: Float64Array.of(60, 1000) },
  };
  const { scores } = replay(samples, labels, rules[0]!, { figures: [size] });
  const isBeyond = (day: number) => (i: number) =>
    Math.floor((samples.timesMs[i]! - START_MS) / DAY) === day && samples.values[i]! > 30;
  const scoresOf = (day: number) => [...scores.keys()].filter(isBeyond(day)).map((i) => scores[i]!);
  assert.ok(
    scoresOf(0).every((score) => !(score >= 2)),
    'not known yet',
  );
  assert.ok(
    scoresOf(1).every((score) => score >= 2),
    'half of 60',
  );
  assert.ok(
    scoresOf(3).every((score) => !(score >= 2)),
    'half of 1000',
  );
});
