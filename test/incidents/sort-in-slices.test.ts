import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sortInSlices } from '#src/incidents/sort-in-slices.js';

interface Item {
  readonly key: number;
  readonly place: number;
}

function sorted(keys: readonly number[]): { items: Item[]; pauses: number } {
  const steps = sortInSlices(
    keys.map((key, place): Item => ({ key, place })),
    (a, b) => a.key - b.key,
  );
  let pauses = 0;
  let step = steps.next();
  while (step.done !== true) {
    pauses++;
    step = steps.next();
  }
  return { items: step.value, pauses };
}

test('sorting in slices gives what sorting gives, equal items in their order', () => {
  const keys = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 3_000, size: 'max' });
  fc.assert(
    fc.property(keys, (given) => {
      const want = given.map((key, place) => ({ key, place })).sort((a, b) => a.key - b.key);
      assert.deepEqual(sorted(given).items, want);
    }),
    { numRuns: 30 },
  );
});

test('it pauses every few hundred items', () => {
  assert.ok(sorted(Array.from({ length: 10_000 }, (_, i) => (i * 7919) % 10_007)).pauses > 80);
});
