import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Untracked } from '#src/model/samples/write-sink.js';
import { HOUR, MINUTE } from '../fixtures.js';
import { makeStore, othersSend, resolve, send, T0 } from './fixture.js';

test('sweepIdle() removes series of which nothing comes while others do', () => {
  const store = makeStore();
  const events: string[] = [];
  store.listener = {
    seriesAdded: (id) => events.push(`added ${id} ${store.labels(id)[0]!.value}`),
    seriesRemoved: (id) => events.push(`removed ${id}`),
    seriesReset: (id) => events.push(`reset ${id}`),
    seriesResumed: () => {},
  };
  send(store, { __name__: 'a' }, T0, 1);
  // An hour behind, as after an outage of the sender: still alive.
  store.append(resolve(store, { __name__: 'b' }), T0 - HOUR, 1);
  resolve(store, { __name__: 'never a sample' });
  othersSend(store, T0, T0 + HOUR - 1);
  assert.equal(store.sweepIdle(), 0);
  // NaN is a sign of life, a refused sample is none.
  store.append(resolve(store, { __name__: 'a' }), T0 + HOUR, Number.NaN);
  store.append(resolve(store, { __name__: 'b' }), T0 + 2 * HOUR, 1);
  store.beginRequest(T0 + HOUR);
  assert.equal(store.sweepIdle(), 2);
  assert.deepEqual([...store.ids()], [0]);
  send(store, { __name__: 'c' }, T0 + HOUR, 1);
  assert.deepEqual(events, ['added 0 a', 'added 1 b', 'added 2 never a sample', 'removed 1', 'removed 2', 'added 2 c']);
  assert.equal(store.newestSampleMs(2), T0 + HOUR);
  assert.deepEqual([...store.readSteps(2, 0, Infinity).values], [1]);
});

test('sweepIdle() removes nothing for a silence of all', () => {
  const store = makeStore();
  const [a, b, c] = [{ __name__: 'a' }, { __name__: 'b' }, { __name__: 'c' }] as const;
  for (const labels of [a, b, c]) send(store, labels, T0, 1);
  const morningMs = T0 + 9 * HOUR;
  store.beginRequest(morningMs);
  store.append(resolve(store, a), morningMs, 1);
  assert.equal(store.sweepIdle(), 0, 'the others come with the next scrapes');
  othersSend(store, morningMs, morningMs + 40 * MINUTE);
  for (const labels of [a, b]) send(store, labels, morningMs + 40 * MINUTE, 1);
  assert.equal(store.sweepIdle(), 0);
  othersSend(store, morningMs + 40 * MINUTE, morningMs + 50 * MINUTE);
  assert.equal(store.sweepIdle(), 1, 'and one does not');
  assert.equal(store.size, 2);
});

test('sweepIdle() makes room where all that comes is one series too many', () => {
  const store = makeStore({ maxSeries: 1 });
  send(store, { __name__: 'before' }, T0, 1);
  for (let nowMs = T0; nowMs <= T0 + HOUR; nowMs += 5 * MINUTE) {
    store.beginRequest(nowMs);
    assert.equal(resolve(store, { __name__: 'after' }), Untracked.seriesLimit);
  }
  assert.equal(store.sweepIdle(), 1);
  assert.ok(resolve(store, { __name__: 'after' }) >= 0);
});
