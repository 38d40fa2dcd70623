import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Samples } from '#src/model/samples/columns.js';
import { AGGREGATES, type Aggregate } from '#src/model/settings/settings.js';
import { DAY, HOUR, MINUTE, SECOND } from '../fixtures.js';
import { makeStore, onlyId, resolve, send, T0 } from './fixture.js';

const M = { __name__: 'm' };
const START = T0 - 2 * DAY;

/** A scrape every `everyMs` in [fromMs, toMs): a counter with resets that is no worse a gauge. */
function scrapes(fromMs: number, toMs: number, everyMs = 15 * SECOND): Samples {
  const count = Math.ceil((toMs - fromMs) / everyMs);
  const timesMs = Float64Array.from({ length: count }, (_, i) => fromMs + i * everyMs);
  return { timesMs, values: timesMs.map((timeMs) => ((timeMs - START) / SECOND) % 5000) };
}

function slice({ timesMs, values }: Samples, fromMs: number, toMs: number): Samples {
  const from = timesMs.findIndex((timeMs) => timeMs >= fromMs);
  const to = timesMs.findIndex((timeMs) => timeMs >= toMs);
  const end = to < 0 ? timesMs.length : to;
  return from < 0
    ? { timesMs: timesMs.subarray(0, 0), values: values.subarray(0, 0) }
    : { timesMs: timesMs.subarray(from, end), values: values.subarray(from, end) };
}

function valueAt({ timesMs, values }: Samples): Map<number, number> {
  return new Map(Array.from(timesMs, (timeMs, i) => [timeMs, values[i]!]));
}

function storeOf(aggregate: Aggregate, { timesMs, values }: Samples) {
  const store = makeStore({ maxFutureMs: 100 * DAY }, { aggregate });
  const ref = resolve(store, M);
  for (let i = 0; i < timesMs.length; i++) store.append(ref, timesMs[i]!, values[i]!);
  return { store, id: onlyId(store) };
}

function assertClose(read: Samples, want: Samples, what: string): void {
  assert.deepEqual([...read.timesMs], [...want.timesMs], what);
  const errors = read.values.map((value, i) => Math.abs(value - want.values[i]!));
  assert.ok(Math.max(0, ...errors) < 1e-3, `${what} differ by ${Math.max(...errors)}`);
}

for (const aggregate of AGGREGATES) {
  test(`backfill() makes of samples what they had become live, ${aggregate}`, () => {
    // Live from a boundary of a coarse bucket on, backfilled before it: as if all had come live.
    const cutMs = T0 - 50 * MINUTE;
    const all = scrapes(START, T0);
    const { store: live, id: liveId } = storeOf(aggregate, all);
    const { store, id } = storeOf(aggregate, slice(all, cutMs, T0));
    const counts = store.backfill(id, slice(all, START, T0));
    assert.equal(counts.fineFilled, 240 - 50);
    assertClose(store.readHistory(id, START, cutMs), live.readHistory(liveId, START, cutMs), 'history');
    assertClose(store.readSteps(id, START, cutMs), live.readSteps(liveId, START, cutMs), 'steps');
    assert.equal(store.firstSampleMs(id), START);
    assert.equal(store.newestSampleMs(id), T0 - 15 * SECOND);
    const [variance, liveVariance] = [store, live].map(
      (s) => s.trainingView(s === store ? id : liveId).withinBucketVariance,
    );
    assert.ok(Math.abs(variance! - liveVariance!) < 0.2 * liveVariance!, `variance ${variance}, live ${liveVariance}`);
  });
}

test('backfill() of a series without samples is the same as live', () => {
  const all = scrapes(START, T0);
  const { store: live, id: liveId } = storeOf('mean', all);
  const { store, id } = storeOf('mean', scrapes(T0, T0));
  store.backfill(id, all);
  assertClose(store.readHistory(id, 0, Infinity), live.readHistory(liveId, 0, Infinity), 'history');
  assertClose(store.readSteps(id, 0, Infinity), live.readSteps(liveId, 0, Infinity), 'steps');
  assert.equal(store.firstSampleMs(id), START);
  assert.equal(store.trainingView(id).withinBucketVariance, live.trainingView(liveId).withinBucketVariance);
});

