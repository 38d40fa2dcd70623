import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Samples } from '#src/model/samples/columns.js';
import { SampleOutcome } from '#src/model/samples/write-sink.js';
import { AGGREGATES } from '#src/model/settings/settings.js';
import { HOUR, MINUTE, SECOND } from '../../fixtures.js';
import { makeStore, onlyId, resolve, T0 } from '../fixture.js';
import { NaiveSeries } from '../naive-series.js';

// Three steps a bucket: 240 steps reach 4 h back, 161 buckets reach 8 h.
const settings = { stepMs: MINUTE, resolutionMs: 3 * MINUTE, historyMs: 8 * HOUR };
const naive = { stepMs: MINUTE, resolutionMs: 3 * MINUTE, steps: 240, buckets: 161 };

/** How far a sample's time is from the newest: mostly one scrape on, else anything that senders do. */
const sinceNewestMs = fc.oneof(
  { weight: 20, arbitrary: fc.constant(15 * SECOND) },
  { weight: 4, arbitrary: fc.integer({ min: SECOND, max: 2 * MINUTE }) },
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: -30 * SECOND, max: -1 }) },
  { weight: 3, arbitrary: fc.integer({ min: -246 * MINUTE, max: -1 }) },
  // The edges: of the 240 steps, and of what is a pair of a rate.
  { weight: 2, arbitrary: fc.integer({ min: -241, max: -238 }).map((minutes) => minutes * MINUTE) },
  { weight: 2, arbitrary: fc.constantFrom(5 * MINUTE - 1, 5 * MINUTE, 5 * MINUTE + 1) },
  { weight: 1, arbitrary: fc.integer({ min: SECOND, max: 5 * HOUR }) },
  { weight: 1, arbitrary: fc.integer({ min: SECOND, max: 20 * HOUR }) },
);
const anyValue = fc.oneof(
  { weight: 10, arbitrary: fc.double({ min: -1000, max: 1000, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0) },
);
const anySamples = fc.array(fc.tuple(sinceNewestMs, anyValue), { minLength: 1, maxLength: 300, size: 'max' });

function assertBuckets(
  read: Samples,
  want: [bucket: number, value: number][],
  widthMs: number,
  tolerance: number,
): void {
  assert.deepEqual(
    [...read.timesMs],
    want.map(([bucket]) => (bucket + 0.5) * widthMs),
  );
  const errors = want.map(([, value], i) => Math.abs(read.values[i]! - value) / (1 + Math.abs(value)));
  assert.ok(Math.max(0, ...errors) <= tolerance, `values differ by ${Math.max(...errors)}`);
}

for (const aggregate of AGGREGATES) {
  test(`a series of ${aggregate} holds what the naive model holds, whatever comes in whatever order`, () => {
    fc.assert(
      fc.property(anySamples, (samples) => {
        const store = makeStore({}, { ...settings, aggregate });
        const model = new NaiveSeries({ ...naive, aggregate });
        const ref = resolve(store, { __name__: 'm' });
        let newestMs = T0;
        for (const [sinceMs, value] of [[0, 1], ...samples] as const) {
          const timeMs = newestMs + sinceMs;
          store.beginRequest(Math.max(newestMs, timeMs));
          const want = model.append(timeMs, value);
          assert.equal(store.append(ref, timeMs, value), SampleOutcome[want], `${want} at ${sinceMs} after the newest`);
          if (want === 'stored') newestMs = Math.max(newestMs, timeMs);
        }
        const id = onlyId(store);
        assert.equal(store.newestSampleMs(id), newestMs);
        assertBuckets(store.readSteps(id, -Infinity, Infinity), model.steps(), MINUTE, 1e-12);
        // Float32 differences from a base within ±1000: 2^-24 of 2000, twice for good measure.
        assertBuckets(store.readHistory(id, -Infinity, Infinity), model.history(), 3 * MINUTE, 3e-4);
      }),
      { numRuns: 400 },
    );
  });
}
