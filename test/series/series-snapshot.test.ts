import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labelValue, METRIC_NAME } from '#src/model/labels/labels.js';
import type { MetricType } from '#src/model/samples/metric-type.js';
import { AGGREGATES, type Aggregate, type SeriesSettings } from '#src/model/settings/settings.js';
import type { Excluded } from '#src/series/series-snapshot.js';
import type { SeriesStore } from '#src/series/series-store.js';
import { decodeSnapshot, encodeSnapshot } from '#src/series/snapshot/snapshot-format.js';
import { DAY, HOUR, MINUTE, SECOND } from '../fixtures.js';
import { applyRules, makeRule, makeStore, onlyId, othersSend, send, T0 } from './fixture.js';
import { bytesOf, readerOf } from './snapshot/snapshot-bytes.js';

function save(store: SeriesStore, takenAtMs: number): Uint8Array {
  return bytesOf(encodeSnapshot(takenAtMs, store.ids(), (id, record) => store.saveSeries(id, record)));
}

/** Restores every series of a snapshot; returns what became of each, in order. */
async function restore(store: SeriesStore, snapshot: Uint8Array, nowMs: number): Promise<(number | Excluded)[]> {
  const outcomes: (number | Excluded)[] = [];
  await decodeSnapshot(readerOf(snapshot), (record) => {
    outcomes.push(store.restoreSeries(record, nowMs));
  });
  return outcomes;
}

/** Everything that can be read of every series, by its labels. */
function everything(store: SeriesStore): Map<string, object> {
  const read = (id: number) => ({
    aggregate: store.aggregate(id),
    newestSampleMs: store.newestSampleMs(id),
    firstSampleMs: store.firstSampleMs(id),
    endedAtMs: store.endedAtMs(id),
    steps: store.readSteps(id, 0, Infinity),
    history: store.readHistory(id, 0, Infinity),
    withinBucketVariance: store.trainingView(id).withinBucketVariance,
  });
  return new Map(
    [...store.ids()].map((id) => [Buffer.from(store.block(id)).toString('hex'), read(id)] as const).sort(),
  );
}

const NAMES = ['load', 'requests_total', 'errors', 'jobs_total'];

interface Sent {
  readonly series: number;
  readonly afterMs: number;
  readonly value: number | 'stale' | MetricType;
}

const sent: fc.Arbitrary<Sent> = fc.record({
  series: fc.nat({ max: 7 }),
  afterMs: fc.oneof(fc.constant(15 * SECOND), fc.integer({ min: 1, max: 3 * HOUR })),
  value: fc.oneof(
    { weight: 20, arbitrary: fc.oneof(fc.double({ min: -1e12, max: 1e12 }), fc.integer({ min: 0, max: 99 })) },
    { weight: 1, arbitrary: fc.constant('stale' as const) },
    { weight: 1, arbitrary: fc.constantFrom('counter' as const, 'gauge' as const) },
  ),
});

/** A type is remembered for the names of series there are. */
const ONE_OF_EACH_NAME = NAMES.map((_, series): Sent => ({ series, afterMs: SECOND, value: 1 }));

/** Sends in order; returns the time at the end. */
function play(store: SeriesStore, all: readonly Sent[], startMs: number): number {
  let nowMs = startMs;
  for (const { series, afterMs, value } of all) {
    nowMs += afterMs;
    const name = NAMES[series % 4]!;
    if (typeof value === 'number') send(store, { __name__: name, job: String(series) }, nowMs, value);
    else if (value !== 'stale') store.setMetricType(name, value);
    else sendStale(store, { __name__: name, job: String(series) }, nowMs);
  }
  store.beginRequest(nowMs);
  return nowMs;
}

function sendStale(store: SeriesStore, labels: Record<string, string>, timeMs: number): void {
  const before = new Set(store.ids());
  send(store, labels, timeMs, Number.NaN);
  for (const id of store.ids()) {
    const block = store.block(id);
    if (before.has(id) && labelValue(store.labels(id), 'job') === labels.job)
      store.appendStale(store.resolve(block, 0, block.length), timeMs);
  }
}