test('backfill() never changes a bucket that has a value, whatever it brings', () => {
  const ranges = fc.array(fc.tuple(fc.integer({ min: 0, max: 2880 }), fc.integer({ min: 1, max: 400 })), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(ranges, (gaps) => {
      const all = scrapes(START, T0, 30 * SECOND);
      const inGap = (timeMs: number) =>
        gaps.some(([from, length]) => timeMs >= START + from * MINUTE && timeMs < START + (from + length) * MINUTE);
      const kept = all.timesMs.filter((timeMs) => !inGap(timeMs));
      const { store, id } = storeOf('mean', { timesMs: kept, values: kept.map(() => 7) });
      const liveMs = store.newestSampleMs(id);
      const [stepsBefore, historyBefore] = [store.readSteps(id, 0, Infinity), store.readHistory(id, 0, Infinity)];
      store.backfill(id, { timesMs: all.timesMs, values: all.values.map(() => 100) });
      const newestStepMs = Math.floor(store.newestSampleMs(id) / MINUTE) * MINUTE;
      const oldestStepMs = newestStepMs - 239 * MINUTE;
      const stepsAfter = valueAt(store.readSteps(id, 0, Infinity));
      const stepsLeft = stepsBefore.timesMs.filter((timeMs) => timeMs > oldestStepMs);
      assert.ok(stepsLeft.every((timeMs) => stepsAfter.get(timeMs) === 7));
      // A coarse bucket whose steps are all still there is their mean; an older one is either live or backfilled.
      const historyAfter = valueAt(store.readHistory(id, 0, Infinity));
      const over = (timeMs: number) => timeMs + 5 * MINUTE <= liveMs;
      const older = historyBefore.timesMs.filter((timeMs) => timeMs - 5 * MINUTE < oldestStepMs && over(timeMs));
      assert.ok(older.every((timeMs) => historyAfter.get(timeMs) === 7));
      // No bucket is left empty.
      assert.equal(historyAfter.size, 2 * 24 * 6);
      assert.equal(stepsAfter.size, 240);
    }),
    { numRuns: 60 },
  );
});

test('a coarse bucket of which some minutes came live is the mean of all its minutes', () => {
  const store = makeStore();
  for (let i = 4; i < 10; i++) send(store, M, T0 + i * MINUTE, 10);
  send(store, M, T0 + 10 * MINUTE, 10);
  const id = onlyId(store);
  const counts = store.backfill(id, {
    timesMs: Float64Array.of(T0, T0 + MINUTE, T0 + 4 * MINUTE),
    values: Float64Array.of(2, 2, 99),
  });
  assert.deepEqual(counts, { notFinite: 0, fineFilled: 2, coarseFilled: 0 });
  assert.deepEqual([...store.readHistory(id, T0, T0 + 9 * MINUTE).values], [(2 + 2 + 6 * 10) / 8]);
});

test('backfill() takes samples newer than the newest as if they came live', () => {
  const store = makeStore();
  send(store, M, T0, 1);
  const id = onlyId(store);
  store.backfill(id, { timesMs: Float64Array.of(T0 - HOUR, T0, T0 + MINUTE), values: Float64Array.of(5, 6, 7) });
  assert.deepEqual([...store.readSteps(id, 0, Infinity).values], [5, 1, 7]);
  assert.equal(store.newestSampleMs(id), T0 + MINUTE);
});

