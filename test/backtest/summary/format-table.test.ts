import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minute, zoneText } from '#src/backtest/summary/format-table.js';

test('minute() writes a time by the clock of a zone', () => {
  const timeMs = Date.parse('2026-07-01T22:30:40Z');
  assert.equal(minute(timeMs, 'UTC'), '2026-07-01 22:30');
  assert.equal(minute(timeMs, 'Europe/Berlin'), '2026-07-02 00:30');
});

test('zoneText() names the zone that all rules have, or says that there are several', () => {
  const of = (...zones: string[]) => zoneText(zones.map((timezone) => ({ timezone })));
  assert.equal(of('Europe/Berlin', 'Europe/Berlin'), 'Europe/Berlin');
  assert.equal(of('UTC', 'Europe/Berlin'), 'the zone of each rule');
  assert.equal(of(), 'UTC');
});
