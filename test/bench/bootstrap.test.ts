import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootstrap } from './bootstrap.js';

test('bootstrap() finds no deviation where all series of a family are alike', () => {
  const series = {
    events: 4,
    events_found: 2,
    false_alarms: 2,
    clean_days: 10,
    vus_pr: 0.4,
    auc_pr: 0.5,
    coverage: 0.99,
  };
  const found = bootstrap([
    [series, series],
    [series, series, series],
  ]);
  for (const [field, deviation] of Object.entries(found)) assert.ok(deviation < 1e-12, field);
});

test('bootstrap() finds the standard error of a mean of independent series', () => {
  // Half of 100 series have 0, half have 1: the mean of as many drawn deviates by 0.5 / √100.
  const series = Array.from({ length: 100 }, (_, i) => ({ vus_pr: i % 2 }));
  const { vus_pr } = bootstrap([series]);
  assert.ok(Math.abs(vus_pr! - 0.05) < 0.005, `${vus_pr}`);
});
