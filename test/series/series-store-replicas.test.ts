import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SampleOutcome } from '#src/model/samples/write-sink.js';
import { MINUTE, SECOND } from '../fixtures.js';
import { encodeInOrder, makeStore, onlyId, othersSend, resolve, resolveBlock, send, T0 } from './fixture.js';

const A = { __name__: 'up', job: 'x', replica: 'a' };
const B = { __name__: 'up', job: 'x', replica: 'b' };
const { stored, replica } = SampleOutcome;

test('of two replicas the first is listened to until it has been silent for 30 s', () => {
  const store = makeStore();
  assert.equal(send(store, A, T0, 1), stored);
  assert.equal(send(store, B, T0 + 7 * SECOND, 2), replica);
  assert.equal(send(store, A, T0 + 15 * SECOND, 1), stored);
  assert.equal(send(store, B, T0 + 45 * SECOND, 2), replica);
  assert.equal(send(store, B, T0 + 45 * SECOND + 1, 2), stored);
  assert.equal(send(store, A, T0 + 46 * SECOND, 1), replica);
  assert.equal(send(store, B, T0 + 60 * SECOND, 2), stored);
  assert.equal(store.stepValue(onlyId(store), T0), (1 + 1 + 2) / 3);
});

test('the other replica ends no series, and keeps none alive', () => {
  const store = makeStore();
  send(store, A, T0, 1);
  assert.equal(store.appendStale(resolve(store, B), T0 + 15 * SECOND), replica);
  assert.equal(store.endedAtMs(onlyId(store)), NaN);
  send(store, A, T0 + 15 * SECOND, 1);
  othersSend(store, T0 + 15 * SECOND, T0 + 50 * MINUTE);
  store.append(resolve(store, B), T0 + 20 * SECOND, 1);
  othersSend(store, T0 + 50 * MINUTE, T0 + 60 * MINUTE + 15 * SECOND);
  assert.equal(store.sweepIdle(), 1);
});

test('the same labels in another order are the same replica', () => {
  const store = makeStore();
  const unsorted = encodeInOrder(['replica', 'a'], ['job', 'x'], ['__name__', 'up']);
  send(store, A, T0, 1);
  assert.equal(store.append(resolveBlock(store, unsorted), T0 + 1, 3), stored);
  assert.equal(store.append(resolve(store, A), T0 + 2, 5), stored);
  assert.equal(store.stepValue(onlyId(store), T0), 3);
});

test('a replica whose label changes with every start is remembered by its last few names only', () => {
  const store = makeStore();
  // The elected replica, in an order of its own, while the others come and go.
  const elected = encodeInOrder(['replica', 'a'], ['job', 'x'], ['__name__', 'up']);
  const refs = new Set<number>();
  for (let i = 0; i < 1000; i++) {
    assert.equal(store.append(resolveBlock(store, elected), T0 + i, 1), stored);
    const other = resolve(store, { ...B, replica: `pod-${i}` });
    assert.equal(store.append(other, T0 + i, 2), replica);
    refs.add(other);
  }
  assert.equal(store.size, 1);
  assert.ok(refs.size < 12, `${refs.size} label blocks`);
  // All its variants go with the series.
  othersSend(store, T0, T0 + 120 * MINUTE);
  assert.equal(store.sweepIdle(), 1);
  assert.equal(send(store, { ...B, replica: 'pod-999' }, T0 + 120 * MINUTE, 1), stored);
});
