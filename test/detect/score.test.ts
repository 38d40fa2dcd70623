import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anomalyScore } from '#src/detect/score.js';
import type { AnomalySettings } from '#src/model/settings.js';

const plain: AnomalySettings = { direction: 'both', minDeviation: 0, minRelativeDeviation: 0 };

test('anomalyScore() of named cases', () => {
  // name, [value, yhat, lower, upper], settings, score
  const cases: [string, [number, number, number, number], Partial<AnomalySettings>, number][] = [
    ['on yhat', [10, 10, 8, 12], {}, 0],
    ['halfway up', [11, 10, 8, 12], {}, 0.5],
    ['on the upper edge', [12, 10, 8, 12], {}, 1],
    ['on the lower edge', [8, 10, 8, 12], {}, 1],
    ['twice the half-band up', [14, 10, 8, 12], {}, 2],
    ['the half-band of the side of the miss, up', [16, 10, 9, 13], {}, 2],
    ['the half-band of the side of the miss, down', [8, 10, 9, 13], {}, 2],
    ['below, only up counts', [0, 10, 8, 12], { direction: 'up' }, 0],
    ['above, only up counts', [14, 10, 8, 12], { direction: 'up' }, 2],
    ['above, only down counts', [20, 10, 8, 12], { direction: 'down' }, 0],
    ['below, only down counts', [6, 10, 8, 12], { direction: 'down' }, 2],
    ['outside the band, within min_deviation', [14, 10, 8, 12], { minDeviation: 8 }, 0.5],
    ['a min_deviation inside the band changes nothing', [14, 10, 8, 12], { minDeviation: 1 }, 2],
    ['outside the band, within min_relative_deviation', [14, 10, 8, 12], { minRelativeDeviation: 0.8 }, 0.5],
    ['min_relative_deviation of a negative forecast', [-14, -10, -12, -8], { minRelativeDeviation: 0.8 }, 0.5],
    ['zero-width band, on it', [10, 10, 10, 10], {}, 0],
    ['zero-width band at zero, on it', [0, 0, 0, 0], {}, 0],
    ['zero-width band with min_deviation', [13, 10, 10, 10], { minDeviation: 2 }, 1.5],
    ['an infinite band', [14, 10, -Infinity, Infinity], {}, 0],
    ['NaN value', [NaN, 10, 8, 12], {}, NaN],
    ['NaN yhat', [10, NaN, 8, 12], {}, NaN],
    ['NaN edge on the other side', [14, 10, NaN, 12], {}, NaN],
    ['NaN on the side that does not count', [NaN, 10, 8, 12], { direction: 'up' }, NaN],
    ['infinite value', [Infinity, 10, 8, 12], {}, NaN],
  ];
  for (const [name, [value, yhat, lower, upper], settings, want] of cases) {
    assert.equal(anomalyScore(value, yhat, lower, upper, { ...plain, ...settings }), want, name);
  }
});

test('anomalyScore() calls a deviation from a zero-width band an anomaly, with a finite score', () => {
  for (const [value, yhat] of [
    [5, 0],
    [0, 5],
    [10.000001, 10],
    [1e308, -1e308],
    [5e-324, 0],
  ] as const) {
    const score = anomalyScore(value, yhat, yhat, yhat, plain);
    assert.ok(score > 1 && Number.isFinite(score), `${value} beside ${yhat} scores ${score}`);
  }
});

// Magnitudes apart enough that the floor of the half-band plays no part.
const yhats = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const halfBands = fc.double({ min: 10, max: 1e9, noNaN: true });

test('anomalyScore() is exactly 1 on both edges, whatever the band', () => {
  fc.assert(
    fc.property(yhats, halfBands, halfBands, (yhat, down, up) => {
      const [lower, upper] = [yhat - down, yhat + up];
      assert.equal(anomalyScore(upper, yhat, lower, upper, plain), 1);
      assert.equal(anomalyScore(lower, yhat, lower, upper, plain), 1);
    }),
  );
});

test('anomalyScore() is over 1 just where the value is outside the band and deviates enough', () => {
  const share = fc.double({ min: -4, max: 4, noNaN: true });
  const least = fc.double({ min: 0, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(yhats, halfBands, share, least, (yhat, halfBand, halfBandsOff, minDeviation) => {
      const value = yhat + halfBandsOff * halfBand;
      const [lower, upper] = [yhat - halfBand, yhat + halfBand];
      const deviation = Math.abs(value - yhat);
      const expected = deviation > Math.max(value > yhat ? upper - yhat : yhat - lower, minDeviation);
      assert.equal(anomalyScore(value, yhat, lower, upper, { ...plain, minDeviation }) > 1, expected);
    }),
  );
});

test('anomalyScore() never falls as the value moves away from yhat, and stays between 0 and 1e9', () => {
  const any = fc.double({ noNaN: true, noDefaultInfinity: true });
  const width = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(any, width, width, width, (yhat, halfBand, a, b) => {
      fc.pre(Number.isFinite(yhat + Math.max(a, b)));
      const score = (off: number) => anomalyScore(yhat + off, yhat, yhat - halfBand, yhat + halfBand, plain);
      const [near, far] = [score(Math.min(a, b)), score(Math.max(a, b))];
      assert.ok(near >= 0 && near <= far && far <= 1e9, `${near} then ${far}`);
    }),
  );
});
