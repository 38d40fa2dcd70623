import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelValue } from '#src/model/labels/labels.js';
import { compress } from '#src/wire/core/snappy.js';
import { WriteReceiver } from '#src/wire/receive/write-receiver.js';
import type { WriteStats } from '#src/wire/receive/write-stats.js';
import { makeRule, makeStore, send, T0 } from '../../series/fixture.js';
import { encodeProto } from '../proto.js';

const LIMITS = { maxDecodedBytes: 2 ** 20, maxSamplesPerRequest: 10_000 };
const SERIES = 1_000;
const MAX_SERIES = 900;

/** A thousand series, of which one has a bad label, ten are of no rule, and the last are over the limit. */
const REQUESTS = {
  '1.0': encodeProto('prometheus.WriteRequest', {
    timeseries: Array.from({ length: SERIES }, (_, i) => ({
      labels: [
        { name: '__name__', value: i % 100 === 99 ? 'unwanted' : 'm' },
        { name: i === 50 ? '' : 'i', value: `${i}` },
      ],
      samples: [{ timestamp: T0 - 1_000, value: i }],
    })),
  }),
  '2.0': encodeProto('io.prometheus.write.v2.Request', {
    symbols: ['', '__name__', 'm', 'unwanted', 'i', ...Array.from({ length: SERIES }, (_, i) => `${i}`)],
    timeseries: Array.from({ length: SERIES }, (_, i) => ({
      labelsRefs: [1, i % 100 === 99 ? 3 : 2, i === 50 ? 0 : 4, 5 + i],
      samples: [{ timestamp: T0 - 1_000, value: i }],
    })),
  }),
};

function storeOfMany(maxSeries = MAX_SERIES) {
  return makeStore({
    maxSeries,
    chooseRule: (labels) => (labels.some(({ value }) => value === 'unwanted') ? undefined : makeRule()),
  });
}

function outcome(stats: WriteStats, store: ReturnType<typeof storeOfMany>) {
  const { byOutcome, byUntracked, invalidSeries, problems, refusal } = stats;
  const { noRule, invalidLabels, seriesLimit, seriesAdded } = store.stats;
  const counted = { noRule, invalidLabels, seriesLimit, seriesAdded };
  const stored = Array.from(store.ids(), (id) => [store.labels(id), store.readSteps(id, T0 - 60_000, T0).values]);
  return { byOutcome, byUntracked, invalidSeries, problems, refusal, counted, stored };
}

for (const protocol of ['1.0', '2.0'] as const) {
  test(`a ${protocol} request in slices stores, counts and answers what one in a piece does`, async () => {
    const whole = storeOfMany();
    const wanted = outcome(new WriteReceiver(whole, LIMITS).receive(compress(REQUESTS[protocol]), protocol, T0), whole);
    assert.deepEqual(wanted.counted, {
      noRule: 10,
      invalidLabels: 1,
      seriesLimit: SERIES - MAX_SERIES - 11,
      seriesAdded: MAX_SERIES,
    });

    const sliced = storeOfMany();
    const sizes: number[] = [];
    const slice = {
      isOver: true,
      pause: async () => {
        sizes.push(sliced.size);
        // Others come in between, with clocks of their own.
        sliced.beginRequest(T0 + 86_400_000, 'a query source');
      },
    };
    const receiver = new WriteReceiver(sliced, LIMITS);
    const stats = await receiver.receiveInSlices(compress(REQUESTS[protocol]), protocol, T0, slice);
    assert.ok(sizes.length > 10, `${sizes.length} pauses`);
    assert.ok(sizes[0]! < 100, 'the first slice is a small one');
    assert.deepEqual(outcome(stats, sliced), wanted);
  });
}

test('series that go while a request is in a pause, and their ids with them, come again before anything is stored', async () => {
  const store = storeOfMany(2 * SERIES);
  let pauses = 0;
  const slice = {
    isOver: true,
    pause: async () => {
      pauses++;
      if (pauses !== 5) return;
      store.clear();
      for (let i = 0; i < 10; i++) send(store, { __name__: 'other', i: `${i}` }, T0 - 500, -1);
    },
  };
  const receiver = new WriteReceiver(store, LIMITS);
  const stats = await receiver.receiveInSlices(compress(REQUESTS['1.0']), '1.0', T0, slice);
  assert.equal(stats.byOutcome[0], SERIES - 11);
  assert.equal(store.size, SERIES - 1);
  const values = new Map<string, number[]>();
  for (const id of store.ids()) {
    const value = labelValue(store.labels(id), 'i');
    values.set(labelValue(store.labels(id), '__name__') + value, [...store.readSteps(id, T0 - 60_000, T0).values]);
  }
  assert.deepEqual(
    ['m0', 'm300', 'other0'].map((series) => values.get(series)),
    [[0], [300], [-1]],
  );
});
