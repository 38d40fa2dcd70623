import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY, HOUR, MINUTE, SECOND } from '../fixtures.js';
import { makeStore, onlyId, resolve, T0 } from './fixture.js';

/** A counter with these samples: seconds after T0, value, and when it began to count, in seconds after T0. */
function counter(samples: readonly (readonly [seconds: number, value: number, start?: number])[]) {
  const store = makeStore({}, { aggregate: 'rate', historyMs: 15 * DAY });
  for (const [seconds, value, start] of samples) {
    store.beginRequest(T0 + HOUR);
    const startMs = start === undefined ? 0 : T0 + start * SECOND;
    store.append(resolve(store, { __name__: 'c_total' }), T0 + seconds * SECOND, value, startMs);
  }
  return store;
}

const rateOf = (store: ReturnType<typeof makeStore>, minute = 0) =>
  store.stepValue(onlyId(store), T0 + minute * MINUTE);

test('a dip by hundredths is no reset, and nothing is counted twice after it', () => {
  const store = counter([
    [0, 5000.03],
    [15, 5000.02],
    [30, 5000.03],
    [45, 5003.03],
  ]);
  assert.ok(Math.abs(rateOf(store) - 3 / 45) < 1e-9, `${rateOf(store)}`);
});

test('a reset counts from zero, also of a small counter', () => {
  assert.equal(
    rateOf(
      counter([
        [0, 10],
        [30, 6],
      ]),
    ),
    6 / 30,
  );
});

test('a start timestamp tells a reset where the value does not fall', () => {
  assert.equal(
    rateOf(
      counter([
        [0, 10, -600],
        [30, 25, 10],
      ]),
    ),
    25 / 30,
  );
});

test('a start timestamp that stays tells that a fall is no reset', () => {
  assert.equal(
    rateOf(
      counter([
        [0, 10, -600],
        [30, 6, -600],
        [40, 12, -600],
      ]),
    ),
    6 / 40,
  );
});

test('the first sample of a counter that began a moment ago counts from there', () => {
  assert.equal(rateOf(counter([[30, 60, 10]])), 60 / 20);
});

test('the first sample of a counter that began long ago counts nothing', () => {
  assert.equal(rateOf(counter([[30, 60, -DAY / SECOND]])), Number.NaN);
});

for (const aggregate of ['rate', 'mean'] as const) {
  test(`a zero where a counter began two days ago does not begin its history (${aggregate})`, () => {
    const store = makeStore({}, { aggregate, historyMs: 15 * DAY });
    for (const [timeMs, value] of [
      [T0 - 2 * DAY, 0],
      [T0, 1e6],
      [T0 + 15 * SECOND, 1e6 + 30],
    ] as const) {
      store.beginRequest(T0 + 30 * SECOND);
      store.append(resolve(store, { __name__: 'c' }), timeMs, value);
    }
    const id = onlyId(store);
    assert.equal(store.firstSampleMs(id), T0);
    assert.equal(store.readHistory(id, 0, T0 - DAY).values.length, 0);
  });
}

test('a zero a moment before the first sample is what that counts from', () => {
  assert.equal(
    rateOf(
      counter([
        [0, 0],
        [20, 60],
      ]),
    ),
    3,
  );
});
