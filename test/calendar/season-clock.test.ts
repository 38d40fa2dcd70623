import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockOf, PIECE_LENGTH, pieceAt, seasonTime, UTC_CLOCK, weekTime } from '#src/calendar/season-clock.js';
import { timeZone, UTC } from '#src/calendar/time-zone.js';
import { DAY, HOUR, MINUTE } from '../fixtures.js';

const at = Date.parse;
const berlin = clockOf(timeZone('Europe/Berlin'), at('2026-03-01'), at('2026-11-30'));

function timeBy(clock: Float64Array, timeMs: number, periodMs: number): number {
  return seasonTime(clock, pieceAt(clock, 0, clock.length / PIECE_LENGTH, timeMs), timeMs, periodMs);
}

test('clockOf() has a piece for the offset at its beginning and one for every change up to its end', () => {
  assert.deepEqual(
    [...berlin],
    [-Infinity, HOUR, 0, at('2026-03-29T01:00Z'), 2 * HOUR, 0, at('2026-10-25T01:00Z'), HOUR, 0],
  );
  assert.equal(clockOf(UTC, 0, at('2026-01-01')), UTC_CLOCK);
  assert.equal(clockOf(timeZone('Africa/Abidjan'), at('2026-01-01'), at('2027-01-01')), UTC_CLOCK);
});

test('a season of a day, of its parts and of a week goes by the local clock', () => {
  for (const periodMs of [DAY, 6 * HOUR, 7 * DAY, 30 * DAY]) {
    assert.equal(timeBy(berlin, at('2026-03-28T08:00Z'), periodMs), at('2026-03-28T09:00Z'));
    assert.equal(timeBy(berlin, at('2026-03-30T07:00Z'), periodMs), at('2026-03-30T09:00Z'));
    assert.equal(timeBy(UTC_CLOCK, at('2026-03-30T07:00Z'), periodMs), at('2026-03-30T07:00Z'));
  }
});

test('a season that has nothing to do with the time of day goes on through a change of the clock', () => {
  for (const periodMs of [7 * HOUR, 50 * MINUTE]) {
    assert.equal(timeBy(berlin, at('2026-03-30T07:00Z'), periodMs), at('2026-03-30T07:00Z'));
  }
});

test('the times of a piece are those from its beginning on', () => {
  const count = berlin.length / PIECE_LENGTH;
  const changeMs = at('2026-03-29T01:00Z');
  assert.equal(pieceAt(berlin, 0, count, changeMs - 1), 0);
  assert.equal(pieceAt(berlin, 0, count, changeMs), PIECE_LENGTH);
  assert.equal(pieceAt(UTC_CLOCK, 0, 0, changeMs), -1);
  assert.equal(weekTime(berlin, -1, changeMs), changeMs);
});
