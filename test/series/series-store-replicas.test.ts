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
    store.beginRequest(T0 + i);
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

for (const minutes of [1, 2, 5]) {
  test(`one replica of a pair that is scraped every ${minutes}m is kept`, () => {
    const store = makeStore();
    const scrapes = 12;
    let taken = 0;
    for (let scrape = 0; scrape < scrapes; scrape++) {
      const timeMs = T0 + scrape * minutes * MINUTE;
      assert.equal(send(store, A, timeMs, 1), stored);
      if (send(store, B, timeMs + 0.6 * minutes * MINUTE, 2) === stored) taken++;
    }
    assert.equal(taken, 0);
    // The other one takes over when the elected one is overdue.
    const lastMs = T0 + (scrapes - 1) * minutes * MINUTE;
    assert.equal(send(store, B, lastMs + 1.6 * minutes * MINUTE, 2), stored);
  });
}

test('a replica of which only NaN comes stays elected', () => {
  const store = makeStore();
  assert.equal(send(store, A, T0, Number.NaN), SampleOutcome.notFinite);
  assert.equal(send(store, A, T0 + 15 * SECOND, Number.NaN), SampleOutcome.notFinite);
  assert.equal(send(store, B, T0 + 20 * SECOND, 1), replica);
});

test('what is heard of any replica is no older than what the elected one sent', () => {
  const store = makeStore();
  send(store, A, T0, 1);
  const id = onlyId(store);
  assert.equal(store.heardOfAnyMs(id), T0);
  assert.equal(send(store, B, T0 + 20 * SECOND, 1), replica);
  assert.deepEqual([store.heardMs(id), store.heardOfAnyMs(id)], [T0, T0 + 20 * SECOND]);
  send(store, A, T0 + 30 * SECOND, 1);
  assert.equal(store.heardOfAnyMs(id), T0 + 30 * SECOND);
});

test('the stale marker of one replica does not end what the other sends, and that of both does', () => {
  const store = makeStore();
  for (let i = 0; i < 4; i++) {
    send(store, A, T0 + i * 15 * SECOND, 1);
    send(store, B, T0 + i * 15 * SECOND + 5 * SECOND, 1);
  }
  assert.equal(store.appendStale(resolve(store, A), T0 + 60 * SECOND), stored);
  assert.equal(store.endedAtMs(onlyId(store)), NaN);
  assert.equal(send(store, B, T0 + 65 * SECOND, 1), stored);
  assert.equal(store.appendStale(resolve(store, B), T0 + 80 * SECOND), stored);
  assert.equal(store.endedAtMs(onlyId(store)), T0 + 80 * SECOND);
});

test('a series ends where both replicas mark it stale, whichever does so first', () => {
  for (const [first, second] of [
    [A, B],
    [B, A],
  ] as const) {
    const store = makeStore();
    for (let i = 0; i < 4; i++) {
      send(store, A, T0 + i * 15 * SECOND, 1);
      send(store, B, T0 + i * 15 * SECOND + 5 * SECOND, 1);
    }
    store.appendStale(resolve(store, first), T0 + 60 * SECOND);
    store.appendStale(resolve(store, second), T0 + 65 * SECOND);
    assert.equal(store.endedAtMs(onlyId(store)), T0 + 65 * SECOND);
  }
});
