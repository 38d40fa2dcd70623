import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monthsAhead } from '#src/future/months-ahead.js';

const times = (...days: string[]) => Float64Array.from(days, (day) => Date.parse(`${day}Z`));
const daysAhead = (until: string, ...days: string[]) =>
  monthsAhead(times(...days), Date.parse(`${until}Z`))?.map((timeMs) => new Date(timeMs).toISOString().slice(0, 10));

test('what has one value a month goes on by the month, also over a gap', () => {
  assert.deepEqual(daysAhead('2026-06-01', '2025-11-01', '2025-12-01', '2026-02-01', '2026-03-01'), [
    '2026-04-01',
    '2026-05-01',
    '2026-06-01',
  ]);
  assert.deepEqual(daysAhead('2026-03-01', '2025-12-15', '2026-01-15', '2026-02-15'), []);
});

test('what has not goes on by its step', () => {
  assert.equal(daysAhead('2026-06-01', '2026-01-01', '2026-02-01'), undefined, 'too few');
  assert.equal(daysAhead('2026-06-01', '2026-01-01', '2026-01-02', '2026-01-03'), undefined, 'days');
  assert.equal(daysAhead('2026-06-01', '2026-01-01', '2026-02-01', '2026-03-02'), undefined, 'another day');
  assert.equal(daysAhead('2029-06-01', '2023-01-01', '2024-01-01', '2025-01-01'), undefined, 'years');
  assert.equal(daysAhead('2026-08-01', '2026-01-31', '2026-02-28', '2026-03-31'), undefined, 'ends of months');
});
