import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysToMonth, daysToMonthEnd, MEAN_MONTH_MS, monthTime } from '#src/calendar/months.js';
import { DAY } from '../fixtures.js';

const at = (text: string) => Date.parse(`${text}Z`);

/** The date so many days before. */
function before(text: string, days: number): string | undefined {
  return Number.isNaN(days) ? undefined : new Date(at(text) - days * DAY).toISOString().slice(0, 16);
}

test('daysToMonth() finds the same day of a month before', () => {
  const cases: [text: string, months: number, want: string | undefined][] = [
    ['2026-03-01T03:00', 1, '2026-02-01T03:00'],
    ['2026-01-15T23:59', 2, '2025-11-15T23:59'],
    ['2026-03-31T00:00', 1, undefined],
    ['2024-03-29T00:00', 1, '2024-02-29T00:00'],
    ['2026-03-29T00:00', 1, undefined],
  ];
  for (const [text, months, want] of cases) assert.equal(before(text, daysToMonth(at(text), months)), want, text);
});

test('daysToMonthEnd() finds the day that is as far from the end of a month before', () => {
  const cases: [text: string, months: number, want: string | undefined][] = [
    ['2026-03-31T03:00', 1, '2026-02-28T03:00'],
    ['2026-02-28T03:00', 1, '2026-01-31T03:00'],
    ['2026-04-29T12:00', 2, '2026-02-27T12:00'],
    ['2026-01-30T00:00', 1, '2025-12-30T00:00'],
    // The 31st day from the end, which February does not have.
    ['2026-03-01T00:00', 1, undefined],
  ];
  for (const [text, months, want] of cases) assert.equal(before(text, daysToMonthEnd(at(text), months)), want, text);
});

test('monthTime() has the beginning and the end of each month on multiples of a mean one', () => {
  const months = (text: string) => monthTime(at(text)) / MEAN_MONTH_MS;
  for (let month = -24 * 12; month < 12 * 200; month++) {
    const startMs = Date.UTC(1970, month, 1);
    const endMs = Date.UTC(1970, month + 1, 1);
    const start = monthTime(startMs) / MEAN_MONTH_MS;
    assert.ok(Math.abs(start - Math.round(start)) < 1e-9, new Date(startMs).toISOString());
    assert.ok(Math.abs(monthTime(endMs) / MEAN_MONTH_MS - start - 1) < 1e-9, new Date(startMs).toISOString());
    assert.ok(Math.abs(monthTime((startMs + endMs) / 2) / MEAN_MONTH_MS - start - 0.5) < 1e-9);
  }
  assert.ok(Math.abs(months('2024-02-29T12:00') - months('2024-02-01T00:00') - 28.5 / 29) < 1e-9);
});
