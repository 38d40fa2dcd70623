import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addToTail, rareLevel, TAIL_LENGTH } from '#src/detect/score/tail.js';

const HALF_LIFE = 1e5;

/** The tail of a Pareto law of this index, as its quantiles in an order that mixes large and small. */
function tailOf(index: number, count: number): Float32Array {
  const state = new Float32Array(TAIL_LENGTH);
  for (let i = 0; i < count; i++)
    addToTail(state, 0, (((i * 7919) % count) / count + 0.5 / count) ** -index, 2 ** (1 / HALF_LIFE));
  return state;
}

test('rareLevel() is near the quantile of a law whose tail it has seen, and beyond', () => {
  for (const index of [0.15, 0.25, 0.5, 0.8]) {
    const state = tailOf(index, 50_000);
    for (const rarity of [0.01, 0.001, 0.0003]) {
      const ratio = rareLevel(state, 0, rarity) / rarity ** -index;
      assert.ok(ratio > 0.8 && ratio < 1.25, `index ${index}, rarity ${rarity}: ${ratio} of the quantile`);
    }
  }
});

test('rareLevel() knows nothing before thirty values', () => {
  assert.equal(rareLevel(tailOf(0.25, 29), 0, 0.001), Number.NaN);
  assert.ok(rareLevel(tailOf(0.25, 30), 0, 0.001) > 0);
});

test('rareLevel() follows a law that changed, by its half-life', () => {
  const state = new Float32Array(TAIL_LENGTH);
  for (let i = 0; i < 5000; i++) addToTail(state, 0, 1, 2 ** (1 / 500));
  const before = rareLevel(state, 0, 0.001);
  for (let i = 0; i < 5000; i++) addToTail(state, 0, 16, 2 ** (1 / 500));
  const after = rareLevel(state, 0, 0.001);
  assert.ok(Math.abs(after / before / 16 - 1) < 0.01, `${before} then ${after}`);
  for (let i = 0; i < 5000; i++) addToTail(state, 0, 1, 2 ** (1 / 500));
  assert.ok(rareLevel(state, 0, 0.001) < 1.3 * before, 'and back');
});

test('addToTail() takes values of any size, 0 among them', () => {
  const state = new Float32Array(TAIL_LENGTH);
  for (const value of [0, 5e-324, 1e-9, 1, 1e9, Number.MAX_VALUE]) addToTail(state, 0, value, 2 ** (1 / 100));
  assert.ok(state.every(Number.isFinite));
});
