import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportSeries } from '#src/engine/query/series-report.js';
import { MINUTE, SECOND } from '../../fixtures.js';
import { START, storeWith, trackedAround } from '../fixture.js';

test('the report scores the very step whose value and interval it shows, whatever was published last', () => {
  const { store, append, settings } = storeWith('m', 'step: 1m');
  append(START + 30 * SECOND, 50);
  append(START + 90 * SECOND, 10);
  const series = trackedAround(10, settings);
  // The step before was scored already, the one of the report is not.
  series.score = 8;
  series.scoredUntilMs = START + MINUTE;

  append(START + 120 * SECOND, 10);
  const { last } = reportSeries(store, series, START + 121 * SECOND);
  assert.equal(last.timeMs, START + 2 * MINUTE);
  assert.equal(last.value, 10);
  assert.ok(last.score < 0.1, `score ${last.score} of a value on yhat ${last.yhat}`);
});

test('the report has the score of a step as it was published, once it was', () => {
  const { store, append, settings } = storeWith('m', 'step: 1m');
  append(START + 30 * SECOND, 50);
  append(START + 90 * SECOND, 10);
  const series = trackedAround(10, settings);
  // An alarm that comes every day is suppressed, whatever the distance.
  series.score = 0.99;
  series.scoredUntilMs = START + MINUTE;
  const { last } = reportSeries(store, series, START + 91 * SECOND);
  assert.deepEqual([last.timeMs, last.value, last.score], [START + MINUTE, 50, 0.99]);
});

test('the report of a step without a value has no score', () => {
  const { store, append, settings } = storeWith('m', 'step: 1m');
  append(START + 180 * SECOND, 10);
  const series = trackedAround(10, settings);
  series.score = 8;
  const { last } = reportSeries(store, series, START + 181 * SECOND);
  assert.equal(last.value, Number.NaN);
  assert.equal(last.score, Number.NaN);
});
