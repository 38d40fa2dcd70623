import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCsvTime } from '#src/backtest/input/csv-time.js';

test('times are read as people and programs write them, dates without an offset in UTC', () => {
  for (const [text, wanted] of [
    ['1767600000', 1_767_600_000_000],
    ['1767600000.5', 1_767_600_000_500],
    ['1767600000000', 1_767_600_000_000],
    ['1.7676e9', 1_767_600_000_000],
    ['2026-01-05', Date.UTC(2026, 0, 5)],
    ['2026-01-05 08:00', Date.UTC(2026, 0, 5, 8)],
    ['2026-01-05T08:00:01.5Z', Date.UTC(2026, 0, 5, 8, 0, 1, 500)],
    ['2026-01-05 08:00:00+0130', Date.UTC(2026, 0, 5, 6, 30)],
    ['2026-01-05 08:00:00 UTC', Date.UTC(2026, 0, 5, 8)],
  ] as const) {
    assert.equal(parseCsvTime(text, false), wanted, text);
  }
});

test('numbers that are said to be seconds are seconds, however far they lead', () => {
  assert.equal(parseCsvTime('1767600000000', true), 1_767_600_000_000_000);
});

test('what is no time is NaN', () => {
  for (const text of ['', 'now', '05/01/2026', '2026-13-05', '2026-01-05 25:00', '0x10']) {
    assert.ok(Number.isNaN(parseCsvTime(text, false)), text);
  }
});
