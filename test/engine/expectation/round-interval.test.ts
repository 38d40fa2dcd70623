import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { roundForecast, roundInterval } from '#src/engine/expectation/round-interval.js';
import { XorEncoder } from '#src/wire/read/xor-encoder.js';
import { DAY } from '../../fixtures.js';

function rounded(interval: readonly number[]): Float64Array {
  const out = Float64Array.from(interval);
  roundInterval(out);
  return out;
}

suite('the grain of what is published', () => {
  for (const { name, interval, expected } of [
    {
      name: 'is a power of two, a 512th of the interval at most',
      interval: [10.1, 9.6, 10.6],
      expected: [5171 / 512, 4915 / 512, 5427 / 512],
    },
    { name: 'grows with the interval', interval: [123_456, 100_000, 150_001], expected: [123_456, 100_032, 150_016] },
    { name: 'is none without an interval', interval: [0.1, 0.1, 0.1], expected: [0.1, 0.1, 0.1] },
    {
      name: 'is none where a double is no finer',
      interval: [2 ** 60 + 256, 2 ** 60, 2 ** 60 + 512],
      expected: [2 ** 60 + 256, 2 ** 60, 2 ** 60 + 512],
    },
    { name: 'leaves no -0', interval: [-1e-9, -0.5, 0.5], expected: [0, -0.5, 0.5] },
    {
      name: 'leaves what is no number',
      interval: [Number.NaN, Number.NaN, Number.NaN],
      expected: [Number.NaN, Number.NaN, Number.NaN],
    },
  ]) {
    test(name, () => assert.deepEqual(rounded(interval), Float64Array.from(expected)));
  }

  test('is that of each instant along a curve, whatever it was at the instant before', () => {
    const half = fc.oneof(
      fc.double({ min: 0, max: 4, noNaN: true }),
      fc.constantFrom(0, 1, 2, 5e-324, 1e-310, 1e300, Number.NaN, Number.POSITIVE_INFINITY),
      fc.integer({ min: -1074, max: 1000 }).map((exponent) => 2 ** exponent),
    );
    const instant = fc.tuple(fc.double({ min: -1e9, max: 1e9, noNaN: true }), half, half);
    fc.assert(
      fc.property(fc.array(instant, { maxLength: 20 }), (instants) => {
        const intervals = instants.map(([yhat, down, up]) => [yhat, yhat - down, yhat + up] as const);
        const column = (k: 0 | 1 | 2) => Float64Array.from(intervals, (interval) => interval[k]);
        const curve = { timesMs: column(0), yhat: column(0), yhatLower: column(1), yhatUpper: column(2) };
        roundForecast(curve);
        for (const [i, interval] of intervals.entries()) {
          const { yhat, yhatLower, yhatUpper } = curve;
          assert.deepEqual(Float64Array.of(yhat[i]!, yhatLower[i]!, yhatUpper[i]!), rounded(interval));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('takes no more than a 1024th of the interval off, keeps the order, and is the same for a curve', () => {
    const scale = fc.integer({ min: -300, max: 300 }).map((exponent) => 2 ** exponent);
    const part = fc.double({ min: 0, max: 1e6, noNaN: true });
    const offset = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(scale, offset, part, part, (unit, middle, down, up) => {
        const [yhat, lower, upper] = [middle * unit, (middle - down) * unit, (middle + up) * unit];
        const out = rounded([yhat, lower, upper]);
        const grain = (upper - lower) / 512;
        for (const [i, value] of [yhat, lower, upper].entries()) assert.ok(Math.abs(out[i]! - value) <= grain / 2);
        assert.ok(out[1]! <= out[0]! && out[0]! <= out[2]!);
        const curve = {
          timesMs: Float64Array.of(0),
          yhat: Float64Array.of(yhat),
          yhatLower: Float64Array.of(lower),
          yhatUpper: Float64Array.of(upper),
        };
        roundForecast(curve);
        assert.deepEqual(Float64Array.of(curve.yhat[0]!, curve.yhatLower[0]!, curve.yhatUpper[0]!), out);
      }),
    );
  });

  test('lets a TSDB keep a daily curve in a quarter of the room', () => {
    const timesMs = Float64Array.from({ length: 5760 }, (_, i) => i * 15_000);
    const yhat = timesMs.map((timeMs) => 42 + 10 * Math.sin((2 * Math.PI * timeMs) / DAY));
    const curve = { timesMs, yhat, yhatLower: yhat.map((y) => y - 3.3), yhatUpper: yhat.map((y) => y + 3.3) };
    const before = chunkBytes(timesMs, yhat.slice());
    roundForecast(curve);
    assert.ok(chunkBytes(timesMs, curve.yhat) < before / 4, `${before} bytes before`);
  });
});

function chunkBytes(timesMs: Float64Array, values: Float64Array): number {
  const encoder = new XorEncoder();
  let bytes = 0;
  for (let at = 0; at < values.length; at += 120) bytes += encoder.encode(timesMs, values, at, at + 120).length;
  return bytes;
}
