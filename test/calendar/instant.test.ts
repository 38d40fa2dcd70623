import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInstant } from '#src/calendar/instant.js';
import { timeZone } from '#src/calendar/time-zone.js';

const BERLIN = timeZone('Europe/Berlin');

test('parseInstant() takes a date for the midnight with which it begins in the zone', () => {
  assert.equal(parseInstant('2026-07-01', BERLIN), Date.parse('2026-06-30T22:00Z'));
  assert.equal(parseInstant('2026-07-01T06:00:00Z', BERLIN), Date.parse('2026-07-01T06:00Z'));
  assert.equal(parseInstant('2026-07-01T06:00+02:00', BERLIN), Date.parse('2026-07-01T04:00Z'));
});

test('parseInstant() refuses what is neither, or is no day', () => {
  for (const text of ['07-01', '2026-02-30', '2026-07-01T06:00', '2026-13-01T06:00Z', 'tomorrow', '']) {
    assert.throws(() => parseInstant(text, BERLIN), { name: 'UsageError' }, text);
  }
});
