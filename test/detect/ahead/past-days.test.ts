import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PastDays } from '#src/detect/ahead/past-days.js';
import type { LevelShift } from '#src/model/samples/level-shift.js';
import type { RingView } from '#src/model/samples/ring-view.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';

const NOON = 12 * HOUR;

/** Ten days of hourly buckets, each the number of its day at noon and 0 else; days without a value given apart. */
function history(gaps: readonly number[] = []): RingView {
  const memory = new SharedArrayBuffer(240 * 8);
  const values = new Float64Array(memory);
  for (let day = 0; day < 10; day++) values[day * 24 + 12] = gaps.includes(day) ? Number.NaN : day;
  return { memory, byteOffset: 0, capacity: 240, format: 'f64', base: 0, widthMs: HOUR, newestBucket: 239 };
}

const noonOf = (day: number) => day * DAY + NOON + HOUR / 2;

test('the median is taken at that time of the last seven days that are known', () => {
  assert.equal(new PastDays(history(), []).median(noonOf(10), 10 * DAY), 6);
  assert.equal(new PastDays(history([9, 8]), []).median(noonOf(10), 10 * DAY), 4);
  assert.equal(new PastDays(history(), []).median(noonOf(10) + HOUR, 10 * DAY), 0);
});

test('the median leaves out days that were not over', () => {
  assert.equal(new PastDays(history(), []).median(noonOf(9), noonOf(7) + HOUR / 2), 4);
});

test('the median of few days is theirs, of none NaN', () => {
  assert.equal(new PastDays(history([0, 1, 2, 3, 4, 5, 6, 7]), []).median(noonOf(10), 10 * DAY), 8.5);
  assert.equal(new PastDays(history(), []).median(noonOf(0), 10 * DAY), Number.NaN);
});

test('the median moves what was before a level shift to the present level, and leaves out what says nothing of it', () => {
  const shift: LevelShift = { atMs: 7 * DAY, factor: 10, offset: 1, resetsHistory: false };
  // 31, 41, 51, 61, 7, 8, 9.
  assert.equal(new PastDays(history(), [shift]).median(noonOf(10), 10 * DAY), 31);
  assert.equal(new PastDays(history(), [{ ...shift, resetsHistory: true }]).median(noonOf(10), 10 * DAY), 8);
});

test('the last day is the last one that was over', () => {
  const days = new PastDays(history([6]), []);
  assert.equal(days.lastDay(noonOf(10), 10 * DAY), 9);
  assert.equal(days.lastDay(noonOf(10), noonOf(8) + HOUR / 2), 8);
  assert.equal(days.lastDay(noonOf(7), 7 * DAY), Number.NaN);
});

test('the same weekday is the mean of the last two that have a value', () => {
  const weeks = (gaps: readonly number[]) => new PastDays(history(gaps), []).sameWeekday(noonOf(16), 16 * DAY);
  assert.equal(weeks([]), (9 + 2) / 2);
  assert.equal(weeks([9]), 2);
  assert.equal(weeks([2]), 9);
  assert.equal(weeks([2, 9]), Number.NaN);
  assert.equal(new PastDays(history(), []).sameWeekday(noonOf(16), noonOf(8) + HOUR / 2), 2);
});

/** Ten days of 10-minute buckets, 100 in the one that begins at noon and 0 else. */
function dailyJob(newestBucket: number): RingView {
  const memory = new SharedArrayBuffer(1440 * 8);
  const values = new Float64Array(memory);
  for (let day = 0; day < 10; day++) values[day * 144 + 72] = 100;
  return { memory, byteOffset: 0, capacity: 1440, format: 'f64', base: 0, widthMs: 10 * MINUTE, newestBucket };
}

test('a job of ten minutes a day is neither lower nor longer on the days before', () => {
  const days = new PastDays(dailyJob(1439), []);
  const startMs = 10 * DAY + NOON;
  const at = (minutes: number) =>
    (['median', 'lastDay', 'sameWeekday'] as const).map((of) => days[of](startMs + minutes * MINUTE, 10 * DAY));
  assert.deepEqual(at(-4.5), [0, 0, 0]);
  assert.deepEqual(at(0.5), [100, 100, 100]);
  assert.deepEqual(at(9.5), [100, 100, 100]);
  assert.deepEqual(at(14.5), [0, 0, 0]);
});

test('a bucket that was not over is spoken for by the one before, not by an earlier one', () => {
  // A day ahead in steps of a minute: five minutes of the bucket that is asked for were known.
  const knownUntilMs = 9 * DAY + NOON + 15 * MINUTE;
  const days = new PastDays(dailyJob(1439), []);
  assert.equal(days.lastDay(knownUntilMs + DAY - MINUTE / 2, knownUntilMs), 100);
  assert.equal(days.lastDay(knownUntilMs + DAY + 10 * MINUTE, knownUntilMs), 0);
});
