import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosedIncidents } from '#src/incidents/closed-incidents.js';
import type { Incident, Member } from '#src/incidents/incident.js';
import { START } from './fleet.js';

/** An incident that ended so many milliseconds after the start; only what its bounds go by. */
function incident(endMs: number, series: number): Incident {
  const members = Array.from({ length: series }, () => ({}) as Member);
  return { id: `${endMs}`, lastMs: START + endMs, series, members } as unknown as Incident;
}

function closed(over: readonly Incident[]): readonly Incident[] {
  const incidents = new ClosedIncidents();
  incidents.push(over);
  for (const _ of incidents.trim(over));
  return incidents.list;
}

test('ClosedIncidents keeps the first 500 members of an incident, and how many it had', () => {
  const [kept] = closed([incident(0, 700)]);
  assert.deepEqual([kept!.members.length, kept!.series], [500, 700]);
});

test('ClosedIncidents drops the oldest whole where all together have too many members', () => {
  const kept = closed(Array.from({ length: 50 }, (_, i) => incident(49 - i, 500)));
  assert.deepEqual(
    kept.map(({ id }) => Number(id)),
    Array.from({ length: 40 }, (_, i) => i + 10),
  );
});

test('ClosedIncidents drops single series before incidents of several, and then the oldest', () => {
  const several = Array.from({ length: 900 }, (_, i) => incident(i, 2));
  const singles = Array.from({ length: 200 }, (_, i) => incident(1000 + i, 1));
  const ids = closed([...several, ...singles]).map(({ id }) => Number(id));
  assert.deepEqual([ids.length, ids[0], ids[899], ids[900], ids.at(-1)], [1000, 0, 899, 1100, 1199]);
  const all = closed(Array.from({ length: 1001 }, (_, i) => incident(i, 2)));
  assert.deepEqual([all.length, all[0]!.id], [1000, '1']);
});
