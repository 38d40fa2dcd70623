import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysToMonth, daysToMonthEnd } from '#src/calendar/months.js';
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
