import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FirstItems } from '#src/lib/first-items.js';

test('FirstItems are those that a stable sort of all would put first', () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 5_000, size: 'max' });
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 3_000 }), (values, limit) => {
      const items = values.map((value, place) => ({ value, place }));
      const first = new FirstItems<(typeof items)[number]>(limit, (a, b) => a.value - b.value);
      for (const item of items) first.add(item);
      assert.deepEqual(first.all, items.toSorted((a, b) => a.value - b.value).slice(0, limit));
    }),
    { numRuns: 50 },
  );
});
