import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DAY_MS } from '#src/forecast/design/seasonality.js';
import { type Fit, fitProphet } from '#src/forecast/fit/fit.js';
import type { FitErrorReason } from '#src/forecast/fit-error.js';
import { evaluate } from '#src/forecast/model/evaluate.js';
import type { Samples } from '#src/model/samples/columns.js';
import { HOUR, MINUTE, prophetSettings } from '../../fixtures.js';
import { makeSamples, seededRandom, serverLoad } from '../series.js';

const exact = prophetSettings({ optimizer: 'exact' });

/** The forecast over the history and half its span beyond, at 300 instants. */
function forecastOf({ model }: Fit): {
  timesMs: Float64Array;
  yhat: Float64Array;
  lower: Float64Array;
  upper: Float64Array;
} {
  const spanMs = model.lastMs - model.firstMs;
  const timesMs = Float64Array.from({ length: 300 }, (_, i) => model.firstMs + (i / 200) * spanMs);
  const { yhat, yhatLower: lower, yhatUpper: upper } = evaluate(model, timesMs, { intervalWidth: 0.95 });
  return { timesMs, yhat, lower, upper };
}

describe('cold start', () => {
  const cases: { name: string; samples: Samples; growth: string; seasonalities: string[] }[] = [
    { name: 'ten minutes', samples: serverLoad(1 / 6, 60), growth: 'flat', seasonalities: [] },
    { name: 'an hour less than 2 days', samples: serverLoad(48), growth: 'flat', seasonalities: [] },
    { name: '2 days', samples: serverLoad(49), growth: 'linear', seasonalities: ['daily'] },
    { name: 'an hour less than 14 days', samples: serverLoad(14 * 24), growth: 'linear', seasonalities: ['daily'] },
    { name: '14 days', samples: serverLoad(14 * 24 + 1), growth: 'linear', seasonalities: ['weekly', 'daily'] },
  ];
  for (const { name, samples, growth, seasonalities } of cases) {
    test(`fitProphet() makes of ${name} a ${growth} trend and [${seasonalities}]`, () => {
      const { model } = fitProphet(samples, exact);
      assert.equal(model.growth, growth);
      assert.deepEqual(
        model.seasonalities.map((seasonality) => seasonality.name),
        seasonalities,
      );
    });
  }

  test('fitProphet() says that it left the trend out', () => {
    assert.match(fitProphet(serverLoad(24), exact).warnings.join(), /shorter than 2 days/);
    assert.deepEqual(fitProphet(serverLoad(24), prophetSettings({ growth: 'flat' })).warnings, []);
  });

  test('fitProphet() leaves out what too few values cannot tell', () => {
    const sixHourly = (days: number) => makeSamples(4 * days, 6 * HOUR, (i, random) => 1000 - i + random());
    const { model, warnings } = fitProphet(sixHourly(3), exact);
    assert.deepEqual(model.seasonalities, []);
    assert.deepEqual(
      warnings.map((warning) => warning.match(/too few for (\w+)/)?.[1]),
      ['changepoints', 'seasonalities'],
    );
    assert.equal(fitProphet(sixHourly(6), exact).model.seasonalities.length, 1);
    assert.equal(fitProphet(sixHourly(20), exact).warnings.length, 0);
  });

  test('fitProphet() keeps a daily seasonality that is configured, however short the history', () => {
    const { model } = fitProphet(serverLoad(24), { ...exact, dailySeasonality: true });
    assert.equal(model.seasonalities[0]!.fourierOrder, 4);
  });

  test('an hour of a rising day is not drawn out into the next', () => {
    // A line through 5:00 to 6:00 would be at −5 or so by the evening, and far off by the next day.
    const morning = makeSamples(60, MINUTE, (i, random) => 50 - i / 10 + random());
    const { yhat } = evaluate(fitProphet(morning, exact).model, Float64Array.of(morning.timesMs[0]! + DAY_MS), {
      intervalWidth: 0.8,
    });
    assert.ok(yhat[0]! > 44 && yhat[0]! < 51, `${yhat[0]}`);
  });
});

