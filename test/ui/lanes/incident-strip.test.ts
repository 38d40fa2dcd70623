import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentJson } from '#src/http/api/json/incidents.js';
import { incidentFilter, incidentLine } from '#src/ui/lanes/incident-strip.js';
import { localDayTime } from '#src/ui/lib/times.js';

const START = 1_700_000_010.5;
const since = localDayTime(START).slice(0, -3);

const INCIDENT: IncidentJson = {
  id: 'a',
  start: START,
  end: START + 60.2,
  is_open: true,
  series: 50,
  missing_series: 0,
  peak_score: 4,
  peak_series: 50,
  grouped_by: { label: 'service', value: 'checkout', of: 52 },
  shared: { labels: {}, rule: null },
  first: {},
  causes: [],
  text: '',
};
const cause = {
  label: 'service',
  value: 'payments-db',
  series: 6,
  of: 6,
  start: START,
  lead: 40,
  connected: 3,
  text: '',
};

const event = {
  marker: 'deploy',
  metric: 'build_info',
  time: START - 40,
  labels: {},
  changes: [],
  text: 'build_info{version} changed from 1.2 to 1.3',
};
const deployed = { event, events: 1, series: 50, start: START, lead: 40, text: '' };

const lines: readonly (readonly [want: string, incident: Partial<IncidentJson>])[] = [
  [`50 of 52 series of service="checkout" since ${since}`, {}],
  [`50 of 52 series of service="checkout" missing since ${since}`, { missing_series: 50 }],
  [
    `50 of 52 series of service="checkout" since ${since}, first service="payments-db" 40 s before`,
    { causes: [cause] },
  ],
  [`50 of 52 series of service="checkout" since ${since}`, { causes: [{ ...cause, lead: 0 }] }],
  [
    `50 of 52 series of service="checkout" since ${since}, 40 s after build_info{version} changed from 1.2 to 1.3`,
    { causes: [deployed, cause] },
  ],
  [
    `50 of 52 series of service="checkout" since ${since}, as build_info{version} changed from 1.2 to 1.3`,
    { causes: [{ ...deployed, lead: -10 }] },
  ],
  [`1,200 series since ${since}`, { grouped_by: null, series: 1_200 }],
  [`50 of 50 series of rule web since ${since}`, { grouped_by: { label: null, value: 'web', of: 50 } }],
  [`50 of 60 series of latency since ${since}`, { grouped_by: { label: '__name__', value: 'latency', of: 60 } }],
];
for (const [want, changes] of lines) {
  test(`an incident is said as ${want.replace(since, 'then')}`, () => {
    assert.equal(incidentLine({ ...INCIDENT, ...changes }), want);
  });
}

test('its series are those with what it shares, or with the rule, in alarm in that time', () => {
  const window = { start: 1_700_000_010, end: 1_700_000_072 };
  assert.deepEqual(incidentFilter(INCIDENT), { search: '{service="checkout"}', rule: undefined, window });
  const ofRule = { ...INCIDENT, grouped_by: { label: null, value: 'web', of: 50 } };
  assert.deepEqual(incidentFilter(ofRule), { search: '', rule: 'web', window });
  assert.deepEqual(incidentFilter({ ...INCIDENT, grouped_by: null }), { search: '', rule: undefined, window });
});
