import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeadErrors } from '#src/backtest/measure/lead-errors.js';
import { replay } from '#src/backtest/replay/replay.js';
import { settingsAtStep } from '#src/backtest/replay/settings-at-step.js';
import { defaultConfig } from '#src/config/load.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';

const STEP_MS = 10 * MINUTE;
const START_MS = Date.UTC(2026, 0, 5);
const INTERVAL_WIDTH = 0.8;

test('LeadErrors makes the forecasts that are due at fromMs or later, and no others', () => {
  const [defaults] = defaultConfig().rules;
  const rule = { ...defaults!, settings: settingsAtStep(defaults!.settings, STEP_MS) };
  const timesMs = Float64Array.from({ length: (4 * DAY) / STEP_MS }, (_, i) => START_MS + i * STEP_MS);
  const values = timesMs.map((timeMs, i) => 50 + 20 * Math.sin((timeMs / DAY) * 2 * Math.PI) + Math.sin(i * 12.9898));
  const fromMs = START_MS + 3 * DAY;
  const all = new LeadErrors(STEP_MS);
  const later = new LeadErrors(STEP_MS, { fromMs });
  let origins = 0;
  replay({ timesMs, values }, makeLabels({ __name__: 'm' }), rule, {
    onStep: (store, series) => {
      all.observe(store, series);
      later.observe(store, series);
      // The first that is due then is made a step before.
      if (series.scoredUntilMs >= fromMs) origins++;
    },
  });

  const [step, hour] = later.measures({ intervalWidth: INTERVAL_WIDTH });
  // The last origin has no step after it.
  assert.equal(step!.forecasts, origins - 1);
  assert.equal(hour!.leadMs, HOUR);
  assert.equal(hour!.forecasts, DAY / STEP_MS);
  const [stepOfAll] = all.measures({ intervalWidth: INTERVAL_WIDTH });
  assert.ok(stepOfAll!.forecasts > 2 * step!.forecasts, `${stepOfAll!.forecasts} forecasts of four days`);
});
