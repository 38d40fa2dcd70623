import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConfig } from '#src/config/load.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import { evaluate } from '#src/forecast/model/evaluate.js';
import { moveHistory, moveModel } from '#src/forecast/model/move-level.js';
import { inverse } from '#src/model/samples/level-shift.js';
import { HOUR } from '../../fixtures.js';

const START = Date.UTC(2026, 0, 5);
const { prophet } = parseConfig('', '.').rules[0]!.settings;

function wave(growth: 'linear' | 'logistic' | 'flat', seasonalityMode: 'additive' | 'multiplicative') {
  const timesMs = Float64Array.from({ length: 96 }, (_, i) => START + i * HOUR);
  const values = timesMs.map((timeMs, i) => 50 + 10 * Math.sin((2 * Math.PI * timeMs) / (24 * HOUR)) + (i % 3));
  const settings = { ...prophet, growth, seasonalityMode, ...(growth === 'logistic' && { cap: 100 }) };
  return fitProphet({ timesMs, values }, settings).model;
}

test('moveHistory() moves what was before each change, and nothing after', () => {
  const samples = { timesMs: Float64Array.of(1, 2, 3, 4), values: Float64Array.of(10, 20, 30, 40) };
  const changes = [
    { atMs: 2, factor: 2, offset: 0, resetsHistory: false },
    { atMs: 4, factor: 1, offset: 5, resetsHistory: false },
  ];
  assert.deepEqual([...moveHistory(samples, changes).values], [25, 25, 35, 40]);
  assert.deepEqual([...samples.values], [10, 20, 30, 40], 'the samples themselves stay');
});

test('moveHistory() leaves out what was before a series became another one', () => {
  const samples = { timesMs: Float64Array.of(1, 2, 3, 4), values: Float64Array.of(10, 20, 30, 40) };
  const changes = [
    { atMs: 3, factor: 1, offset: 5, resetsHistory: true },
    { atMs: 4, factor: 2, offset: 0, resetsHistory: false },
  ];
  const moved = moveHistory(samples, changes);
  assert.deepEqual([...moved.timesMs], [3, 4]);
  assert.deepEqual([...moved.values], [60, 40]);
});

for (const growth of ['linear', 'flat', 'logistic'] as const) {
  for (const mode of ['additive', 'multiplicative'] as const) {
    test(`moveModel() moves a forecast of ${growth} growth with ${mode} seasons, and its inverse moves it back`, () => {
      const model = wave(growth, mode);
      const timesMs = Float64Array.of(START + 50 * HOUR, START + 100 * HOUR);
      const at = (moved: typeof model) => evaluate(moved, timesMs, { intervalWidth: 0.9 });
      fc.assert(
        fc.property(
          fc.double({ min: 0.01, max: 4, noNaN: true }),
          fc.integer({ min: -100, max: 100 }),
          (factor, shift) => {
            // A multiplicative season makes no more of an offset than of nothing.
            const offset = mode === 'additive' ? shift : 0;
            const change = { atMs: START, factor, offset, resetsHistory: false };
            const there = moveModel(model, change);
            const back = moveModel(there, inverse(change));
            for (const column of ['yhat', 'yhatLower', 'yhatUpper'] as const) {
              at(model)[column].forEach((value, i) => {
                const moved = at(there)[column][i]!;
                assert.ok(Math.abs(moved - (factor * value + offset)) < 1e-6, `${column}: ${value} became ${moved}`);
                assert.ok(Math.abs(at(back)[column][i]! - value) < 1e-6, `${column}: ${value} and back`);
              });
            }
          },
        ),
        { numRuns: 30 },
      );
    });
  }
}