describe('data that fitProphet() refuses', () => {
  const at = (timesMs: ArrayLike<number>, value: (i: number) => number): Samples => ({
    timesMs: Float64Array.from(timesMs),
    values: Float64Array.from(timesMs, (_, i) => value(i)),
  });
  const cases: [string, Samples, FitErrorReason][] = [
    ['nothing', at([], () => 0), 'too-short'],
    ['two points', makeSamples(2, HOUR, (i) => i), 'too-short'],
    ['nine points', makeSamples(9, HOUR, (i) => i), 'too-short'],
    ['nine points and many gaps', makeSamples(500, HOUR, (i) => (i % 56 === 0 ? i : Number.NaN)), 'too-short'],
    ['gaps only', makeSamples(500, HOUR, () => Number.NaN), 'too-short'],
    ['one instant', at(new Array(50).fill(1e12), (i) => i), 'no-span'],
    ['infinity', makeSamples(500, HOUR, (i) => (i === 7 ? Number.NEGATIVE_INFINITY : i)), 'not-finite'],
    ['the largest numbers', makeSamples(500, HOUR, (i) => (i % 2 ? 1.7e308 : -1.7e308)), 'not-finite'],
  ];
  for (const [name, samples, reason] of cases) {
    test(`${name}: ${reason}`, () => {
      assert.throws(() => fitProphet(samples, exact), { name: 'FitError', reason });
    });
  }

  test('logistic growth without a cap, or with one under the floor: bad-cap', () => {
    const samples = serverLoad(100);
    const logistic = prophetSettings({ growth: 'logistic' });
    for (const settings of [
      logistic,
      { ...logistic, cap: 5, floor: 5 },
      { ...logistic, cap: Number.POSITIVE_INFINITY },
    ])
      assert.throws(() => fitProphet(samples, settings), { name: 'FitError', reason: 'bad-cap' });
  });

  test('logistic growth with optimizer: exact: diverged', () => {
    const settings = prophetSettings({ growth: 'logistic', cap: 200, optimizer: 'exact' });
    assert.throws(() => fitProphet(serverLoad(100), settings), { name: 'FitError', reason: 'diverged' });
  });
});

