import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventCausesOf } from '#src/incidents/event-causes.js';
import type { Member } from '#src/incidents/incident.js';
import { parseIncidents } from '#src/incidents/incident-state.js';
import { eventCauseText, incidentText } from '#src/incidents/incident-text.js';
import type { MarkerEvent } from '#src/markers/marker-event.js';
import { MarkerEvents } from '#src/markers/marker-events.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { MINUTE, SECOND } from '../fixtures.js';
import { seededRandom } from '../forecast/series.js';
import { Fleet, play, START, STEP, trackerOf } from './fleet.js';

/** Members of labels, `apartMs` after one another. */
function membersOf(all: readonly Readonly<Record<string, string>>[], apartMs = 0): Member[] {
  return all.map((labels, i) => ({
    key: String(i),
    labels: makeLabels(labels),
    rule: 'all',
    pairs: new Int32Array(0),
    onsetMs: START + i * apartMs,
    lastMs: START,
    gapMs: 10 * MINUTE,
    peakScore: 2,
    kind: 'value',
    side: 'above',
    incident: undefined,
  }));
}

function deployed(service: string, timeMs: number, to = '1.3'): MarkerEvent {
  const labels = makeLabels({ namespace: 'shop', service });
  return { marker: 'deploy', metric: 'build_info', timeMs, labels, changes: [{ label: 'version', from: '1.2', to }] };
}

function restarted(pod: string, timeMs: number): MarkerEvent {
  const changes = [{ from: '1', to: pod }];
  return { marker: 'restart', metric: 'start_time_seconds', timeMs, labels: makeLabels({ pod }), changes };
}

function sourceOf(...all: MarkerEvent[]) {
  const events = new MarkerEvents();
  for (const event of all) events.add(event);
  return { version: all.length, between: (startMs: number, endMs: number) => events.between(startMs, endMs) };
}

const PODS = ['a', 'b', 'c', 'd'].map((pod) => ({ namespace: 'shop', service: 'cart', pod }));

/** The events that are named, in order, as `marker/labels`. */
function named(members: Member[], ...events: MarkerEvent[]): string[] {
  return eventCausesOf({ members }, sourceOf(...events)).map(
    ({ event }) => `${event.marker}/${event.labels.map(({ value }) => value).join('/')}`,
  );
}

test('what happened shortly before to what the members speak of is named', () => {
  const event = deployed('cart', START - 40 * SECOND);
  assert.deepEqual(eventCausesOf({ members: membersOf(PODS) }, sourceOf(event)), [
    { event, events: 1, series: 4, firstMs: START, leadMs: 40 * SECOND },
  ]);
});

test('what happened to others, long before or clearly later is not', () => {
  const others = [
    deployed('login', START - 40 * SECOND),
    deployed('cart', START - 31 * MINUTE),
    deployed('cart', START + 2 * MINUTE + 1, '1.4'),
  ];
  assert.deepEqual(named(membersOf(PODS), ...others), []);
});

test('what is scraped a little after the first alarm began was at the same time', () => {
  const [cause] = eventCausesOf({ members: membersOf(PODS) }, sourceOf(deployed('cart', START + 20 * SECOND)));
  assert.equal(cause!.leadMs, 0);
  assert.match(eventCauseText(cause!), /^deploy of \{namespace="shop", service="cart"\} at the same time /);
});

test('what concerns few members, and not the first, is a coincidence', () => {
  const members = membersOf([...PODS, { namespace: 'shop', service: 'login', pod: 'e' }]);
  assert.deepEqual(named(members, deployed('login', START - MINUTE)), []);
  assert.deepEqual(named(members.toReversed(), deployed('login', START - MINUTE)), ['deploy/shop/login']);
});

test('the event that concerns most members comes first, then the closest', () => {
  const members = membersOf(PODS);
  const events = [
    restarted('a', START - SECOND),
    deployed('cart', START - MINUTE),
    deployed('cart', START - 9 * MINUTE, '1.1'),
  ];
  assert.deepEqual(
    eventCausesOf({ members }, sourceOf(...events)).map(({ series, leadMs }) => [series, leadMs / 1000]),
    [
      [4, 60],
      [4, 540],
      [1, 1],
    ],
  );
});

test('restarts of several things are one cause', () => {
  const events = ['a', 'b', 'd'].map((pod, i) => restarted(pod, START - MINUTE + i * SECOND));
  const [cause, ...others] = eventCausesOf({ members: membersOf(PODS) }, sourceOf(...events));
  assert.deepEqual([others, cause!.events, cause!.series, cause!.leadMs], [[], 3, 3, MINUTE]);
  assert.equal(
    eventCauseText(cause!),
    'restart, the first of 3, 1m before (start_time_seconds changed), which may concern 3 series of it',
  );
});

test('of many members the first 500 speak, and of many events the last 200', () => {
  const many = membersOf(Array.from({ length: 2000 }, (_, i) => ({ ...PODS[0]!, pod: String(i) })));
  const events = Array.from({ length: 300 }, (_, i) => deployed('login', START - MINUTE + i));
  const [cause] = eventCausesOf({ members: many }, sourceOf(deployed('cart', START - 2 * MINUTE), ...events));
  assert.equal(cause, undefined);
  const [found] = eventCausesOf({ members: many }, sourceOf(deployed('cart', START - SECOND), ...events));
  assert.equal(found!.series, 500);
});

test('many events after the last member began crowd out none before', () => {
  const later = Array.from({ length: 300 }, (_, i) => deployed('login', START + 5 * MINUTE + i));
  assert.deepEqual(named(membersOf(PODS), deployed('cart', START - MINUTE), ...later), ['deploy/shop/cart']);
});

test('an incident of a deployment names it first, also where it is seen after the incident began, and after a restart', () => {
  const fleet = new Fleet(5);
  const events: MarkerEvent[] = [];
  const source = {
    get version() {
      return events.length;
    },
    between: (startMs: number, endMs: number) => sourceOf(...events).between(startMs, endMs),
  };
  const tracker = trackerOf(fleet, () => {}, source);
  const script = fleet.deploy('checkout');
  const random = seededRandom(5);
  play(fleet, script, { random, tracker, to: START + 5 * MINUTE });
  const [before] = tracker.open;
  assert.deepEqual(before!.events, []);
  events.push(deployed('cart', START - 50 * SECOND), deployed('checkout', START - 20 * SECOND));
  play(fleet, script, { random, tracker, from: START + 5 * MINUTE + STEP, to: START + 6 * MINUTE });
  const [incident] = tracker.open;
  assert.match(
    incidentText(incident!),
    /\. A hint, not a proof: deploy of \{namespace="shop", service="checkout"\} \d+s before \(build_info\{version\} changed from 1\.2 to 1\.3\), which may concern \d+ series of it\.$/,
  );
  assert.equal(incident!.events.length, 1);
});

test('incidents that were saved without events are read', () => {
  const incident = { id: 'a', startMs: 0, lastMs: 0, isOpen: false, members: [] };
  const { closed } = parseIncidents(`{"version":1}\n${JSON.stringify(incident)}\n`);
  assert.deepEqual(closed[0]!.events, []);
});
