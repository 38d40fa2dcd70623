import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MINUTE, SECOND } from '../fixtures.js';
import { makeStore, onlyId, resolve, send, T0 } from './fixture.js';

/** A store whose rule leaves the aggregate open, fed with one series; `said` is what was logged. */
function untyped(rereadsHistory: boolean) {
  const said: object[] = [];
  const log = { warn: (details: object) => void said.push(details) };
  const store = makeStore({ behavior: { rereadsHistory }, log }, { aggregate: 'auto' });
  let resets = 0;
  store.listener = {
    seriesAdded: () => {},
    seriesRemoved: () => {},
    seriesReset: () => void resets++,
    seriesResumed: () => {},
  };
  const feed = (name: string, values: readonly number[], everyMs = MINUTE) => {
    values.forEach((value, i) => void send(store, { __name__: name }, T0 + i * everyMs, value));
    return onlyId(store);
  };
  return { store, feed, said, resets: () => resets };
}

const climbing = (count: number, from = 1000) => Array.from({ length: count }, (_, i) => from + 90 * i + (i % 7));

test('a series of which no type is told and that only climbs is a counter, and its rates are derived from its means', () => {
  const { store, feed, said, resets } = untyped(false);
  const id = feed('http.server.requests', climbing(90));
  assert.deepEqual([store.aggregate(id), store.aggregateSource(id)], ['rate', 'behavior']);
  const { values } = store.readSteps(id, T0, T0 + 90 * MINUTE);
  assert.ok(values.length >= 88, `${values.length}`);
  assert.ok(
    values.every((value) => Math.abs(value - 1.5) < 0.15),
    values.join(' '),
  );
  const { values: coarse } = store.readHistory(id, T0, T0 + 80 * MINUTE);
  assert.ok(coarse.length > 0 && coarse.every((value) => Math.abs(value - 1.5) < 0.15), coarse.join(' '));
  assert.deepEqual(said, [{ metric: 'http.server.requests', heldBack: 0 }]);
  assert.equal(resets(), 1);
});

test('what climbs in fractions, as a disk that fills in percent, is no counter', () => {
  const { store, feed } = untyped(false);
  const id = feed(
    'disk_used_percent',
    Array.from({ length: 300 }, (_, i) => 60 + i / 12),
  );
  assert.equal(store.aggregate(id), 'mean');
});

test('what climbs in fractions beyond any share for four hours, as seconds of work do, is a counter', () => {
  const seconds = (count: number) => Array.from({ length: count }, (_, i) => 4000 + 12.25 * i + ((i * 7) % 5) / 3);
  const short = untyped(false);
  assert.equal(short.store.aggregate(short.feed('process.cpu.time', seconds(230))), 'mean');
  const long = untyped(false);
  assert.equal(long.store.aggregate(long.feed('process.cpu.time', seconds(260))), 'rate');
  const falling = untyped(false);
  const tank = seconds(600).map((value, i) => value - 3000 * Math.floor(i / 200));
  assert.equal(falling.store.aggregate(falling.feed('tank_litres', tank)), 'mean');
});

test('bytes of a disk, which are whole blocks, are no counter for as long as they have climbed for less than four hours', () => {
  const { store, feed } = untyped(false);
  const blocks = Array.from({ length: 230 }, (_, i) => 4096 * (1_000_000 + 40 * i + (i % 3)));
  assert.equal(store.aggregate(feed('disk_used', blocks)), 'mean');
});

test('a counter that is corrected by hundredths stays a counter', () => {
  const { store, feed } = untyped(true);
  const values = Array.from({ length: 60 }, (_, i) => 0.5 + Math.floor(i / 10) / 10 - (i % 10 > 6 ? 0.01 : 0));
  const id = feed('node_cpu_seconds_total', values);
  assert.equal(store.aggregate(id), 'rate');
  const { values: rates } = store.readSteps(id, T0, T0 + 60 * MINUTE);
  assert.ok(Math.max(...rates) < 0.12 / 60, rates.join(' '));
});

test('where a database has its history, that is read again', () => {
  const { store, feed } = untyped(true);
  const id = feed('http.server.requests', climbing(60));
  assert.equal(store.aggregate(id), 'rate');
  assert.ok(store.firstSampleMs(id) > T0 + 40 * MINUTE);
});

test('a counter that is reset on its way is one, and what falls now and then is none', () => {
  const reset = untyped(false);
  assert.equal(reset.store.aggregate(reset.feed('c', [...climbing(30), ...climbing(30, 5)])), 'rate');
  const gauge = untyped(false);
  const saw = climbing(90).map((value, i) => value - 120 * Math.floor(i / 20));
  assert.equal(gauge.store.aggregate(gauge.feed('g', saw)), 'mean');
});

test('a gauge whose steps climb while its samples fall is no counter', () => {
  const { store, feed } = untyped(false);
  const values = Array.from({ length: 360 }, (_, i) => 10 + i / 6 + (i % 6));
  assert.equal(store.aggregate(feed('g', values, 10 * SECOND)), 'mean');
});

