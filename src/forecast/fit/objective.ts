import type { Samples } from '../../model/samples/columns.js';
import type { Design, Parameters } from '../design/design.js';
import { columnsOf } from '../design/seasonality.js';
import { TREND_PRECISION } from '../map/map-state.js';
import { evaluateScaled } from '../model/evaluate.js';
import { type FittedModel, Header } from '../model/fitted-model.js';

/**
 * Prophet's objective, the negative log posterior with its constants dropped (prophet.stan, optimised without Jacobian),
 * in scaled units. `model` is `parameters` packed; what it was made for `samples` and `design`.
 */
export function negLogPosterior(samples: Samples, design: Design, parameters: Parameters, model: FittedModel): number {
  const { timesMs, values } = samples;
  const { data } = model;
  const n = values.length;
  const parts = new Float64Array(3);
  let squares = 0;
  for (let i = 0; i < n; i++) {
    evaluateScaled(data, timesMs[i]!, parts);
    const y = (values[i]! - data[Header.floor]!) / data[Header.yScale]!;
    const residual = y - parts[0]! * parts[2]! - parts[1]!;
    squares += residual * residual;
  }
  const { sigma } = parameters;
  return n * Math.log(sigma) + squares / (2 * sigma * sigma) + negLogPrior(design, parameters);
}

/** The priors' share: k, m ~ N(0, 5), δ ~ Laplace(0, τ), β ~ N(0, prior scale), σ ~ N(0, ½) on σ > 0. */
function negLogPrior(design: Design, { k, m, delta, beta, sigma }: Parameters): number {
  let sum = (TREND_PRECISION / 2) * (k * k + m * m) + 2 * sigma * sigma;
  for (const change of delta) sum += Math.abs(change) / design.changepointPriorScale;
  let at = 0;
  for (const seasonality of design.seasonalities) {
    const { priorScale } = seasonality;
    for (let j = 0; j < columnsOf(seasonality); j++) sum += beta[at++]! ** 2 / (2 * priorScale * priorScale);
  }
  return sum;
}
