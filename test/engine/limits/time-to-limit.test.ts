import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crossingsOf, limitHorizonMs, limitTimes } from '#src/engine/limits/time-to-limit.js';
import { noteScoredUntil } from '#src/engine/series/score-state.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { TimeGrid } from '#src/forecast/design/time-grid.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import type { Bounds } from '#src/model/settings/settings.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';
import { START, storeWith } from '../fixture.js';

/** A disk that fills by one a day: four days of it end at 40, and the last day goes as `lastDay` says, from 39. */
function disk(lastDay: (days: number) => number = (days) => days) {
  const { store, settings, append } = storeWith('disk_used_percent', 'step: 10m');
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
  const known = timesMs.filter((timeMs) => timeMs < START - DAY);
  series.model = fitProphet({ timesMs: known, values: known.map(valueAt) }, settings.prophet).model;
  series.fittedSpanMs = 4 * DAY;
  noteScoredUntil(series, START, true);
  const grid = new TimeGrid(limitTimes(START, limitHorizonMs(series)));
  return (limits: Bounds) => crossingsOf(store, series, limits, grid);
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

test('growth that the model does not know yet counts: four times as fast for a day, it takes much less', () => {
  const [max] = disk((days) => 4 * days)({ max: 47 });
  near(max!.expectedMs, START + 1.2 * DAY, 8 * HOUR);
});

test('times are a quarter of an hour apart for a day, then an hour, up to the horizon', () => {
  const times = limitTimes(START + MINUTE, 3 * DAY);
  assert.equal(times[0], START + 15 * MINUTE);
  assert.ok(
    times.every(
      (timeMs, i) => i === 0 || timeMs - times[i - 1]! === (timeMs - START > DAY + 15 * MINUTE ? HOUR : 15 * MINUTE),
    ),
  );
  assert.ok(times.at(-1)! <= START + MINUTE + 3 * DAY && times.at(-1)! > START + 3 * DAY - HOUR);
  assert.equal(limitTimes(START, 0).length, 0);
});

test('limits are looked for as far ahead as the model has seen of the past, and 30 days at most', () => {
  assert.equal(limitHorizonMs({ fittedSpanMs: 5 * HOUR + MINUTE }), 5 * HOUR);
  assert.equal(limitHorizonMs({ fittedSpanMs: 300 * DAY }), 30 * DAY);
});
