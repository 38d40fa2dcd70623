import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HashSet } from '#src/wire/core/hash-set.js';

test('HashSet.add() tells like a Set whether a hash is new, and forgets on clear()', () => {
  // Small numbers collide, and 0 is what marks a free place: 1 stands in for it.
  const hash = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: -(2 ** 31), max: -1 }));
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 300 }), fc.integer({ min: 0, max: 20 }), (hashes, expectedSize) => {
      const set = new HashSet(expectedSize);
      for (let round = 0; round < 2; round++) {
        const model = new Set<number>();
        for (const value of hashes) {
          assert.equal(set.add(value), !model.has(value));
          model.add(value);
        }
        set.clear();
      }
    }),
  );
});
