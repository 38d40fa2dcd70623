import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Exclusions } from '#src/engine/exclusions/exclusions.js';
import { forecastOf, reportSeries } from '#src/engine/query/series-report.js';
import { MINUTE, SECOND } from '../../fixtures.js';
import { START, storeWith, trackedAround } from '../fixture.js';

test('the report is about the step scored last, which its alarm is about, also while newer steps are not scored yet', () => {
  const { store, append, settings } = storeWith('m', 'step: 1m');
  append(START + 30 * SECOND, 50);
  append(START + 90 * SECOND, 10);
  const series = trackedAround(10, settings);
  // As after a restart in an incident: the step before was scored, the newest is not.
  series.score = 8;
  series.scoredUntilMs = START + MINUTE;
  append(START + 120 * SECOND, 10);
  const { last, alarm } = reportSeries(store, series, START + 121 * SECOND);
  assert.deepEqual([last.timeMs, last.value, last.score, alarm?.kind], [START + MINUTE, 50, 8, 'value']);
});

test('the report of a series that is not scored yet is about its newest closed step', () => {
  const { store, append, settings } = storeWith('m', 'step: 1m');
  append(START + 30 * SECOND, 50);
  append(START + 90 * SECOND, 10);
  append(START + 120 * SECOND, 10);
  const { last, alarm } = reportSeries(store, trackedAround(10, settings), START + 121 * SECOND);
  assert.deepEqual([last.timeMs, last.value, alarm], [START + 2 * MINUTE, 10, undefined]);
  assert.ok(last.score < 0.1, `score ${last.score} of a value on yhat ${last.yhat}`);
});

test('the report says since when a series is calming down whose score an alarm holds up that is over', () => {
  const { store, append, settings } = storeWith('m', 'step: 1m');
  append(START + 30 * SECOND, 10);
  const series = trackedAround(10, settings);
  series.score = 0.998;
  series.scoredUntilMs = START + MINUTE;
  const calmingSince = () => reportSeries(store, series, START + MINUTE).calmingSinceMs;
  assert.equal(calmingSince(), undefined);
  const fromMs = START - 10 * MINUTE;
  const incident = { fromMs, toMs: START, side: 1, peakScore: 9, kind: 'value', suppressed: false } as const;
  series.alarms.list = [incident];
  assert.equal(calmingSince(), START);
  series.score = 0.5;
  assert.equal(calmingSince(), undefined);
  series.score = 0.998;
  series.alarms.list = [{ ...incident, suppressed: true }];
  assert.equal(calmingSince(), undefined);
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
  const { last } = reportSeries(store, trackedAround(10, settings), START + 181 * SECOND);
  assert.equal(last.value, Number.NaN);
  assert.equal(last.score, Number.NaN);
});

test('a series that begins within a coarse bucket has its steps alone, whenever that is', () => {
  for (let late = 0; late < 10; late++) {
    const { store, append, settings } = storeWith('m', 'step: 1m\n    resolution: 10m');
    const fromMs = Math.ceil(START / (10 * MINUTE)) * 10 * MINUTE + late * MINUTE;
    const wanted = Array.from({ length: 30 }, (_, i) => fromMs + i * MINUTE + 30 * SECOND);
    for (const timeMs of wanted) append(timeMs, 10);
    const range = { startMs: fromMs - 20 * MINUTE, endMs: fromMs + 30 * MINUTE, stepMs: MINUTE };
    const { observed } = forecastOf(store, trackedAround(10, settings), range, range.endMs, new Exclusions(store));
    assert.deepEqual([...observed.timesMs], wanted, `it begins ${late} minutes after the bucket`);
  }
});
