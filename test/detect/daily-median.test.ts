import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DailyMedian } from '#src/detect/daily-median.js';
import type { LevelShift } from '#src/model/level-shift.js';
import type { RingView } from '#src/model/ring-view.js';
import { DAY, HOUR } from '../fixtures.js';

const NOON = 12 * HOUR;

/** Ten days of hourly buckets, each the number of its day at noon and 0 else; days without a value given apart. */
function history(gaps: readonly number[] = []): RingView {
  const memory = new SharedArrayBuffer(240 * 8);
  const values = new Float64Array(memory);
  for (let day = 0; day < 10; day++) values[day * 24 + 12] = gaps.includes(day) ? Number.NaN : day;
  return { memory, byteOffset: 0, capacity: 240, format: 'f64', base: 0, widthMs: HOUR, newestBucket: 239 };
}

const noonOf = (day: number) => day * DAY + NOON + HOUR / 2;

test('DailyMedian is the median at that time of the last seven days that are known', () => {
  assert.equal(new DailyMedian(history(), []).at(noonOf(10), 10 * DAY), 6);
  assert.equal(new DailyMedian(history([9, 8]), []).at(noonOf(10), 10 * DAY), 4);
  assert.equal(new DailyMedian(history(), []).at(noonOf(10) + HOUR, 10 * DAY), 0);
});

test('DailyMedian leaves out days that were not over', () => {
  assert.equal(new DailyMedian(history(), []).at(noonOf(9), noonOf(8) - DAY), 4);
});

test('DailyMedian of few days is theirs, of none NaN', () => {
  assert.equal(new DailyMedian(history([0, 1, 2, 3, 4, 5, 6, 7]), []).at(noonOf(10), 10 * DAY), 8.5);
  assert.equal(new DailyMedian(history(), []).at(noonOf(0), 10 * DAY), Number.NaN);
});

test('DailyMedian moves what was before a level shift to the present level, and leaves out what says nothing of it', () => {
  const shift: LevelShift = { atMs: 7 * DAY, factor: 10, offset: 1, resetsHistory: false };
  // 31, 41, 51, 61, 7, 8, 9.
  assert.equal(new DailyMedian(history(), [shift]).at(noonOf(10), 10 * DAY), 31);
  assert.equal(new DailyMedian(history(), [{ ...shift, resetsHistory: true }]).at(noonOf(10), 10 * DAY), 8);
});
