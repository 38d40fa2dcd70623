import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalQuantile } from '#src/forecast/math/normal.js';
import { IntervalQuantiles, quantilesOf } from '#src/forecast/model/interval-quantiles.js';
import { deviationQuantile, deviationScale } from '#src/forecast/model/trend-noise.js';
import { seededRandom } from '../series.js';

test('normalQuantile() has the digits of the tables', () => {
  // Abramowitz & Stegun, table 26.5 and Wichura's own check values.
  const cases: [number, number][] = [
    [0.5, 0],
    [0.75, 0.6744897501960817],
    [0.9, 1.2815515655446004],
    [0.975, 1.959963984540054],
    [0.995, 2.5758293035489004],
    [0.001, -3.090232306167813],
    [1e-20, -9.262340089798409],
  ];
  for (const [p, want] of cases) assert.ok(Math.abs(normalQuantile(p) - want) <= 1e-14 * (1 + Math.abs(want)), `${p}`);
});

test('deviationQuantile() is the normal one where nothing changes', () => {
  for (const width of [0.01, 0.5, 0.8, 0.95, 0.99, 0.9999]) {
    const want = normalQuantile((1 + width) / 2);
    assert.ok(Math.abs(deviationQuantile(0, 3, width) / want - 1) < 1e-6);
    assert.ok(Math.abs(deviationQuantile(2, 0, width) / want - 1) < 1e-6);
  }
});

test('deviationQuantile() is the normal one of the same spread where many small changes add up', () => {
  const [a, b] = [1e6, 0.01];
  assert.ok(Math.abs(deviationQuantile(a, b, 0.95) / deviationScale(a, b) / normalQuantile(0.975) - 1) < 1e-5);
});

test('deviationQuantile() holds the share of simulated deviations that it says', () => {
  const random = seededRandom(11);
  const exponential = () => -Math.log(1 - random());
  const simulate = (a: number, b: number) => {
    let deviation = Math.sqrt(2 * exponential()) * Math.cos(2 * Math.PI * random());
    for (let time = exponential(); time < a; time += exponential())
      deviation += b * exponential() * (random() < 0.5 ? -1 : 1) * random();
    return Math.abs(deviation);
  };
  const count = 40_000;
  const laws: [number, number][] = [
    [0.05, 50],
    [0.3, 10],
    [1.67, 0.3],
    [1.67, 3.3],
    [5, 100],
    [25, 1],
    [200, 0.1],
  ];
  for (const [a, b] of laws) {
    const deviations = Float64Array.from({ length: count }, () => simulate(a, b));
    for (const width of [0.5, 0.8, 0.95, 0.99]) {
      const quantile = deviationQuantile(a, b, width);
      const inside = deviations.reduce((sum, deviation) => sum + (deviation <= quantile ? 1 : 0), 0) / count;
      const error = Math.sqrt((width * (1 - width)) / count);
      assert.ok(Math.abs(inside - width) < 4.5 * error, `a ${a}, b ${b}: ${inside} inside, want ${width} ± ${error}`);
    }
  }
});

/** Expected changes, size of a change in noise: from none to far too many, from invisible to all there is. */
const anyLaw = fc.tuple(
  fc.double({ min: -13, max: 9, noNaN: true }).map(Math.exp),
  fc.double({ min: -9, max: 7, noNaN: true }).map(Math.exp),
);
const anyWidth = fc.constantFrom(0.5, 0.8, 0.95, 0.99);

test('IntervalQuantiles is within 0.5 % of the exact quantile, or of the exact width', () => {
  fc.assert(
    fc.property(anyLaw, anyWidth, ([a, b], width) => {
      const half = quantilesOf(width).halfWidth(1, a, b, 1);
      const exact = deviationQuantile(a, b, width);
      // Where a change all but surely comes, or all but surely not, at just this width, the law has a hole between the
      // noise and the changes, and the quantile jumps across it; the share inside hardly differs then.
      const less = deviationQuantile(a, b, width - 0.05 * (1 - width));
      const more = deviationQuantile(a, b, width + 0.05 * (1 - width));
      const isClose = Math.abs(half / exact - 1) < 0.005;
      assert.ok(isClose || (less <= half && half <= more), `${half}, exactly ${exact}, from ${less} to ${more}`);
    }),
    { numRuns: 300 },
  );
});

test('IntervalQuantiles grows with its width, with time, with noise and with the changes', () => {
  const widths = [0.1, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999].map(quantilesOf);
  fc.assert(
    fc.property(anyLaw, fc.constantFrom(1e-3, 1, 1e6), ([a, b], sigma) => {
      const halves = widths.map((interval) => interval.halfWidth(sigma, a, b * sigma, 1));
      assert.deepEqual(
        halves,
        halves.toSorted((x, y) => x - y),
      );
      const interval = widths[4]!;
      const grow = (at: (x: number) => number) => {
        const steps = [0, 0.5, 1, 1.5, 2].map(at);
        // By interpolation in the grid a width may fall by a little less than the 0.5 % that it may be off.
        for (let i = 1; i < steps.length; i++) assert.ok(steps[i]! >= steps[i - 1]! * 0.995, `${steps}`);
      };
      grow((u) => interval.halfWidth(sigma, a, b * sigma, u));
      grow((factor) => interval.halfWidth(sigma, a, b * sigma * factor, 1));
      grow((factor) => interval.halfWidth(sigma, a * factor, b * sigma, 1));
      grow((factor) => interval.halfWidth(sigma * (0.1 + factor), a, b * sigma, 1));
    }),
    { numRuns: 200 },
  );
});

test('IntervalQuantiles is finite at the ends of its grid and beyond', () => {
  const interval = quantilesOf(0.95);
  for (const rate of [1e-300, 1e-7, 1, 1e5, 1e300])
    for (const size of [0, 1e-300, 1, 1e9, 1e100])
      for (const u of [-1, 0, 1e-300, 0.1, 1e6]) {
        const half = interval.halfWidth(1, rate, size, u);
        assert.ok(half >= interval.halfWidth(1, 0, 0, 0) && !Number.isNaN(half), `${rate} ${size} ${u}: ${half}`);
      }
});

test('IntervalQuantiles refuses a width that is no share', () => {
  for (const width of [0, 1, -0.1, 1.5, Number.NaN]) assert.throws(() => new IntervalQuantiles(width), RangeError);
});

test('half widths along columns are those of each instant, also where they take the place of the sizes', () => {
  const quantiles = quantilesOf(0.8);
  const [sigma, rate] = [0.1, 25];
  const positive = fc.double({ min: 1e-9, max: 1e3, noNaN: true });
  const ahead = fc.oneof(positive, fc.constantFrom(0, -1, 1e-300, 1e6, Number.NaN));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.oneof(positive, fc.constant(0)), ahead), { maxLength: 20 }), (instants) => {
      const sizes = Float64Array.from(instants, ([size]) => size);
      const want = Float64Array.from(instants, ([size, u]) => quantiles.halfWidth(sigma, rate, size, u));
      const times = Float64Array.from(instants, ([, u]) => u);
      quantiles.halfWidths(sigma, rate, sizes, times, sizes);
      assert.deepEqual(sizes, want);
    }),
  );
});
