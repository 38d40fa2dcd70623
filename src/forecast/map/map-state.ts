import type { Parameters } from '../design/design.js';
import type { TrendMoments } from '../design/trend-moments.js';
import { dot } from '../math/gram.js';
import type { MapProblem } from './map-problem.js';

/**
 * Noise below this share of the values' range counts as none, because the posterior of a perfect fit has no maximum: it
 * grows as σ → 0.
 */
const MIN_RELATIVE_SIGMA = 1e-9;
/** Prophet's prior on k and m is N(0, 5) (prophet.stan). */
export const TREND_PRECISION = 1 / 25;

/** The parameters of an iteration, and the residuals that they leave. */
export class MapState {
  readonly problem: MapProblem;
  readonly moments: TrendMoments;
  /** Offset of the trend less the centre of the values, and the slopes of its hinges. */
  offset = 0;
  readonly slopes: Float64Array;
  readonly beta: Float64Array;
  /** Variance of the noise, never under `minVariance`. */
  variance: number;
  readonly minVariance: number;
  /** At every sample: the trend, 1 + the multiplicative terms, and the residual. */
  readonly trend: Float64Array;
  readonly factor: Float64Array;
  readonly residual: Float64Array;

  /** Starts with all parameters 0, the offset at the centre of the values, and their whole variance as noise. */
  constructor(problem: MapProblem) {
    const { regressors, y, centre } = problem;
    this.problem = problem;
    this.moments = regressors.trend;
    this.slopes = new Float64Array(this.moments.origins.length);
    this.beta = new Float64Array(regressors.features.length);
    this.trend = new Float64Array(y.length).fill(centre);
    this.factor = new Float64Array(y.length).fill(1);
    this.residual = y.slice();
    let range = 0;
    for (const value of y) range = Math.max(range, Math.abs(value));
    this.minVariance = (MIN_RELATIVE_SIGMA * (range || 1)) ** 2;
    this.variance = Math.max(this.minVariance, dot(y, y) / y.length);
  }

  /** Recomputes trend, factor and residual from the parameters. */
  update(): void {
    const { regressors, y, multiplicative, centre } = this.problem;
    const { trend, factor, residual, beta } = this;
    const n = y.length;
    this.moments.evaluate(this.offset, this.slopes, trend);
    factor.fill(0);
    for (let i = 0; i < n; i++) residual[i] = y[i]! - trend[i]!;
    regressors.features.forEach((column, j) => {
      const coefficient = beta[j]!;
      if (multiplicative[j]) for (let i = 0; i < n; i++) factor[i] = factor[i]! + coefficient * column[i]!;
      else for (let i = 0; i < n; i++) residual[i] = residual[i]! - coefficient * column[i]!;
    });
    for (let i = 0; i < n; i++) {
      trend[i] = trend[i]! + centre;
      residual[i] = residual[i]! - trend[i]! * factor[i]!;
      factor[i] = factor[i]! + 1;
    }
  }

  /** The negative log posterior, constants dropped. */
  objective(): number {
    const { problem, variance } = this;
    const { k, m, delta, beta } = this.parameters();
    let sum = (k * k + m * m) * (TREND_PRECISION / 2) + 2 * variance;
    for (const change of delta) sum += Math.abs(change) / problem.changepointPriorScale;
    beta.forEach((coefficient, j) => {
      sum += (coefficient / problem.priorScales[j]!) ** 2 / 2;
    });
    const n = problem.y.length;
    return sum + (n * Math.log(variance) + dot(this.residual, this.residual) / variance) / 2;
  }

  parameters(): Parameters {
    return {
      k: this.slopes[0] ?? 0,
      m: this.offset + this.problem.centre,
      delta: this.slopes.slice(1),
      beta: this.beta.slice(),
      sigma: Math.sqrt(this.variance),
    };
  }
}
