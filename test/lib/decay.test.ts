import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decayIn } from '#src/lib/decay.js';

test('decayIn() halves in its half-life, whatever was asked before', () => {
  const decay = decayIn(1_000);
  assert.deepEqual([1_000, 1_000, 2_000, 0, 1_000].map(decay), [0.5, 0.5, 0.25, 1, 0.5]);
});

test('decayIn() knows nothing of a time that is none', () => {
  const decay = decayIn(1_000);
  assert.deepEqual([Number.NaN, 1_000].map(decay), [Number.NaN, 0.5]);
});
