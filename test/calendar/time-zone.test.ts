import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { timeZone, UTC } from '#src/calendar/time-zone.js';
import { DAY, HOUR, MINUTE } from '../fixtures.js';

const at = Date.parse;
const ZONES = [
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'America/St_Johns',
  'America/Santiago',
  'Pacific/Apia',
  'Africa/Casablanca',
];

/** What the platform says of a local clock, in ms of a UTC clock with the same reading. */
function platformLocal(zone: string, timeMs: number): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
    hourCycle: 'h23',
  });
  const part = Object.fromEntries(format.formatToParts(timeMs).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!);
}

test('toLocal() reads the clock that the platform reads, whatever was asked before', () => {
  const minutes = fc.integer({ min: at('2005-01-01') / MINUTE, max: at('2037-12-31') / MINUTE });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), minutes, (zone, minute) => {
      assert.equal(timeZone(zone).toLocal(minute * MINUTE), platformLocal(zone, minute * MINUTE));
    }),
    { numRuns: 500 },
  );
});

const changes = [
  { name: 'spring in Berlin', zone: 'Europe/Berlin', from: '2026-03-29T01:00Z', before: 1, after: 2 },
  { name: 'autumn in Berlin', zone: 'Europe/Berlin', from: '2026-10-25T01:00Z', before: 2, after: 1 },
  {
    name: 'half an hour on Lord Howe',
    zone: 'Australia/Lord_Howe',
    from: '2026-04-04T15:00Z',
    before: 11,
    after: 10.5,
  },
  { name: 'the southern spring in Chile', zone: 'America/Santiago', from: '2026-09-06T04:00Z', before: -4, after: -3 },
  { name: 'the rule that Turkey gave itself', zone: 'Europe/Istanbul', from: '2016-03-27T01:00Z', before: 2, after: 3 },
  { name: 'the day that Samoa left out', zone: 'Pacific/Apia', from: '2011-12-30T10:00Z', before: -10, after: 14 },
];

for (const { name, zone, from, before, after } of changes) {
  test(`the clock is changed at the very millisecond: ${name}`, () => {
    const changeMs = at(from);
    assert.equal(timeZone(zone).offsetMs(changeMs - 1) / HOUR, before);
    assert.equal(timeZone(zone).offsetMs(changeMs) / HOUR, after);
    assert.equal(timeZone(zone).nextChangeMs(changeMs - DAY / 2), changeMs);
  });
}

test('a zone without summer time has no further change, and Turkey none since 2016', () => {
  assert.equal(timeZone('Asia/Kolkata').nextChangeMs(at('2026-01-01')), Number.POSITIVE_INFINITY);
  assert.equal(timeZone('Europe/Istanbul').nextChangeMs(at('2017-01-01')), Number.POSITIVE_INFINITY);
  assert.equal(timeZone('Asia/Kolkata').offsetMs(at('2026-07-01')), 5.5 * HOUR);
});

test('toInstant() is the inverse of toLocal(), but for local times that are skipped or come twice', () => {
  const berlin = timeZone('Europe/Berlin');
  const minutes = fc.integer({ min: at('2020-01-01') / MINUTE, max: at('2030-01-01') / MINUTE });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), minutes, (name, minute) => {
      const zone = timeZone(name);
      const local = zone.toLocal(minute * MINUTE);
      assert.equal(zone.toLocal(zone.toInstant(local)), local);
    }),
  );
  assert.equal(berlin.toInstant(at('2026-03-29T02:30Z')), at('2026-03-29T01:30Z'), 'skipped: half past three');
  assert.equal(berlin.toInstant(at('2026-10-25T02:30Z')), at('2026-10-25T00:30Z'), 'twice: the first');
});

test('daysBefore() keeps the time of day over both changes', () => {
  const berlin = timeZone('Europe/Berlin');
  assert.equal(berlin.daysBefore(at('2026-03-29T07:00Z'), 1), at('2026-03-28T08:00Z'));
  assert.equal(berlin.daysBefore(at('2026-03-28T08:00Z'), -7), at('2026-04-04T07:00Z'));
  assert.equal(berlin.daysBefore(at('2026-10-26T08:00Z'), 7), at('2026-10-19T07:00Z'));
  assert.equal(UTC.daysBefore(at('2026-10-26T08:00Z'), 7), at('2026-10-19T08:00Z'));
});

test('times beyond the known rules, and none at all, have the offset of the nearest known one', () => {
  const berlin = timeZone('Europe/Berlin');
  assert.equal(berlin.offsetMs(8.64e15), berlin.offsetMs(Date.UTC(2200, 0, 1)));
  assert.equal(berlin.offsetMs(Number.NEGATIVE_INFINITY), berlin.offsetMs(Date.UTC(1900, 0, 1)));
  assert.equal(UTC.offsetMs(8.64e15), 0);
});

test('timeZone() is the same object at each call, and refuses what is no name of a zone', () => {
  assert.equal(timeZone('Europe/Berlin'), timeZone('Europe/Berlin'));
  for (const name of ['Europe/Berlim', 'CEST+1', '+02:00', '', 'utc/x', 'Europe/Berlin ', '__proto__'])
    assert.throws(() => timeZone(name), { name: 'UsageError', message: /must be a name of the IANA time zone/ }, name);
});
