import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_SERIES, MarkerStore } from '#src/markers/marker-store.js';
import { eventText } from '#src/markers/marker-text.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { parseSelector } from '#src/model/labels/selector.js';
import type { MarkerSettings } from '#src/model/settings/marker.js';
import { DAY, HOUR, MINUTE, SECOND } from '../fixtures.js';

const STEP = 15 * SECOND;
const DEPLOY = makeMarker('deploy', 'build_info', { labels: ['version'], by: ['namespace', 'job'] });
const RESTART = makeMarker('restart', 'process_start_time_seconds');

function makeMarker(
  name: string,
  match: string,
  { labels = [], by }: { labels?: string[]; by?: string[] } = {},
): MarkerSettings {
  return { name, selectors: [parseSelector(match)], labels, ...(by !== undefined && { by }) };
}

/** Sends one sample as a resolver would. */
function send(
  store: MarkerStore,
  labels: Readonly<Record<string, string>>,
  timeMs: number,
  value = 1,
  sender = '',
): void {
  store.append(store.find(makeLabels(labels), sender), timeMs, value);
}

function info(version: string, instance: string, more: Readonly<Record<string, string>> = {}) {
  return { __name__: 'build_info', namespace: 'shop', job: 'checkout', instance, version, ...more };
}

/** Two pods of 1.2 for a minute, then a third of 1.3. */
function deploy(store: MarkerStore, fromMs = 0): void {
  for (let timeMs = fromMs; timeMs < fromMs + MINUTE; timeMs += STEP) {
    for (const instance of ['a', 'b']) send(store, info('1.2', instance), timeMs);
  }
  send(store, info('1.3', 'c'), fromMs + MINUTE);
}

function texts(store: MarkerStore): string[] {
  return store.between(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).map((event) => {
    return `${event.timeMs / 1000} ${eventText(event)}`;
  });
}

test('a new value of a label is an event of what its marker groups by', () => {
  const store = new MarkerStore([DEPLOY]);
  deploy(store);
  const [event, ...others] = store.between(0, HOUR);
  assert.deepEqual(others, []);
  assert.deepEqual(event, {
    marker: 'deploy',
    metric: 'build_info',
    timeMs: MINUTE,
    labels: makeLabels({ namespace: 'shop', job: 'checkout' }),
    changes: [{ label: 'version', from: '1.2', to: '1.3' }],
  });
  assert.deepEqual([store.seriesByMarker, store.eventsByMarker], [{ deploy: 3 }, { deploy: 1 }]);
});

test('a new value of a series is an event of that series', () => {
  const store = new MarkerStore([RESTART]);
  for (const [timeMs, value] of [
    [0, 100],
    [STEP, 100],
    [2 * STEP, 130],
  ] as const) {
    send(store, { __name__: 'process_start_time_seconds', job: 'x', instance: 'a' }, timeMs, value);
    send(store, { __name__: 'process_start_time_seconds', job: 'x', instance: 'b' }, timeMs, 90);
  }
  assert.deepEqual(texts(store), ['30 restart of {instance="a", job="x"}: process_start_time_seconds changed']);
  assert.deepEqual(store.between(0, HOUR)[0]!.changes, [{ from: '100', to: '130' }]);
});

test('the first marker that matches a series decides, and a series that none matches has no ref', () => {
  const store = new MarkerStore([RESTART, makeMarker('other', '{job="x"}'), makeMarker('never', '{job="x"}')]);
  send(store, { __name__: 'process_start_time_seconds', job: 'x' }, 0);
  send(store, { __name__: 'generation', job: 'x' }, 0);
  assert.deepEqual(store.seriesByMarker, { restart: 1, other: 1, never: 0 });
  assert.equal(store.find(makeLabels({ __name__: 'up', job: 'y' }), ''), -1);
  assert.equal(store.isMarker(makeLabels({ __name__: 'up', job: 'y' })), false);
});