test('a series that ended goes on with newer samples of a backfill, not with older ones', () => {
  const store = makeStore();
  send(store, M, T0, 1);
  store.appendStale(resolve(store, M), T0 + MINUTE);
  const id = onlyId(store);
  store.backfill(id, scrapes(T0 - HOUR, T0 + MINUTE));
  assert.equal(store.endedAtMs(id), T0 + MINUTE);
  store.backfill(id, scrapes(T0 - HOUR, T0 + 2 * MINUTE));
  assert.equal(store.endedAtMs(id), Number.NaN);
});

test('backfill() holds no memory when it is done', () => {
  const store = makeStore();
  send(store, M, T0, 1);
  const { ringBytes } = store.stats;
  for (let i = 0; i < 500; i++) store.backfill(onlyId(store), scrapes(T0 - HOUR, T0));
  assert.equal(store.stats.ringBytes, ringBytes);
  assert.equal(store.size, 1);
});

test('backfill() counts what is no value, and leaves out what is older than the rings', () => {
  const store = makeStore();
  send(store, M, T0, 1);
  const id = onlyId(store);
  const timesMs = Float64Array.of(T0 - 100 * DAY, T0 - HOUR, T0 - HOUR + 1);
  const counts = store.backfill(id, { timesMs, values: Float64Array.of(5, Number.NaN, Infinity) });
  assert.deepEqual(counts, { notFinite: 2, fineFilled: 0, coarseFilled: 0 });
  assert.equal(store.firstSampleMs(id), T0);
  assert.equal(store.size, 1);
  assert.equal(store.readHistory(id, 0, Infinity).values.length, 1);
});

for (const aggregate of AGGREGATES) {
  test(`backfill() mends a stretch of which only a part came live, ${aggregate}`, () => {
    const all = scrapes(START, T0);
    const { store: live, id: liveId } = storeOf(aggregate, all);
    // From the middle of one step to the middle of another, 20 minutes later, nothing came; and long ago for a day.
    for (const [fromMs, toMs] of [
      [T0 - 50.5 * MINUTE, T0 - 30.5 * MINUTE],
      [T0 - 1.5 * DAY - 40 * SECOND, T0 - 0.5 * DAY - 40 * SECOND],
    ] as const) {
      const [before, after] = [slice(all, START, fromMs), slice(all, toMs, T0)];
      const { store, id } = storeOf(aggregate, {
        timesMs: Float64Array.of(...before.timesMs, ...after.timesMs),
        values: Float64Array.of(...before.values, ...after.values),
      });
      const repairFromMs = Math.floor(fromMs / MINUTE) * MINUTE;
      const bucket = store.settings(id).resolutionMs;
      const startMs = Math.floor((repairFromMs - 5 * MINUTE) / bucket) * bucket;
      const endMs = (Math.floor(toMs / MINUTE) + 2) * MINUTE;
      store.backfill(id, slice(all, startMs, endMs), repairFromMs);
      assertClose(store.readSteps(id, START, T0), live.readSteps(liveId, START, T0), 'steps');
      // The coarse bucket that the stretch ends in, far back, is over by a part that came live.
      const history = (s: typeof store, i: number) => s.readHistory(i, START, Math.floor(endMs / bucket) * bucket);
      assertClose(history(store, id), history(live, liveId), 'history');
    }
  });
}

test('backfill() mends no step that the database may have in part, and none before the stretch', () => {
  const { store, id } = storeOf('mean', scrapes(START, T0));
  const before = store.readSteps(id, START, T0);
  const { timesMs, values } = slice(scrapes(START, T0), T0 - 30 * MINUTE, T0 - 20 * MINUTE - 30 * SECOND);
  store.backfill(id, { timesMs, values: values.map(() => 1) }, T0 - 25 * MINUTE);
  const after = store.readSteps(id, START, T0);
  const changed = [...after.timesMs].filter((_, i) => after.values[i] !== before.values[i]);
  assert.deepEqual(
    changed.map((timeMs) => (timeMs - T0) / MINUTE),
    [-24.5, -23.5, -22.5, -21.5],
  );
});