for (const aggregate of ['auto', ...AGGREGATES] as const) {
  test(`a store restored from a snapshot reads as before and goes on as if nothing had been, ${aggregate}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sent, { maxLength: 200 }), fc.array(sent, { maxLength: 50 }), async (before, after) => {
        const settings = { aggregate, historyMs: 200 * DAY, resolutionMs: HOUR };
        const options = { seriesIdleTimeoutMs: 400 * DAY };
        const live = makeStore(options, settings);
        const atMs = play(live, [...ONE_OF_EACH_NAME, ...before], T0);
        const restored = makeStore(options, settings);
        await restore(restored, save(live, atMs), atMs);
        assert.deepEqual(everything(restored), everything(live));
        play(live, after, atMs);
        play(restored, after, atMs);
        assert.deepEqual(everything(restored), everything(live));
      }),
      { numRuns: 40 },
    );
  });
}

for (const [told, contradiction, names, aggregate] of [
  ['gauge', 'counter', ['load'], 'mean'],
  ['counter', 'gauge', ['load'], 'rate'],
  ['summary', 'gauge', ['load_sum', 'load_count'], 'rate'],
] as const) {
  test(`after a restart, too, a ${told} is another type only when that is sent twice in a row`, async () => {
    const options = [{}, { aggregate: 'auto' as const }] as const;
    const live = makeStore(...options);
    live.setMetricType('load', told);
    for (const name of names) send(live, { __name__: name }, T0, 1);
    const restored = makeStore(...options);
    await restore(restored, save(live, T0), T0);
    const aggregates = () => [...restored.ids()].map((id) => [restored.aggregate(id), restored.aggregateSource(id)]);
    restored.setMetricType('load', contradiction);
    restored.beginRequest(T0 + 1);
    assert.deepEqual(
      aggregates(),
      names.map(() => [aggregate, 'type']),
    );
    restored.setMetricType('load', contradiction);
    restored.beginRequest(T0 + 2);
    assert.notDeepEqual(
      aggregates(),
      names.map(() => [aggregate, 'type']),
    );
  });
}

test('a snapshot in which series come and go while it is written has each of the others', async () => {
  const store = makeStore();
  for (let i = 0; i < 300; i++) send(store, { __name__: 'm', i: String(i) }, T0, i);
  const pieces: Uint8Array[] = [];
  let walked = 0;
  for (const piece of encodeSnapshot(T0, store.ids(), (id, record) => {
    walked++;
    store.saveSeries(id, record);
  })) {
    pieces.push(piece.slice());
    if (pieces.length !== 2) continue;
    const ids = [...store.ids()];
    assert.ok(walked > 0 && walked < 200, `${walked} are written when the first frame is full`);
    // Half of those that were sent later stay silent and leave; their ids go to new ones.
    othersSend(store, T0, T0 + HOUR);
    for (const id of ids.slice(200)) sendAgain(store, id, T0 + HOUR);
    for (const id of ids.slice(0, 100)) sendAgain(store, id, T0 + HOUR);
    assert.equal(store.sweepIdle(), 100);
    for (let i = 0; i < 10; i++) send(store, { __name__: 'new', i: String(i) }, T0 + HOUR, i);
  }
  const restored = makeStore();
  const outcomes = await restore(restored, Buffer.concat(pieces), T0 + HOUR);
  assert.ok(outcomes.every((outcome) => typeof outcome === 'number'));
  const names = [...restored.ids()].map(
    (id) => labelValue(restored.labels(id), 'i') + labelValue(restored.labels(id), METRIC_NAME),
  );
  assert.equal(new Set(names).size, names.length);
  for (let i = 0; i < 300; i++) if (i < 100 || i >= 200) assert.ok(names.includes(`${i}m`), `${i} is there`);
});

function sendAgain(store: SeriesStore, id: number, timeMs: number): void {
  const block = store.block(id);
  store.beginRequest(timeMs);
  store.append(store.resolve(block, 0, block.length), timeMs, 1);
}

/** A store with a sample every 30 s for a day up to T0. */
function dayOf(settings: Partial<SeriesSettings>): SeriesStore {
  const store = makeStore({}, settings);
  for (let ms = T0 - DAY; ms < T0; ms += 30 * SECOND) send(store, { __name__: 'm' }, ms, (ms / SECOND) % 1000);
  return store;
}

test('series whose rule has changed are restored as a reload would leave them', async () => {
  const cases: [name: string, from: Partial<SeriesSettings>, to: Partial<SeriesSettings>, buckets: number][] = [
    ['a longer history', {}, { historyMs: 5 * DAY }, 144],
    ['a shorter history', {}, { historyMs: 12 * HOUR }, 73],
    ['a coarser resolution', {}, { resolutionMs: 30 * MINUTE }, 48],
    ['a coarser step of a mean', {}, { stepMs: 5 * MINUTE }, 144],
    ['a finer resolution', {}, { resolutionMs: 5 * MINUTE }, 0],
    ['another aggregate', {}, { aggregate: 'max' }, 0],
    ['other settings', {}, { horizonMs: 2 * DAY }, 144],
  ];
  for (const [name, from, to, buckets] of cases) {
    const store = dayOf(from);
    const snapshot = save(store, T0);
    const restored = makeStore({}, to);
    assert.equal(typeof (await restore(restored, snapshot, T0))[0], 'number', name);
    const reloaded = makeRule(to);
    applyRules(store, () => reloaded);
    assert.deepEqual(everything(restored), everything(store), name);
    assert.equal(restored.readHistory(onlyId(restored), 0, Infinity).timesMs.length, buckets, name);
    assert.ok(restored.stats.ringBytes < 1.1 * 2 ** 20, `${name}: one slab, not ${restored.stats.ringBytes} bytes`);
  }
});

test('series that are no longer wanted are left out, each for its reason', async () => {
  const cases: [reason: Excluded, store: SeriesStore, nowMs: number][] = [
    ['untracked', makeStore({ chooseRule: () => undefined }), T0],
    ['limit', makeStore({ maxSeries: 0 }), T0],
    ['untracked', makeStore({ maxLabelValueBytes: 0 }), T0],
    ['duplicate', dayOf({}), T0],
    ['gap', makeStore({}, { historyMs: 2 * DAY }), T0 + 2 * DAY],
    ['future', makeStore({ maxFutureMs: HOUR }), T0 - 2 * HOUR],
  ];
  const snapshot = save(dayOf({}), T0);
  for (const [reason, store, nowMs] of cases) {
    const before = store.size;
    assert.deepEqual(await restore(store, snapshot, nowMs), [reason]);
    assert.equal(store.size, before, reason);
  }
});

test('a label that has become an external one is taken off, and of replicas one stays', async () => {
  const store = makeStore({ externalLabels: [] });
  for (const replica of ['a', 'b']) send(store, { __name__: 'm', replica }, T0, 7);
  const restored = makeStore({ externalLabels: ['replica'] });
  assert.deepEqual(await restore(restored, save(store, T0), T0), [0, 'duplicate']);
  assert.deepEqual(restored.labels(0), [{ name: '__name__', value: 'm' }]);
});

test('the time between a snapshot and the first request after it does not count as idle', async () => {
  const store = makeStore();
  send(store, { __name__: 'gone' }, T0, 1);
  othersSend(store, T0, T0 + 50 * MINUTE);
  send(store, { __name__: 'm' }, T0 + 50 * MINUTE, 1);
  const restored = makeStore();
  const morningMs = T0 + 9 * HOUR;
  await restore(restored, save(store, T0 + HOUR), morningMs);
  restored.beginRequest(morningMs);
  assert.equal(restored.sweepIdle(), 0);
  othersSend(restored, morningMs, morningMs + 9 * MINUTE);
  assert.equal(restored.sweepIdle(), 0);
  restored.beginRequest(morningMs + 10 * MINUTE);
  assert.equal(restored.sweepIdle(), 1);
  assert.deepEqual(restored.labels(onlyId(restored)), [{ name: '__name__', value: 'm' }]);
});

test('what a metric type made of a series is known again for others of its name', async () => {
  const aggregateOf = (store: SeriesStore): Aggregate[] => [...store.ids()].map((id) => store.aggregate(id));
  const store = makeStore({}, { aggregate: 'auto' });
  store.setMetricType('hits', 'counter');
  send(store, { __name__: 'hits', job: 'a' }, T0, 1);
  const restored = makeStore({}, { aggregate: 'auto' });
  await restore(restored, save(store, T0), T0);
  send(restored, { __name__: 'hits', job: 'b' }, T0, 1);
  assert.deepEqual(aggregateOf(restored), ['rate', 'rate']);
});
