import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timeTicks } from '#src/backtest/report/time-ticks.js';
import { DAY, HOUR } from '../../fixtures.js';

const texts = (from: string, lengthMs: number, zone: string, count = 8) =>
  timeTicks(Date.parse(from), Date.parse(from) + lengthMs, { count, zone }).map(
    ({ timeMs, text }) => `${new Date(timeMs).toISOString().slice(5, 16)} ${text}`,
  );

test('labels of time are at round times of the clock of the zone', () => {
  assert.deepEqual(texts('2026-01-05T00:00Z', 3 * DAY, 'UTC', 3), [
    '01-05T00:00 01-05',
    '01-06T00:00 01-06',
    '01-07T00:00 01-07',
  ]);
  assert.deepEqual(texts('2026-01-05T00:00Z', 3 * DAY, 'Asia/Kolkata', 3), [
    '01-05T18:30 01-06',
    '01-06T18:30 01-07',
    '01-07T18:30 01-08',
  ]);
});

test('and stay there when the clock is changed', () => {
  assert.deepEqual(texts('2026-10-24T12:00Z', 36 * HOUR, 'Europe/Berlin', 6), [
    '10-24T16:00 18:00',
    '10-24T22:00 10-25',
    '10-25T05:00 06:00',
    '10-25T11:00 12:00',
    '10-25T17:00 18:00',
    '10-25T23:00 10-26',
  ]);
});

test('over years they say the year', () => {
  assert.deepEqual(
    texts('2020-01-01T00:00Z', 6 * 365 * DAY, 'UTC', 4).map((text) => text.slice(12)),
    ['2020-08', '2022-02', '2023-08', '2025-03'],
  );
});