test('samples that are late, come again or are no number change nothing', () => {
  const store = new MarkerStore([RESTART]);
  const labels = { __name__: 'process_start_time_seconds', job: 'x' };
  send(store, labels, STEP, 1);
  send(store, labels, 2 * STEP, 2);
  for (const [timeMs, value] of [
    [STEP, 7],
    [2 * STEP, 8],
    [3 * STEP, Number.NaN],
    [4 * STEP, 2],
  ] as const) {
    send(store, labels, timeMs, value);
  }
  assert.equal(texts(store).length, 1);
});

test('of two replicas one is listened to, until it ends its series or is silent for a minute', () => {
  const store = new MarkerStore([RESTART]);
  const labels = { __name__: 'process_start_time_seconds', job: 'x' };
  send(store, labels, 0, 1, 'A');
  // The clock of the other is ahead: it is behind with what it says.
  send(store, labels, STEP, 2, 'A');
  send(store, labels, STEP + 1, 1, 'B');
  send(store, labels, 2 * STEP, 2, 'A');
  assert.equal(texts(store).length, 1);
  store.appendStale(store.find(makeLabels(labels), 'B'), 3 * STEP);
  send(store, labels, 3 * STEP, 3, 'B');
  assert.equal(texts(store).length, 1);
  store.appendStale(store.find(makeLabels(labels), 'A'), 3 * STEP);
  send(store, labels, 3 * STEP, 3, 'B');
  assert.equal(texts(store).length, 2);
  send(store, labels, 4 * STEP, 4, 'A');
  assert.equal(texts(store).length, 2);
  send(store, labels, 3 * STEP + MINUTE + 1, 4, 'A');
  assert.equal(texts(store).length, 3);
});

test('a sender that has another name after every start keeps few refs', () => {
  const store = new MarkerStore([RESTART]);
  const labels = makeLabels({ __name__: 'process_start_time_seconds', job: 'x' });
  const refs = Array.from({ length: 100 }, (_, i) => store.find(labels, `pod-${i}`));
  assert.equal(new Set(refs).size, 100);
  assert.equal(refs.filter((ref) => store.has(ref)).length, 8);
  // A sample for a ref that is no longer good is dropped.
  store.append(refs[0]!, 0, 1);
  assert.deepEqual(texts(store), []);
});

test('what changes by nature is an event twelve times an hour, and counted from then on', () => {
  const store = new MarkerStore([makeMarker('counter', 'requests_total')]);
  for (let i = 0; i <= 240; i++) send(store, { __name__: 'requests_total' }, i * STEP, i);
  assert.deepEqual(store.eventsByMarker, { counter: 12 });
  assert.deepEqual(store.dropped, { too_often: 228, series_limit: 0 });
  send(store, { __name__: 'requests_total' }, 3 * HOUR, 1000);
  assert.deepEqual(store.eventsByMarker, { counter: 13 });
});

test('the last 1,000 events of a marker are kept, in order of time', () => {
  const store = new MarkerStore([DEPLOY, RESTART]);
  for (let i = 0; i < 1100; i++) {
    const labels = { __name__: 'process_start_time_seconds', instance: String(i) };
    send(store, labels, 0, 1);
    // In an order of their own.
    send(store, labels, ((i * 7) % 1100) * SECOND + SECOND, 2);
  }
  deploy(store);
  const events = store.between(0, DAY);
  assert.equal(events.length, 1001);
  assert.ok(events.every(({ timeMs }, i) => i === 0 || events[i - 1]!.timeMs <= timeMs));
  assert.equal(events.at(-1)!.timeMs, 1100 * SECOND);
  assert.deepEqual(
    store.between(MINUTE, MINUTE).map(({ marker }) => marker),
    ['deploy'],
  );
});

test('beyond 10,000 series those that were silent for an hour make room, else new ones are refused', () => {
  const store = new MarkerStore([RESTART]);
  const labels = (i: number) => ({ __name__: 'process_start_time_seconds', instance: String(i) });
  for (let i = 0; i < MAX_SERIES; i++) send(store, labels(i), i);
  assert.equal(store.find(makeLabels(labels(MAX_SERIES)), ''), -1);
  assert.deepEqual(store.dropped, { too_often: 0, series_limit: 1 });
  const first = store.find(makeLabels(labels(0)), '');
  send(store, labels(5), 2 * HOUR);
  assert.ok(store.find(makeLabels(labels(MAX_SERIES)), '') >= 0);
  assert.deepEqual([store.has(first), store.seriesByMarker], [false, { restart: MAX_SERIES - 999 }]);
});