describe('data that fitProphet() makes a sane model of', () => {
  const cases: { name: string; samples: Samples; maxSigma: number }[] = [
    { name: 'constant', samples: makeSamples(500, HOUR, () => 5), maxSigma: 1e-8 },
    { name: 'constant and negative', samples: makeSamples(500, HOUR, () => -3e9), maxSigma: 10 },
    { name: 'all zero', samples: makeSamples(500, HOUR, () => 0), maxSigma: 1e-8 },
    { name: 'ten points, more terms than points', samples: makeSamples(10, 6 * HOUR, (_, r) => r()), maxSigma: 1 },
    { name: 'one huge outlier', samples: makeSamples(500, HOUR, (i, r) => (i === 200 ? 1e9 : r())), maxSigma: 1e8 },
    { name: '1e12 ± 1', samples: makeSamples(500, HOUR, (_, r) => 1e12 + 2 * r() - 1), maxSigma: 1 },
    { name: 'a tiny range', samples: makeSamples(500, HOUR, (_, r) => 1 + 1e-13 * r()), maxSigma: 1e-13 },
    { name: 'tiny values', samples: makeSamples(500, HOUR, (_, r) => 1e-300 * r()), maxSigma: 1e-300 },
    { name: 'large values', samples: makeSamples(500, HOUR, (_, r) => 1e299 * r()), maxSigma: 1e299 },
    { name: 'mostly gaps', samples: makeSamples(900, HOUR, (_, r) => (r() < 0.9 ? Number.NaN : r())), maxSigma: 1 },
    { name: 'a line', samples: makeSamples(500, HOUR, (i) => 3 * i + 1), maxSigma: 1e-5 },
    { name: 'a sine', samples: makeSamples(500, HOUR, (i) => 1e6 + Math.sin(i / 12)), maxSigma: 1 },
    { name: 'a step', samples: makeSamples(500, HOUR, (i) => (i < 250 ? 0 : 1)), maxSigma: 0.2 },
    { name: 'a last value off', samples: makeSamples(500, HOUR, (i) => (i < 499 ? 0 : 1)), maxSigma: 0.1 },
    { name: 'a counter', samples: makeSamples(500, HOUR, (i, r) => 1000 * i + Math.floor(9 * r())), maxSigma: 5 },
    {
      name: 'ten instants, fifty values each',
      samples: {
        timesMs: Float64Array.from({ length: 500 }, (_, i) => 1.7e12 + Math.floor(i / 50) * DAY_MS),
        values: Float64Array.from({ length: 500 }, (_, i) => Math.sin(i * i)),
      },
      maxSigma: 1,
    },
    {
      name: 'a daily column that never varies',
      samples: makeSamples(60, DAY_MS, (_, random) => random()),
      maxSigma: 1,
    },
  ];
  for (const { name, samples, maxSigma } of cases) {
    test(name, () => {
      // `exact`: no case may need Stan. A daily seasonality where it cannot show, too.
      const fit = fitProphet(samples, { ...exact, dailySeasonality: true });
      const { yhat, lower, upper } = forecastOf(fit);
      assert.ok([...yhat, ...lower, ...upper, fit.objective].every(Number.isFinite));
      assert.ok(fit.model.sigma > 0 && fit.model.sigma <= maxSigma, `sigma ${fit.model.sigma}`);
      const scale = samples.values.reduce((max, x) => (Number.isNaN(x) ? max : Math.max(max, Math.abs(x))), 0);
      assert.ok(
        yhat.every((y) => Math.abs(y) <= 10 * scale),
        `within ten times ${scale}: ${yhat}`,
      );
    });
  }

  test('the forecast of a constant is the constant, to the last digit', () => {
    for (const scaling of ['absmax', 'minmax'] as const) {
      for (const value of [0.1, -7e-9, 3e11]) {
        const samples = makeSamples(100, HOUR, () => value);
        const { yhat } = forecastOf(fitProphet(samples, { ...exact, scaling }));
        assert.deepEqual(new Set(yhat), new Set([value]));
      }
    }
  });
});

