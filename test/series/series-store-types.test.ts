import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUR, MINUTE, SECOND } from '../fixtures.js';
import { makeStore, onlyId, othersSend, send, T0 } from './fixture.js';

test('`auto` takes the rate of counters, and a type that says otherwise empties the rings', () => {
  const store = makeStore({}, { aggregate: 'auto' });
  const resets: number[] = [];
  store.listener = {
    seriesAdded: () => {},
    seriesRemoved: () => {},
    seriesReset: (id) => void resets.push(id),
    seriesResumed: () => {},
  };
  const names = ['a_total', 'b', 'memory_total', 'requests'];
  for (const [i, name] of names.entries()) send(store, { __name__: name }, T0 + i, 1);
  const aggregates = () => [...store.ids()].map((id) => store.aggregate(id));
  assert.deepEqual(aggregates(), ['rate', 'mean', 'rate', 'mean']);
  for (const [name, type] of [
    ['a_total', 'counter'],
    ['b', 'gauge'],
    ['memory_total', 'gauge'],
    ['requests', 'counter'],
  ] as const) {
    store.setMetricType(name, type);
  }
  store.beginRequest(T0);
  assert.deepEqual(aggregates(), ['rate', 'mean', 'mean', 'rate']);
  assert.deepEqual(resets, [2, 3]);
  assert.equal(store.newestSampleMs(2), NaN);
  assert.equal(store.newestSampleMs(1), T0 + 1);
  // What is emptied is not idle.
  othersSend(store, T0, T0 + HOUR - MINUTE);
  assert.equal(store.sweepIdle(), 0);
  send(store, { __name__: 'requests' }, T0 + 10 * SECOND, 10);
  send(store, { __name__: 'requests' }, T0 + 20 * SECOND, 20);
  assert.equal(store.stepValue(3, T0), 1);
});

test('a type that many series have is taken in little by little, and one that comes meanwhile after it', () => {
  const store = makeStore({}, { aggregate: 'auto' });
  for (let i = 0; i < 25; i++) send(store, { __name__: 'requests', i: `${i}` }, T0, 1);
  send(store, { __name__: 'bytes' }, T0, 1);
  const rates = () => [...store.ids()].filter((id) => store.aggregate(id) === 'rate').length;
  store.setMetricType('requests', 'counter');
  store.beginRequest(T0);
  assert.equal(rates(), 10);
  store.setMetricType('bytes', 'counter');
  const after = Array.from({ length: 4 }, () => {
    store.beginRequest(T0);
    return rates();
  });
  assert.deepEqual(after, [20, 26, 26, 26]);
});

test('a fixed aggregate is not changed by a type', () => {
  const store = makeStore({}, { aggregate: 'last' });
  send(store, { __name__: 'requests' }, T0, 1);
  store.setMetricType('requests', 'counter');
  store.beginRequest(T0);
  assert.equal(store.aggregate(onlyId(store)), 'last');
});
