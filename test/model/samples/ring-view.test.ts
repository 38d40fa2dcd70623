import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type RingView, readRing, ringIndex, roundingOf, storedBuckets } from '#src/model/samples/ring-view.js';

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

test('a 0 that is kept as a difference in 24 bits is read as 0', () => {
  const base = 11.4;
  const { values } = readRing(makeView([0 - base, 37.123 - base, 1e-5 - base], 100, { format: 'f32', base }));
  assert.equal(values[0], 0);
  assert.ok(values[2]! > 0, String(values[2]));
});

test('what is read is no further from what was stored than the rounding of the ring', () => {
  const view = makeView([5.3 - 11.4, Number.NaN, 37.123 - 11.4], 100, { format: 'f32', base: 11.4 });
  const [, second] = readRing(view).values;
  assert.notEqual(second, 37.123);
  assert.ok(Math.abs(second! - 37.123) <= roundingOf(view, second!), `${second}`);
  assert.equal(roundingOf(makeView([5.3], 100), 5.3), 0);
});
