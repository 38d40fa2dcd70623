import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Design, designFit, type Parameters } from '#src/forecast/design/design.js';
import { fitWithAugurs } from '#src/forecast/fit/augurs.js';
import { negLogPosterior } from '#src/forecast/fit/objective.js';
import { optimizeMap } from '#src/forecast/map/map-optimizer.js';
import { buildMapProblem } from '#src/forecast/map/map-problem.js';
import { evaluate } from '#src/forecast/model/evaluate.js';
import { packModel } from '#src/forecast/model/fitted-model.js';
import type { Samples } from '#src/model/samples/columns.js';
import type { ProphetSettings } from '#src/model/settings/settings.js';
import { prophetSettings } from '../../fixtures.js';
import { evalSkip, listSeries, readSeries, testAll, thin } from '../eval-data.js';
import { serverLoad } from '../series.js';
import { exactOptimizer } from './exact-optimizer.js';

const optionSets: Record<string, Partial<ProphetSettings>> = {
  defaults: {},
  multiplicative: { seasonalityMode: 'multiplicative' },
  loose: { changepointPriorScale: 0.5, changepointRange: 0.95, seasonalityPriorScale: 0.1 },
  'flat, many changepoints': { growth: 'flat', nChangepoints: 60 },
};

for (const [name, options] of Object.entries(optionSets)) {
  test(`optimizeMap() leaves nothing to gain in any coefficient, ${name}`, () => {
    const samples = serverLoad(24 * 16, 2);
    const design = designFit(samples, prophetSettings(options));
    const { parameters, isOptimal } = optimizeMap(buildMapProblem(samples, design));
    assert.ok(isOptimal);
    const best = score(samples, design, parameters);
    const step = parameters.sigma / 1000;
    const neighbours = [...nudge(parameters, step), ...nudge(parameters, -step)];
    assert.ok(neighbours.length >= 2 * (2 + 14));
    for (const neighbour of neighbours) assert.ok(score(samples, design, neighbour) > best - 1e-9);
  });

  test(`optimizeMap() is as good as Stan on a server's load, ${name}`, () => {
    const samples = serverLoad(24 * 16);
    const settings = prophetSettings(options);
    const design = designFit(samples, settings);
    const exact = score(samples, design, optimizeMap(buildMapProblem(samples, design)).parameters);
    const stan = fitWithAugurs(samples, settings);
    const theirs = score(samples, stan.design, stan.parameters);
    assert.ok(exact <= theirs + 1e-6 * Math.abs(exact), `objective ${exact}, Stan's ${theirs}`);
    // Stan stops early, but not that early.
    assert.ok(exact > theirs - 10, `objective ${exact}, Stan's ${theirs}`);
  });
}

/** Every eighth series, 300 values each; or all of them with 2,200. */
const series = listSeries().filter((_, i) => testAll || i % 8 === 0);
const maxPoints = testAll ? 2200 : 300;

/**
 * Series whose data hardly tell some parameters apart (a Fourier term at twice the sampling interval; a trend near zero
 * under multiplicative terms): what augurs' sines lose by large angles, 1e-11, shows in those.
 */
const blurred = new Set(['prophet-examples/tests/data.csv', 'public/nab-known/rogue_agent_key_updown.csv']);

test('the series to compare optimizers on are there', { skip: evalSkip }, () => {
  assert.ok(series.length >= 12);
});

for (const path of series) {
  const samples = thin(readSeries(path), maxPoints);

  for (const [name, options] of Object.entries(optionSets)) {
    test(`optimizeMap() is as good as Stan on ${path}, ${name}`, (t) => {
      const settings = prophetSettings(options);
      const design = designFit(samples, settings);
      const { parameters, objective, isOptimal } = optimizeMap(buildMapProblem(samples, design));
      assert.ok(isOptimal);
      const exact = score(samples, design, parameters);
      // What it says of itself is what an evaluation of the model at every sample gives.
      assert.ok(Math.abs(objective - exact) <= 1e-9 * (1 + Math.abs(exact)), `${objective}, evaluated ${exact}`);

      const stan = fitOrSkip(samples, settings);
      if (stan === undefined) return t.skip('Stan fails on it');
      const theirs = score(samples, stan.design, stan.parameters);
      assert.ok(exact <= theirs + 1e-6 * Math.abs(exact), `objective ${exact}, Stan's ${theirs}`);
    });

    test(`optimizeMap() is the same by way of augurs on ${path}, ${name}`, () => {
      const settings = prophetSettings(options);
      const whole = thin(readSeries(path), 2200);
      const design = designFit(whole, settings);
      const direct = optimizeMap(buildMapProblem(whole, design)).parameters;
      const { parameters } = fitWithAugurs(whole, settings, exactOptimizer);
      const tolerance = blurred.has(path) ? 1e-5 : 1e-8;
      for (const [got, want] of pairs(direct, parameters))
        assert.ok(Math.abs(got - want) <= tolerance, `${got}, ${want}`);
      const forecasts = [direct, parameters].map((of) => forecast(whole, design, of));
      forecasts[0]!.forEach((got, i) => {
        assert.ok(Math.abs(got - forecasts[1]![i]!) <= 1e-8 * design.yScale, `${got}, ${forecasts[1]![i]}`);
      });
    });
  }
}

function score(samples: Samples, design: Design, parameters: Parameters): number {
  const model = packModel(design, parameters, { points: samples.values.length, stepVariance: 0 });
  return negLogPosterior(samples, design, parameters, model);
}

function forecast(samples: Samples, design: Design, parameters: Parameters): Float64Array {
  const model = packModel(design, parameters, { points: samples.values.length, stepVariance: 0 });
  return evaluate(model, samples.timesMs, { intervalWidth: 0.8 }).yhat;
}

/** The parameters with one of them moved, for each of them. */
function nudge({ k, m, sigma, delta, beta }: Parameters, step: number): Parameters[] {
  const moved = (all: Float64Array) => Array.from(all, (value, j) => all.with(j, value + step));
  return [
    ...(delta.length > 0 ? [{ k: k + step, m, sigma, delta, beta }] : []),
    { k, m: m + step, sigma, delta, beta },
    { k, m, sigma: sigma + step, delta, beta },
    ...moved(delta).map((changes) => ({ k, m, sigma, delta: changes, beta })),
    ...moved(beta).map((coefficients) => ({ k, m, sigma, delta, beta: coefficients })),
  ];
}

function fitOrSkip(
  samples: Samples,
  settings: ProphetSettings,
): { design: Design; parameters: Parameters } | undefined {
  try {
    return fitWithAugurs(samples, settings);
  } catch {
    return undefined;
  }
}

function pairs(a: Parameters, b: Parameters): (readonly [number, number])[] {
  const flat = ({ k, m, sigma, delta, beta }: Parameters) => [k, m, sigma, ...delta, ...beta];
  assert.equal(flat(a).length, flat(b).length);
  return flat(a).map((x, i) => [x, flat(b)[i]!] as const);
}