test('concerning() finds the events that share labels with a series', () => {
  const store = new MarkerStore([DEPLOY]);
  deploy(store);
  const found = (labels: Record<string, string>) => store.concerning(makeLabels(labels), 0, HOUR).length;
  assert.equal(found({ __name__: 'latency', namespace: 'shop', job: 'checkout', path: '/' }), 1);
  assert.equal(found({ __name__: 'latency', namespace: 'shop' }), 1);
  assert.equal(found({ __name__: 'latency', namespace: 'shop', job: 'cart' }), 0);
  assert.equal(found({ __name__: 'latency', path: '/' }), 0);
});

test('an event without labels concerns every series', () => {
  const store = new MarkerStore([makeMarker('release', 'release_number', { by: [] })]);
  send(store, { __name__: 'release_number', job: 'x' }, 0, 1);
  send(store, { __name__: 'release_number', job: 'x' }, STEP, 2);
  assert.equal(store.concerning(makeLabels({ __name__: 'latency' }), 0, HOUR).length, 1);
  assert.deepEqual(texts(store), ['15 release: release_number changed from 1 to 2']);
});

test('a restart keeps the events and what was there last', () => {
  const before = new MarkerStore([DEPLOY, RESTART]);
  deploy(before);
  send(before, { __name__: 'process_start_time_seconds', job: 'x' }, MINUTE, 7);
  const after = new MarkerStore([DEPLOY, RESTART]);
  after.restore(Buffer.concat([...before.save()]).toString());
  assert.deepEqual(after.between(0, HOUR), before.between(0, HOUR));
  for (const instance of ['a', 'b', 'd']) send(after, info('1.3', instance), 5 * MINUTE);
  send(after, { __name__: 'process_start_time_seconds', job: 'x' }, 5 * MINUTE, 7);
  assert.equal(texts(after).length, 1);
  send(after, { __name__: 'process_start_time_seconds', job: 'x' }, 6 * MINUTE, 8);
  send(after, info('1.4', 'e'), 6 * MINUTE);
  assert.deepEqual(texts(after).slice(1), [
    '360 deploy of {job="checkout", namespace="shop"}: build_info{version} changed from 1.3 to 1.4',
    '360 restart of {job="x"}: process_start_time_seconds changed',
  ]);
});

const damaged: [what: string, text: string][] = [
  ['another version', '{"version":2}\n'],
  ['no JSON', 'sentio\n'],
  ['half a line', '{"version":1}\n{"series":{}}'],
  ['another line', '{"version":1}\n{"other":{}}\n'],
];
for (const [what, text] of damaged) {
  test(`restore() throws for ${what}, with nothing restored`, () => {
    const store = new MarkerStore([DEPLOY]);
    deploy(store);
    assert.throws(() => store.restore(text), SyntaxError);
    assert.equal(texts(store).length, 1);
  });
}

test('setMarkers() keeps what is known of series and events of markers that stay', () => {
  const store = new MarkerStore([DEPLOY, RESTART]);
  deploy(store);
  const start = { __name__: 'process_start_time_seconds', job: 'x' };
  send(store, start, MINUTE, 7);
  send(store, start, MINUTE + STEP, 8);
  const ref = store.find(makeLabels(start), '');
  store.setMarkers([{ ...DEPLOY, by: ['namespace'] }]);
  assert.deepEqual([store.has(ref), texts(store).length, store.seriesByMarker], [false, 1, { deploy: 3 }]);
  send(store, info('1.4', 'e'), 2 * MINUTE);
  assert.equal(texts(store)[1], '120 deploy of {namespace="shop"}: build_info{version} changed from 1.2 to 1.4');
});

test('a marker that looks at values now takes the first value of a series it knew by labels for granted', () => {
  const store = new MarkerStore([DEPLOY]);
  deploy(store);
  store.setMarkers([{ ...DEPLOY, labels: [] }]);
  send(store, info('1.2', 'a'), 2 * MINUTE, 1);
  assert.equal(texts(store).length, 1);
});
