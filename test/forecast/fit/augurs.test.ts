import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Prophet, type ProphetPredictions, type ProphetStanData } from '@bsull/augurs/prophet';
import { optimizer as stan } from '@bsull/augurs-prophet-wasmstan';
import { DAY_MS } from '#src/forecast/design/seasonality.js';
import { fitWithAugurs, type Optimizer } from '#src/forecast/fit/augurs.js';
import { fitProphet } from '#src/forecast/fit/fit.js';
import { components, evaluate } from '#src/forecast/model/evaluate.js';
import { type FittedModel, packModel } from '#src/forecast/model/fitted-model.js';
import type { Forecast, Samples } from '#src/model/samples/columns.js';
import type { ProphetSettings } from '#src/model/settings/settings.js';
import { HOUR, prophetSettings } from '../../fixtures.js';
import { makeSamples, serverLoad } from '../series.js';

/** The same settings in augurs' words, written here anew so that the product's translation is tested too. */
function augursModel(prophet: ProphetSettings, optimizer: Optimizer, simulations: number): Prophet {
  const seasonality = (option: ProphetSettings['dailySeasonality']) =>
    option === 'auto'
      ? ({ type: 'auto' } as const)
      : typeof option === 'number'
        ? ({ type: 'fourier', order: option } as const)
        : ({ type: 'manual', enabled: option } as const);
  const model = new Prophet({
    optimizer,
    growth: prophet.growth,
    nChangepoints: prophet.nChangepoints,
    changepointRange: prophet.changepointRange,
    changepointPriorScale: prophet.changepointPriorScale,
    yearlySeasonality: seasonality(prophet.yearlySeasonality),
    weeklySeasonality: seasonality(prophet.weeklySeasonality),
    dailySeasonality: seasonality(prophet.dailySeasonality),
    seasonalityMode: prophet.seasonalityMode,
    seasonalityPriorScale: prophet.seasonalityPriorScale,
    scaling: prophet.scaling === 'minmax' ? 'minMax' : 'absMax',
    intervalWidth: prophet.intervalWidth,
    uncertaintySamples: simulations,
  });
  for (const { name, periodMs, fourierOrder, priorScale, mode } of prophet.seasonalities)
    model.addSeasonality(name, { period: periodMs / DAY_MS, fourierOrder, priorScale, mode });
  return model;
}

const lunch = {
  name: 'lunch',
  periodMs: 12 * HOUR,
  fourierOrder: 2,
  priorScale: 3,
  mode: 'multiplicative',
} as const;
const daily = makeSamples(800, DAY_MS, (i, random) => 20 + 6 * Math.sin((2 * Math.PI * i) / 365.25) + random());
const growing = makeSamples(400, HOUR, (i, random) => 90 / (1 + Math.exp(-(i - 150) / 50)) + 5 * random());

const cases: { name: string; samples: Samples; prophet: Partial<ProphetSettings> }[] = [
  { name: 'defaults, daily and weekly', samples: serverLoad(24 * 16), prophet: {} },
  { name: 'under two weeks: daily only', samples: serverLoad(24 * 14), prophet: {} },
  { name: 'daily values: weekly and yearly', samples: daily, prophet: {} },
  { name: 'flat growth', samples: serverLoad(24 * 5), prophet: { growth: 'flat' } },
  { name: 'multiplicative', samples: serverLoad(24 * 5), prophet: { seasonalityMode: 'multiplicative' } },
  { name: 'mixed modes', samples: serverLoad(24 * 5), prophet: { seasonalities: [lunch] } },
  {
    name: 'fourier orders, no weekly, priors',
    samples: serverLoad(24 * 20),
    prophet: { dailySeasonality: 7, weeklySeasonality: false, seasonalityPriorScale: 0.1 },
  },
  {
    name: 'few changepoints, loose, over the whole history',
    samples: serverLoad(24 * 5),
    prophet: { nChangepoints: 7, changepointRange: 1, changepointPriorScale: 0.5 },
  },
  { name: 'scaled by the range', samples: serverLoad(24 * 16), prophet: { scaling: 'minmax' } },
  { name: 'wide interval', samples: serverLoad(24 * 5), prophet: { intervalWidth: 0.99 } },
  { name: 'logistic growth', samples: growing, prophet: { growth: 'logistic', cap: 100 } },
  { name: 'logistic growth over a floor', samples: growing, prophet: { growth: 'logistic', cap: 120, floor: -10 } },
];

/**
 * An optimizer that returns some parameters at once: coefficients by the contents of their columns, so that the same
 * column gets the same one in whatever order augurs has them.
 */
const anyParameters: Optimizer = {
  optimize(_init, dataJson) {
    const data: ProphetStanData = JSON.parse(dataJson);
    const rows = data.X as unknown as number[][];
    const params = {
      k: 0.4,
      m: 0.3,
      delta: Float64Array.from(data.t_change, (t) => Math.sin(50 * t)),
      beta: Float64Array.from(rows[0]!, (_, j) => rows[3]![j]! / 4 + rows[77]![j]! / 7),
      sigmaObs: 0.05,
      trend: new Float64Array(data.T),
    };
    return { params, logs: { debug: '', info: '', warn: '', error: '', fatal: '' } };
  },
};

