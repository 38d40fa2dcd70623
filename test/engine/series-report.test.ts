import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportSeries } from '#src/engine/series-report.js';
import { MINUTE, SECOND, START, storeWith, watchedAround } from './fixture.js';

test('the report scores the very step whose value and band it shows, whatever was published last', () => {
  const { store, append, settings } = storeWith('m', 'step: 1m');
  append(START + 30 * SECOND, 50);
  append(START + 90 * SECOND, 10);
  const series = watchedAround(10, settings);
  // The step before was scored already, the one of the report is not.
  series.score = 8;
  series.scoredUntilMs = START + MINUTE;

  append(START + 120 * SECOND, 10);
  const { last } = reportSeries(store, series, START + 121 * SECOND);
  assert.equal(last.timeMs, START + 2 * MINUTE);
  assert.equal(last.value, 10);
  assert.ok(last.score < 0.1, `score ${last.score} of a value on yhat ${last.yhat}`);
});

test('the report of a step without a value has no score', () => {
  const { store, append, settings } = storeWith('m', 'step: 1m');
  append(START + 180 * SECOND, 10);
  const series = watchedAround(10, settings);
  series.score = 8;
  const { last } = reportSeries(store, series, START + 181 * SECOND);
  assert.equal(last.value, Number.NaN);
  assert.equal(last.score, Number.NaN);
});