describe('any series', () => {
  /** Noise, a day, a slope, a jump and an outlier, of any size and scale. */
  const seriesAt = (...steps: number[]) =>
    fc
      .record({
        length: fc.oneof(fc.integer({ min: 10, max: 60 }), fc.integer({ min: 10, max: 1500 })),
        stepMs: fc.constantFrom(...steps),
        seed: fc.integer(),
        scale: fc.integer({ min: -9, max: 12 }).map((exponent) => 10 ** exponent),
        offset: fc.constantFrom(0, 1, -30, 1000),
        day: fc.constantFrom(0, 1, 5),
        slope: fc.constantFrom(0, 3, -20),
        jump: fc.constantFrom(0, 0, 10, -100),
        outlier: fc.constantFrom(0, 0, 50, 1e4),
      })
      .map(({ length, stepMs, seed, scale, offset, day, slope, jump, outlier }) =>
        makeSamples(
          length,
          stepMs,
          (i, random) =>
            scale *
            (offset +
              random() +
              day * Math.sin((2 * Math.PI * i * stepMs) / DAY_MS) +
              (slope * i) / length +
              (i > length / 3 ? jump : 0) +
              (i === Math.floor(length / 2) ? outlier : 0)),
          seed,
        ),
      );
  const anySeries = seriesAt(15_000, MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY_MS);
  // At six hours the fourth harmonic of a day is a constant: the data cannot tell it from the trend.
  const fineSeries = seriesAt(15_000, MINUTE, 10 * MINUTE, HOUR);

  const cases = [
    ['additive', anySeries],
    ['multiplicative', fineSeries],
  ] as const;
  for (const [seasonalityMode, series] of cases) {
    test(`has a finite, optimal fit: ${seasonalityMode}`, () => {
      fc.assert(
        fc.property(series, (samples) => {
          const fit = fitProphet(samples, { ...exact, seasonalityMode });
          assert.equal(fit.optimizer, 'exact');
          const { yhat, lower, upper } = forecastOf(fit);
          assert.ok([...yhat, ...lower, ...upper].every(Number.isFinite));
          yhat.forEach((y, i) => {
            assert.ok(lower[i]! <= y && y <= upper[i]!);
          });
        }),
        { numRuns: 100 },
      );
    });
  }

  test('has the same forecast in any unit, upside down, and a week later', () => {
    fc.assert(
      fc.property(fineSeries, fc.constantFrom(1e-6, -1, 1000 / 3), (samples, factor) => {
        const { timesMs, values } = samples;
        const want = forecastOf(fitProphet(samples, exact));
        const later = { timesMs: timesMs.map((t) => t + 7 * DAY_MS), values: values.map((y) => y * factor) };
        const got = forecastOf(fitProphet(later, exact));
        const unit = Math.max(...values.map(Math.abs));
        want.yhat.forEach((y, i) => {
          assert.ok(Math.abs(got.yhat[i]! / factor - y) <= 1e-6 * unit, `${got.yhat[i]! / factor}, want ${y}`);
          const wide = Math.abs((got.upper[i]! - got.lower[i]!) / factor);
          const wantWide = want.upper[i]! - want.lower[i]!;
          assert.ok(Math.abs(wide - wantWide) <= 1e-6 * (unit + wantWide), `interval ${wide}, want ${wantWide}`);
        });
      }),
      { numRuns: 60 },
    );
  });

  test('scaled by its range, has the same forecast wherever it stands', () => {
    // Near priors, which count in the scale.
    const near = { ...exact, scaling: 'minmax', seasonalityPriorScale: 0.05 } as const;
    fc.assert(
      fc.property(anySeries, fc.constantFrom(-1000, 30, 1e5), (samples, ranges) => {
        const { timesMs, values } = samples;
        const range = Math.max(...values) - Math.min(...values);
        const want = forecastOf(fitProphet(samples, near));
        const got = forecastOf(fitProphet({ timesMs, values: values.map((y) => y + ranges * range) }, near));
        want.yhat.forEach((y, i) => {
          assert.ok(Math.abs(got.yhat[i]! - ranges * range - y) <= 1e-6 * (range + Math.abs(y)));
        });
      }),
      { numRuns: 60 },
    );
  });

  test('does not change by a NaN', () => {
    fc.assert(
      fc.property(anySeries, fc.integer(), (samples, seed) => {
        const random = seededRandom(seed);
        const gaps = [...samples.timesMs].flatMap((timeMs, i) =>
          random() < 0.3
            ? [
                [timeMs - 1, Number.NaN],
                [timeMs, samples.values[i]!],
              ]
            : [[timeMs, samples.values[i]!]],
        );
        const torn = {
          timesMs: Float64Array.from(gaps, ([timeMs]) => timeMs!),
          values: Float64Array.from(gaps, ([, value]) => value!),
        };
        assert.deepEqual(fitProphet(torn, exact).model.data, fitProphet(samples, exact).model.data);
      }),
      { numRuns: 40 },
    );
  });
});

test('a level more is a level more in the forecast, as far as the priors let it', () => {
  // Prophet scales by the largest absolute value, so a level changes what the priors weigh; they weigh little.
  const { timesMs, values } = serverLoad(24 * 15);
  const want = forecastOf(fitProphet({ timesMs, values }, exact)).yhat;
  const got = forecastOf(fitProphet({ timesMs, values: values.map((y) => y + 40) }, exact)).yhat;
  for (let i = 0; i < 200; i++) assert.ok(Math.abs(got[i]! - want[i]! - 40) < 0.5, `${got[i]! - 40}, want ${want[i]}`);
});

test('the noise of single steps includes what the means of the history hide', () => {
  const samples = serverLoad(24 * 5);
  const plain = fitProphet(samples, exact).model.sigma;
  const single = fitProphet(samples, exact, { stepVariance: 9 }).model.sigma;
  assert.ok(Math.abs(single / Math.hypot(plain, 3) - 1) < 1e-12, `${single}, of ${plain}`);
});
