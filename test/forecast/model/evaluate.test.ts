import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultConfig } from '#src/config/load.js';
import { TimeGrid } from '#src/forecast/design/time-grid.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import { evaluate, evaluateOn, trendBetween, trendsBetween } from '#src/forecast/model/evaluate.js';
import { DAY, HOUR } from '../../fixtures.js';

const START = Date.UTC(2026, 0, 5);
const { prophet } = defaultConfig().rules[0]!.settings;
const TIMES = Float64Array.from({ length: 300 }, (_, i) => START + 10 * DAY + i * HOUR);

/** Three weeks with a day, a week and a trend that turns. */
function model(options: Partial<typeof prophet>) {
  const timesMs = Float64Array.from({ length: 21 * 24 }, (_, i) => START + i * HOUR);
  const values = timesMs.map((timeMs, i) => {
    const day = Math.sin((2 * Math.PI * timeMs) / DAY);
    return (
      100 +
      20 * day +
      5 * Math.cos((2 * Math.PI * timeMs) / (7 * DAY)) +
      (i > 200 ? 0.2 : 0.05) * i +
      ((i * 7919) % 13) / 13
    );
  });
  return fitProphet({ timesMs, values }, { ...prophet, ...options }).model;
}

const MODELS = {
  additive: model({}),
  multiplicative: model({ seasonalityMode: 'multiplicative' }),
  'kinds of days': model({ dayTypes: 'weekend' }),
};

for (const [name, fitted] of Object.entries(MODELS)) {
  test(`models on one grid share its sines, and each forecast is the same to the bit as alone (${name})`, () => {
    const alone = evaluate(fitted, TIMES, { intervalWidth: 0.9 });
    const grid = new TimeGrid(TIMES);
    for (let round = 0; round < 40; round++) {
      // Of the others the columns are parts of the same buffer.
      const forecast = evaluateOn(fitted, grid, { intervalWidth: 0.9 });
      for (const column of ['yhat', 'yhatLower', 'yhatUpper'] as const) {
        assert.ok(
          Buffer.from(forecast[column].slice().buffer).equals(Buffer.from(alone[column].slice().buffer)),
          column,
        );
      }
    }
  });

  test(`trends to many times are those to each, to the bit (${name})`, () => {
    const out = new Float64Array(TIMES.length);
    trendsBetween(fitted, START + 9 * DAY, TIMES, out);
    for (const [i, timeMs] of TIMES.entries()) assert.equal(out[i], trendBetween(fitted, START + 9 * DAY, timeMs));
  });
}

test('a forecast that is kept is not written over by the next one on its grid', () => {
  const grid = new TimeGrid(TIMES);
  const first = evaluateOn(MODELS.additive, grid, { intervalWidth: 0.9 });
  const before = first.yhat.slice();
  for (let round = 0; round < 40; round++)
    evaluateOn(MODELS.multiplicative, grid, { intervalWidth: 0.9 }).yhat.fill(-1);
  assert.deepEqual(first.yhat, before);
});
