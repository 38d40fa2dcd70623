import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantOf, parseClockTime } from '#src/calendar/clock-time.js';
import { timeZone } from '#src/calendar/time-zone.js';

test('parseClockTime() reads dates, local times and instants, and nothing else', () => {
  assert.deepEqual(parseClockTime('2026-11-27'), { timeMs: Date.parse('2026-11-27T00:00:00Z'), isLocal: true });
  assert.deepEqual(parseClockTime('2026-11-27T18:30'), { timeMs: Date.parse('2026-11-27T18:30:00Z'), isLocal: true });
  assert.deepEqual(parseClockTime('2026-11-27 18:30:10+02:00'), {
    timeMs: Date.parse('2026-11-27T16:30:10Z'),
    isLocal: false,
  });
  for (const text of [
    '2026-11-31',
    '2026-02-30T06:00Z',
    '2026-13-01T06:00Z',
    '2026-13-01',
    '2026-11-27 25:00',
    '2026-11-27Z',
    '11-27',
    '',
    'tomorrow',
  ])
    assert.throws(() => parseClockTime(text), /must be a time such as/, text);
});

test('instantOf() is when the clock of the zone shows it, and for an instant itself', () => {
  const inBerlin = (text: string) => instantOf(parseClockTime(text), timeZone('Europe/Berlin'));
  assert.equal(inBerlin('2026-07-01'), Date.parse('2026-06-30T22:00Z'));
  assert.equal(inBerlin('2026-07-01 06:00'), Date.parse('2026-07-01T04:00Z'));
  assert.equal(inBerlin('2026-07-01T06:00:00Z'), Date.parse('2026-07-01T06:00Z'));
  assert.equal(inBerlin('2026-07-01T06:00+02:00'), Date.parse('2026-07-01T04:00Z'));
});
