import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay } from '#src/backtest/replay/replay.js';
import { expectAhead, forecastOn } from '#src/engine/expectation/expectation.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { HOUR, MINUTE } from '../../fixtures.js';
import { START, storeWith } from '../fixture.js';

const HORIZONS = [10 * MINUTE, HOUR, 5 * HOUR, 24 * HOUR];

const RULES = {
  'without options': '',
  'with seasons that multiply': 'prophet: {seasonality_mode: multiplicative}',
  'with types of days, by a clock, within bounds':
    'prophet: {day_types: weekend}\n    timezone: Europe/Berlin\n    bounds: {min: 40}',
  'with odd orders of seasons': 'prophet: {daily_seasonality: 5, weekly_seasonality: 1}\n    interval: prophet',
};

for (const [kind, yaml] of Object.entries(RULES)) {
  test(`what is served at a lead time is what is published under that horizon, by a rule ${kind}`, () => {
    compareServedWithPublished(yaml);
  });
}

function compareServedWithPublished(yaml: string): void {
  const { rule } = storeWith('m', `step: 10m\n    horizons: [10m, 1h, 5h, 1d]\n    ${yaml}`);
  const timesMs = Float64Array.from({ length: 5 * 144 }, (_, i) => START + (i + 0.5) * 10 * MINUTE);
  const values = timesMs.map((timeMs, i) => 50 + 20 * Math.sin(timeMs / (4 * HOUR)) + 5 * Math.sin(i / 7) + (i % 3));
  let compared = 0;
  replay({ timesMs, values }, makeLabels({ __name__: 'm' }), rule, {
    onStep: (store, series) => {
      const dueMs = Float64Array.from(HORIZONS, (ms) => series.scoredUntilMs + ms - 5 * MINUTE);
      const { yhat, yhatLower, yhatUpper } = forecastOn(store, series, dueMs);
      for (const [i, ms] of HORIZONS.entries()) {
        const published = new Float64Array(3);
        expectAhead(store, series, ms, published);
        assert.deepEqual([yhat[i], yhatLower[i], yhatUpper[i]], [...published], `${ms} ms`);
        compared++;
      }
    },
  });
  assert.ok(compared > 4 * 4 * 144);
}