test('what has fallen in a history that was read is no counter', () => {
  const { store } = untyped(false);
  send(store, { __name__: 'disk.used' }, T0, 2000);
  const id = onlyId(store);
  const timesMs = Float64Array.from({ length: 200 }, (_, i) => T0 - (200 - i) * 10 * MINUTE);
  store.backfill(id, { timesMs, values: timesMs.map((_, i) => 1500 + 5 * (i % 50)) });
  for (let i = 1; i < 90; i++) send(store, { __name__: 'disk.used' }, T0 + i * MINUTE, 2000 + i);
  assert.equal(store.aggregate(id), 'mean');
});

test('a gauge that is called _total is found out by its falls', () => {
  const { store, feed, said } = untyped(true);
  const values = Array.from({ length: 60 }, (_, i) => 8e9 + 1e9 * Math.sin(i));
  const id = feed('mem_swap_total', values);
  assert.deepEqual([store.aggregate(id), store.aggregateSource(id)], ['mean', 'behavior']);
  assert.ok(Math.abs(store.stepValue(id, T0 + 58 * MINUTE) - values[58]!) < 1);
  assert.equal(said.length, 1);
});

test('a gauge that climbs by whole numbers for an hour, falls, and climbs again is found out by its third fall', () => {
  for (const [what, low] of [
    ['a queue that is emptied to its half', 600],
    ['a heap that is collected to a third', 380],
  ] as const) {
    const { store, feed, said } = untyped(true);
    const saw = Array.from({ length: 60 * 4 }, (_, i) => low + 12 * (i % 60) + 1);
    const id = feed('jvm.memory.used', saw.slice(0, 170));
    assert.equal(store.aggregate(id), 'rate', what);
    saw
      .slice(170)
      .forEach((value, i) => void send(store, { __name__: 'jvm.memory.used' }, T0 + (170 + i) * MINUTE, value));
    assert.deepEqual([store.aggregate(id), store.aggregateSource(id)], ['mean', 'behavior'], what);
    assert.equal(said.length, 2, what);
  }
});

test('a counter without a type that is reset again and again stays one', () => {
  const { store, feed } = untyped(true);
  const values = Array.from({ length: 600 }, (_, i) => 40 * (i % 80) + 7);
  assert.equal(store.aggregate(feed('http.server.requests', values)), 'rate');
});

test('a counter that is summed over pods falls where one goes, and stays a counter', () => {
  const { store, feed } = untyped(true);
  const values = climbing(90, 1e5).map((value, i) => value - 20_000 * Math.floor(i / 30));
  assert.equal(store.aggregate(feed('requests_total', values)), 'rate');
});

test('a type that is told outweighs behavior, and a rule outweighs both', () => {
  const { store, feed } = untyped(false);
  store.setMetricType('node_time_seconds', 'gauge');
  const id = feed('node_time_seconds', climbing(90));
  assert.deepEqual([store.aggregate(id), store.aggregateSource(id)], ['mean', 'type']);
  const fixed = makeStore({ behavior: { rereadsHistory: false } }, { aggregate: 'max' });
  climbing(90).forEach((value, i) => void send(fixed, { __name__: 'm' }, T0 + i * MINUTE, value));
  assert.deepEqual([fixed.aggregate(onlyId(fixed)), fixed.aggregateSource(onlyId(fixed))], ['max', undefined]);
});

test('__type__ and __unit__ tell the type and are no part of the series', () => {
  const store = makeStore({}, { aggregate: 'auto' });
  send(store, { __name__: 'requests', job: 'a' }, T0, 1);
  const id = onlyId(store);
  assert.equal(store.aggregate(id), 'mean');
  send(store, { __name__: 'requests', job: 'a', __type__: 'counter', __unit__: 'bytes' }, T0 + 15 * SECOND, 4);
  assert.equal(onlyId(store), id);
  assert.deepEqual(
    store.labels(id).map(({ name }) => name),
    ['__name__', 'job'],
  );
  store.beginRequest(T0 + 20 * SECOND);
  assert.equal(store.aggregate(id), 'rate');
  // Of a pair the elected replica stays elected when it begins to send them.
  const pair = makeStore();
  send(pair, { __name__: 'up', replica: 'a' }, T0, 1);
  assert.equal(send(pair, { __name__: 'up', replica: 'a', __type__: 'gauge' }, T0 + 15 * SECOND, 1), 0);
  assert.deepEqual(
    pair.sourceLabels(onlyId(pair)).map(({ name }) => name),
    ['__name__', 'replica'],
  );
  assert.ok(resolve(pair, { __name__: 'up', replica: 'a', __type__: 'gauge' }) >= 0);
});

test('a histogram whose series say so in __type__ is counted', () => {
  const store = makeStore({}, { aggregate: 'auto' });
  send(store, { __name__: 'latency_seconds_bucket', le: '1', __type__: 'histogram' }, T0, 1);
  assert.equal(store.aggregate(onlyId(store)), 'rate');
});
