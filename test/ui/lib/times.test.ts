import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { instantOf, localDateTime } from '#src/ui/lib/times.js';
import { chooseZone, setRuleZone } from '#src/ui/lib/zone.js';

const at = (iso: string) => Date.parse(iso) / 1000;

afterEach(() => chooseZone('local'));

test('localDateTime() writes UTC, or the zone of the rule with its summer time', () => {
  chooseZone('utc');
  assert.equal(localDateTime(at('2026-07-01T22:30:05Z')), '2026-07-01 22:30:05');
  chooseZone('rule');
  assert.equal(setRuleZone('Europe/Berlin'), true);
  assert.equal(localDateTime(at('2026-07-01T22:30:05Z')), '2026-07-02 00:30:05');
  assert.equal(localDateTime(at('2026-12-31T23:00:00.9Z')), '2027-01-01 00:00:00');
  assert.equal(setRuleZone('Asia/Kolkata'), true);
  assert.equal(localDateTime(at('2026-07-01T00:00:00Z')), '2026-07-01 05:30:00');
});

test('setRuleZone() says whether times are shown otherwise, and takes UTC for what a browser does not know', () => {
  chooseZone('utc');
  assert.equal(setRuleZone('Europe/Berlin'), false);
  chooseZone('rule');
  assert.equal(setRuleZone('Europe/Berlin'), false);
  assert.equal(setRuleZone('Mars/Olympus'), true);
  assert.equal(localDateTime(0), '1970-01-01 00:00:00');
});

test('instantOf() is the inverse of localDateTime(), over both changes of the clock', () => {
  for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC']) {
    for (let hour = 0; hour < 366 * 24; hour += 5) {
      const instant = at('2026-01-01T00:20:00Z') + hour * 3600;
      const text = localDateTime(instant, zone);
      // What the clock shows twice is either time.
      assert.equal(localDateTime(instantOf(text, zone), zone), text);
    }
  }
  assert.equal(instantOf('2026-07-01T12:00', 'Europe/Berlin'), at('2026-07-01T10:00:00Z'));
  assert.ok(Number.isNaN(instantOf('soon', 'UTC')));
});