for (const { name, samples, prophet } of cases) {
  test(`evaluate() agrees with augurs' predict: ${name}`, () => {
    const settings = prophetSettings(prophet);
    const { design, parameters } = fitWithAugurs(samples, settings, anyParameters);
    const model = packModel(design, parameters, { points: samples.values.length, stepVariance: 0 });
    const got = evaluateHalfWayOn(model, settings.intervalWidth);
    const want = predictWithAugurs(samples, settings, anyParameters, got.timesMs);

    const scale = Math.max(...samples.values.map(Math.abs));
    const parts = components(model, got.timesMs);
    assertClose(got.yhat, want.yhat.point, 1e-9 * scale);
    assertClose(parts.trend, want.trend.point, 1e-9 * scale);
    assert.deepEqual(parts.seasonalities.map((part) => part.name).sort(), [...want.seasonalities.keys()].sort());
    for (const { name, values, multiplicative } of parts.seasonalities) {
      const additive = want.seasonalities
        .get(name)!
        .point.map((x, i) => (multiplicative ? x * want.trend.point[i]! : x));
      assertClose(values, additive, 1e-9 * scale);
    }
  });
}

const SIMULATIONS = 20_000;

for (const { name, samples, prophet } of cases) {
  test(`evaluate() has the interval that augurs simulates: ${name}`, () => {
    const settings = prophetSettings(prophet);
    const { design, parameters } = fitWithAugurs(samples, settings, anyParameters);
    const model = packModel(design, parameters, { points: samples.values.length, stepVariance: 0 });
    const got = evaluateHalfWayOn(model, settings.intervalWidth, 40);
    const want = predictWithAugurs(samples, settings, anyParameters, got.timesMs, SIMULATIONS).yhat.intervals!;

    // The share of simulated values beyond a limit is that of the law within six standard errors.
    const outside = (1 - settings.intervalWidth) / 2;
    const error = 6 * Math.sqrt((outside * (1 - outside)) / SIMULATIONS);
    const wide = evaluate(model, got.timesMs, { intervalWidth: 1 - 2 * (outside - error) });
    const narrow = evaluate(model, got.timesMs, { intervalWidth: 1 - 2 * (outside + error) });
    for (let i = 0; i < 40; i++) {
      const limits = [wide.yhatLower[i]!, want.lower[i]!, narrow.yhatLower[i]!, narrow.yhatUpper[i]!, want.upper[i]!];
      limits.push(wide.yhatUpper[i]!);
      assert.deepEqual(
        limits,
        limits.toSorted((a, b) => a - b),
        `at ${i} of 40: ${limits}`,
      );
    }
  });
}

test('fitProphet() with Stan is augurs with Stan', () => {
  // One seasonality: with several augurs hands Stan its columns in random order, and Stan's path depends on it.
  const samples = serverLoad(24 * 10);
  const settings = prophetSettings({ optimizer: 'stan' });
  const { model, optimizer, points, objective } = fitProphet(samples, settings);
  assert.equal(optimizer, 'stan');
  assert.equal(points, 240);
  assert.ok(objective < -500, `objective ${objective}`);
  const got = evaluateHalfWayOn(model, 0.8);
  const want = predictWithAugurs(samples, settings, stan as Optimizer, got.timesMs);
  assertClose(got.yhat, want.yhat.point, 1e-9 * 100);
});

/** The forecast at whole seconds, from the start of the training data to half its span beyond its end. */
function evaluateHalfWayOn(model: FittedModel, intervalWidth: number, length = 200): Forecast {
  const spanMs = model.lastMs - model.firstMs;
  const timesMs = Float64Array.from({ length }, (_, i) => model.firstMs + ((1.5 * (i + 1)) / length) * spanMs);
  return evaluate(
    model,
    timesMs.map((timeMs) => 1000 * Math.round(timeMs / 1000)),
    { intervalWidth },
  );
}

function predictWithAugurs(
  samples: Samples,
  prophet: ProphetSettings,
  optimizer: Optimizer,
  timesMs: Float64Array,
  simulations = 0,
): ProphetPredictions {
  const model = augursModel(prophet, optimizer, simulations);
  const ds = Array.from(samples.timesMs, (timeMs) => timeMs / 1000);
  const bounds = (length: number) => ({
    ...(prophet.cap !== undefined && { cap: new Array(length).fill(prophet.cap) }),
    ...(prophet.floor !== undefined && { floor: new Array(length).fill(prophet.floor) }),
  });
  model.fit({ ds, y: samples.values, ...bounds(ds.length) }, { seed: 1 });
  return model.predict({ ds: Array.from(timesMs, (timeMs) => timeMs / 1000), ...bounds(timesMs.length) });
}

function assertClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  assert.equal(got.length, want.length);
  for (let i = 0; i < got.length; i++)
    assert.ok(Math.abs(got[i]! - want[i]!) <= tolerance, `at ${i}: got ${got[i]}, want ${want[i]} ± ${tolerance}`);
}
