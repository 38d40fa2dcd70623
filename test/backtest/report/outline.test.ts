import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { outline, pathOf } from '#src/backtest/report/outline.js';

const frameOf = (n: number, width: number) => ({
  first: 0,
  end: n,
  xOf: (timeMs: number) => (timeMs / n) * width,
  yOf: (value: number) => value,
  maxGapMs: 1.5,
});

test('outline() keeps the smallest and the largest value of every unit of width, and invents none', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(Number.NaN)), { minLength: 1 }),
      fc.integer({ min: 1, max: 20 }),
      (list, width) => {
        const values = Float64Array.from(list);
        const timesMs = values.map((_, i) => i);
        const frame = frameOf(values.length, width);
        const { x, y } = outline(timesMs, values, frame);
        for (let unit = 0; unit < width; unit++) {
          const all = list.filter((value, i) => Math.floor(frame.xOf(i)) === unit && Number.isFinite(value));
          const drawn = y.filter((_, i) => Math.floor(x[i]!) === unit);
          assert.equal(Math.min(...drawn), Math.min(...all));
          assert.equal(Math.max(...drawn), Math.max(...all));
          assert.ok(drawn.length <= 2, `${drawn.length} points in a unit`);
        }
      },
    ),
  );
});

test('outline() does not join what a gap parts', () => {
  const line = outline(Float64Array.of(0, 1, 5, 6), Float64Array.of(1, 2, 3, 4), { ...frameOf(10, 10), end: 4 });
  assert.equal(pathOf(line), 'M0 1L1 2M5 3L6 4');
});
