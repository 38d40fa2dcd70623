import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitsAhead } from '#src/engine/limits/limits.js';
import { crossingsOf, limitHorizonMs } from '#src/engine/limits/time-to-limit.js';
import { noteScoredUntil } from '#src/engine/series/score-state.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import type { Bounds } from '#src/model/settings/settings.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';
import { START, storeWith } from '../fixture.js';

/** A disk that fills by one a day: four days of it end at 40, and the last day goes as `lastDay` says, from 39. */
function disk(lastDay: (days: number) => number = (days) => days, rule = '') {
  const { store, append } = storeWith('disk_used_percent', `step: 10m\n    ${rule}`);
  const valueAt = (timeMs: number) => {
    const days = (timeMs - START) / DAY;
    return days <= -1 ? 40 + days : 39 + lastDay(days + 1);
  };
  const timesMs = Float64Array.from(
    { length: (4 * DAY) / (10 * MINUTE) },
    (_, i) => START - 4 * DAY + (i + 0.5) * 10 * MINUTE,
  );
  for (const timeMs of timesMs) append(timeMs, valueAt(timeMs));
  const series = new TrackedSeries(0);
  series.fittedSpanMs = 4 * DAY;
  noteScoredUntil(series, START, true);
  return (limits: Bounds = limitsAhead(store, series)) => crossingsOf(store, series, limits);
}

const near = (gotMs: number, wantMs: number, toleranceMs: number) =>
  assert.ok(Math.abs(gotMs - wantMs) < toleranceMs, `${(gotMs - START) / HOUR} h for ${(wantMs - START) / HOUR} h`);

test('a disk that fills by one a day reaches what is two above it in two days, and by the near edge no later', () => {
  const [max, ...others] = disk()({ max: 42 });
  assert.deepEqual(others, []);
  assert.equal(max!.side, 'max');
  near(max!.expectedMs, START + 2 * DAY, 2 * HOUR);
  assert.ok(max!.earliestMs <= max!.expectedMs && max!.earliestMs > START);
});

test('what is beyond the horizon, and behind, is never reached', () => {
  const [min, max] = disk()({ min: 10, max: 60 });
  assert.deepEqual([min!.side, max!.side], ['min', 'max']);
  assert.deepEqual([min!.expectedMs, max!.expectedMs], [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
});

test('a limit that is reached already is reached now', () => {
  const [max] = disk()({ max: 39.5 });
  assert.deepEqual([max!.expectedMs, max!.earliestMs], [START, START]);
});

test('growth that is new counts: four times as fast for a day, it takes much less', () => {
  const [max] = disk((days) => 4 * days)({ max: 47 });
  near(max!.expectedMs, START + 1.2 * DAY, 8 * HOUR);
});

test('a bound counts as a limit does, where there is no limit on that side', () => {
  const [max, ...others] = disk(undefined, 'bounds: {max: 42}')();
  assert.deepEqual([max!.side, others], ['max', []]);
  near(max!.expectedMs, START + 2 * DAY, 2 * HOUR);
  const [min, nearer] = disk(undefined, 'bounds: {min: 0, max: 42}\n    limits: {max: 41}')();
  assert.deepEqual([min!.side, min!.expectedMs], ['min', Number.POSITIVE_INFINITY]);
  near(nearer!.expectedMs, START + DAY, 2 * HOUR);
});

test('a bound that a series comes to by itself is none that it will reach, and a limit is', () => {
  // Four times in its last day it is at 0.
  const often = (days: number) => (Math.floor(days * 8) % 2 === 0 ? -39 : 1);
  assert.deepEqual(disk(often, 'bounds: {min: 0}')(), []);
  assert.deepEqual(
    disk(often, 'limits: {min: 0}')().map(({ side }) => side),
    ['min'],
  );
  const once = (days: number) => (days < 0.5 ? -39 : 1);
  assert.deepEqual(
    disk(once, 'bounds: {min: 0}')().map(({ side }) => side),
    ['min'],
  );
});

test('a bound is expected to be reached only if the far edge reaches it too, and a limit in any case', () => {
  const shaken = (days: number) => days + 1.5 * Math.sin(50 * days);
  const [bound] = disk(shaken, 'bounds: {max: 42.5}')();
  const [limit] = disk(shaken, 'limits: {max: 42.5}')();
  assert.equal(bound!.expectedMs, Number.POSITIVE_INFINITY);
  near(limit!.expectedMs, START + 2.5 * DAY, DAY);
  assert.equal(bound!.earliestMs, limit!.earliestMs);
});

test('a series that recovers is not expected to fall further', () => {
  // From 39 up to 139 half a day ago, and by now half of the way down.
  const recovering = (days: number) => (days < 0.5 ? 0 : 100 - 100 * (days - 0.5));
  const [min] = disk(recovering, 'limits: {min: 0}')();
  assert.equal(min!.expectedMs, Number.POSITIVE_INFINITY);
});

test('limits are looked for as far ahead as the model has seen of the past, and 30 days at most', () => {
  assert.equal(limitHorizonMs({ fittedSpanMs: 5 * HOUR + MINUTE }), 5 * HOUR);
  assert.equal(limitHorizonMs({ fittedSpanMs: 300 * DAY }), 30 * DAY);
});
