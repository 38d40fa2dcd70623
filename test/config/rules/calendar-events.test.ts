import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '#src/config/load.js';
import { withEvents } from '#src/config/rules/calendar-events.js';

const CONFIG = `
calendars:
  - { name: team, ical: { url: http://localhost/a.ics } }
  - { name: germany, country: DE }
rules:
  - { name: a, match: [a], special_days: [{ calendar: team, like: sunday }, { calendar: germany, like: sunday }] }
  - { name: b, match: [b], special_days: [{ calendar: germany, like: sunday }] }
`;

test('withEvents() changes the rules of that calendar alone, so that their models are fitted again', () => {
  const { rules } = parseConfig(CONFIG, '.');
  const events = [{ name: 'off', fromMs: 0, toMs: 1, isLocal: true }];
  const changed = withEvents(rules, new Map([['team', events]]));
  assert.deepEqual(
    changed[0]!.settings.specialDays.map(({ calendar }) => calendar.events),
    [events, undefined],
  );
  assert.notEqual(changed[0]!.settings.prophet.specialDays, rules[0]!.settings.prophet.specialDays);
  assert.equal(changed[1], rules[1]);
  assert.deepEqual(withEvents(rules, new Map([['team', []]])), rules, 'what it had before');
});
