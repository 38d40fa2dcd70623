import type { Samples } from '../model/columns.js';
import type { ProphetSettings } from '../model/settings.js';
import { fitWithAugurs } from './augurs.js';
import { type Design, designFit, type Parameters } from './design.js';
import { FitError } from './fit-error.js';
import { type FittedModel, packModel } from './fitted-model.js';
import { optimizeMap } from './map-optimizer.js';
import { buildMapProblem } from './map-problem.js';
import { negLogPosterior } from './objective.js';
import { DAY_MS } from './seasonality.js';

/** A model and how it came about. */
export interface Fit {
  readonly model: FittedModel;
  readonly optimizer: 'exact' | 'stan';
  /** Values trained on. */
  readonly points: number;
  /** The negative log posterior at the parameters, constants dropped: the smaller the better a fit of the same data. */
  readonly objective: number;
  /** What was done otherwise than asked, for people. */
  readonly warnings: readonly string[];
}

/** Below this a Prophet model is noise. */
const MIN_POINTS = 10;
/** A trend from a shorter history extrapolates nonsense: a slope of one hour, drawn out over a day, is the time of day. */
const MIN_TREND_SPAN_MS = 2 * DAY_MS;
/** Prophet's own noise for a history that never varies (forecaster.py `fit`); scaled. */
const CONSTANT_SIGMA = 1e-9;

/**
 * Fits Prophet's model to samples in ascending order of time; values that are NaN are left out.
 *
 * Cold start: fewer than 10 values are no model (`FitError` `too-short`). A span under 2 days is fitted with a flat
 * trend, unless the growth is logistic, and has no daily seasonality unless that is configured. Seasonalities that are
 * `auto` come on at two periods of history, as in Prophet. A history that never varies is its own forecast.
 *
 * `stepVariance` is how much single steps scatter around the samples where these are means, in squared units of the
 * series; the band is made for single steps. Pure and synchronous. Throws `FitError`.
 */
export function fitProphet(
  samples: Samples,
  prophet: ProphetSettings,
  options: { readonly stepVariance?: number } = {},
): Fit {
  const present = withoutGaps(samples);
  const points = present.values.length;
  if (points < MIN_POINTS)
    throw new FitError('too-short', `Cannot fit: ${points} values, at least ${MIN_POINTS} are needed`);

  const warnings: string[] = [];
  let settings = prophet;
  const spanMs = present.timesMs[points - 1]! - present.timesMs[0]!;
  if (spanMs < MIN_TREND_SPAN_MS && prophet.growth === 'linear') {
    settings = { ...prophet, growth: 'flat' };
    warnings.push('the history is shorter than 2 days: fitted without a trend');
  }
  const pack = (optimizer: Fit['optimizer'], design: Design, parameters: Parameters): Fit => {
    const model = packModel(design, parameters, { points, stepVariance: options.stepVariance ?? 0 });
    const objective = negLogPosterior(present, design, parameters, model);
    return { model, optimizer, points, objective, warnings };
  };

  if (isConstant(present.values)) {
    warnings.push('the history never varies: the forecast is its value');
    const design = { ...designFit(present, { ...settings, growth: 'flat' }), seasonalities: [] };
    const m = present.values[0]! / design.yScale;
    const none = new Float64Array(0);
    return pack('exact', design, { k: 0, m, delta: none, beta: none, sigma: CONSTANT_SIGMA });
  }
  if (settings.optimizer !== 'stan' && settings.growth !== 'logistic') {
    const design = designFit(present, settings);
    const { parameters, isOptimal } = optimizeMap(buildMapProblem(present, design));
    if (isOptimal) return pack('exact', design, parameters);
    warnings.push('the exact optimizer found no optimum');
  }
  if (settings.optimizer === 'exact')
    throw new FitError('diverged', `Cannot fit ${settings.growth} growth to ${points} values exactly`);
  const { design, parameters } = fitWithAugurs(present, settings);
  return pack('stan', design, parameters);
}

function withoutGaps({ timesMs, values }: Samples): Samples {
  const present = { timesMs: new Float64Array(values.length), values: new Float64Array(values.length) };
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    present.timesMs[count] = timesMs[i]!;
    present.values[count] = values[i]!;
    count++;
  }
  return { timesMs: present.timesMs.subarray(0, count), values: present.values.subarray(0, count) };
}

function isConstant(values: Float64Array): boolean {
  return values.every((value) => value === values[0]);
}
