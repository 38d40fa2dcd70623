import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RingView, readRing, ringIndex, storedBuckets } from '#src/model/samples/ring-view.js';

const STEP = 60_000;

/** A ring of the given values, oldest first, NaN for none; it starts 24 bytes into its memory, among other numbers. */
function makeView(values: number[], newestBucket: number, changes: Partial<RingView> = {}): RingView {
  const memory = new SharedArrayBuffer(24 + 8 * values.length + 24);
  new Uint8Array(memory).fill(0x55);
  const view: RingView = {
    memory,
    byteOffset: 24,
    capacity: values.length,
    format: 'f64',
    base: 0,
    widthMs: STEP,
    newestBucket,
    ...changes,
  };
  const stored = storedBuckets(view);
  values.forEach((value, i) => {
    stored[ringIndex(newestBucket - values.length + 1 + i, values.length)] = value;
  });
  return view;
}

test('readRing() reads what was put into the ring, at any place in time and memory', () => {
  const anyRing = fc.record({
    values: fc.array(fc.oneof(fc.integer({ min: -99, max: 99 }), fc.constant(Number.NaN)), {
      minLength: 1,
      maxLength: 20,
    }),
    newestBucket: fc.integer({ min: -1000, max: 1_000_000_000 }),
    format: fc.constantFrom('f32' as const, 'f64' as const),
    base: fc.constantFrom(0, 1e12),
    fromBuckets: fc.integer({ min: -25, max: 5 }),
    lengthBuckets: fc.integer({ min: -5, max: 30 }),
  });
  fc.assert(
    fc.property(anyRing, ({ values, newestBucket, format, base, fromBuckets, lengthBuckets }) => {
      const view = makeView(values, newestBucket, { format, base });
      const fromMs = (newestBucket + fromBuckets) * STEP;
      const toMs = fromMs + lengthBuckets * STEP;
      const want = values
        .map((value, i): [number, number] => [(newestBucket - values.length + 1 + i + 0.5) * STEP, base + value])
        .filter(([timeMs, value]) => !Number.isNaN(value) && timeMs >= fromMs && timeMs <= toMs);
      const read = readRing(view, fromMs, toMs);
      assert.deepEqual(
        [...read.timesMs],
        want.map(([timeMs]) => timeMs),
      );
      assert.deepEqual(
        [...read.values],
        want.map(([, value]) => value),
      );
    }),
    { numRuns: 500 },
  );
});

test('readRing() reads the whole ring unless told otherwise, and its ends are inclusive', () => {
  const view = makeView([1, 2, 3, 4], 10);
  assert.deepEqual([...readRing(view).values], [1, 2, 3, 4]);
  assert.deepEqual([...readRing(view, 8.5 * STEP, 9.5 * STEP).values], [2, 3]);
  assert.deepEqual([...readRing(view, 8.5 * STEP + 1, 9.5 * STEP - 1).values], []);
});

test('storedBuckets() shares the memory of the ring', () => {
  const view = makeView([1, 2, 3], 2);
  storedBuckets(view)[1] = 20;
  assert.deepEqual([...readRing(view).values], [1, 20, 3]);
});
