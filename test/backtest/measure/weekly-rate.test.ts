import assert from 'node:assert/strict';
import { test } from 'node:test';
import { weeklyRate } from '#src/backtest/measure/weekly-rate.js';
import { DAY, HOUR } from '../../fixtures.js';

test('a week, which may lack some samples, has a rate', () => {
  assert.equal(weeklyRate(6, 14 * DAY), 3);
  assert.equal(weeklyRate(0, 7 * DAY), 0);
  assert.ok(Math.abs(weeklyRate(7, 6.6 * DAY) - 7.4) < 0.05);
});

test('less than a week has none', () => {
  for (const trackedMs of [0, 8 * HOUR, 6 * DAY]) assert.ok(Number.isNaN(weeklyRate(1, trackedMs)));
});
