import { dot, writeGram } from '../math/gram.js';
import type { PenalisedLeastSquares, Point } from './active-set.js';
import { type MapState, TREND_PRECISION } from './map-state.js';

/**
 * The least-squares problem of a state: the model linearised at the state's parameters, which for additive features is
 * the model itself. Coefficients: m, k, β, then δ. The trend's columns are weighted by the state's factor and the
 * multiplicative features by its trend.
 */
export class MapSystem {
  readonly problem: PenalisedLeastSquares;
  /** Whether no feature is multiplicative. */
  readonly isLinear: boolean;
  readonly #state: MapState;
  /** Index of the trend's columns 1, hinge 0, 1, … among the coefficients, and of the first feature. */
  readonly #trendAt: Int32Array;
  readonly #featuresAt: number;
  /** The weighted features; additive ones are the same as those of the state. */
  readonly #columns: readonly Float64Array[];
  readonly #projected: Float64Array;
  #hasGram: boolean;

  constructor(state: MapState) {
    const { regressors, multiplicative, priorScales, centre, changepointPriorScale } = state.problem;
    const { features, additiveGram } = regressors;
    const hinges = state.slopes.length;
    this.#state = state;
    this.isLinear = !multiplicative.includes(true);
    this.#columns = features.map((column, j) => (multiplicative[j] ? new Float64Array(column.length) : column));
    this.#featuresAt = Math.min(2, 1 + hinges);
    const free = this.#featuresAt + features.length;
    this.#trendAt = Int32Array.from({ length: 1 + hinges }, (_, i) => (i < 2 ? i : free + i - 2));
    this.#projected = new Float64Array(1 + hinges);
    const size = free + Math.max(0, hinges - 1);
    const ridge = new Float64Array(free).fill(TREND_PRECISION);
    priorScales.forEach((scale, j) => {
      ridge[this.#featuresAt + j] = 1 / scale ** 2;
    });
    const shift = new Float64Array(free);
    shift[0] = centre;
    this.#hasGram = this.isLinear && additiveGram !== undefined;
    const gram = this.#hasGram ? additiveGram! : new Float64Array(size * size);
    this.problem = { size, free, gram, ridge, shift, lasso: 1 / changepointPriorScale };
  }

  /**
   * Linearises at the state and returns its point, from its residuals. `withCurvature` uses the second derivative of
   * |r|²/2 instead of the Gram matrix; the two differ for multiplicative features, and the second derivative need not
   * be positive definite.
   */
  open(withCurvature: boolean): Point {
    const { offset, slopes, beta, residual } = this.#state;
    if (!this.isLinear) this.#weighFeatures();
    if (!this.isLinear || !this.#hasGram) this.#writeGram();
    if (withCurvature) this.#addCurvature();
    const theta = new Float64Array(this.problem.size);
    theta[0] = offset;
    for (let hinge = 0; hinge < slopes.length; hinge++) theta[this.#trendAt[hinge + 1]!] = slopes[hinge]!;
    theta.set(beta, this.#featuresAt);
    return { theta, gradient: this.#gradient(), squares: dot(residual, residual) };
  }

  /** Moves the state to the given coefficients. */
  moveTo(theta: Float64Array): void {
    const { slopes, beta } = this.#state;
    this.#state.offset = theta[0]!;
    for (let hinge = 0; hinge < slopes.length; hinge++) slopes[hinge] = theta[this.#trendAt[hinge + 1]!]!;
    beta.set(theta.subarray(this.#featuresAt, this.#featuresAt + beta.length));
    this.#state.update();
  }

  #weighFeatures(): void {
    const { problem, trend } = this.#state;
    problem.regressors.features.forEach((column, j) => {
      if (!problem.multiplicative[j]) return;
      const weighted = this.#columns[j]!;
      for (let i = 0; i < column.length; i++) weighted[i] = column[i]! * trend[i]!;
    });
  }

  #gradient(): Float64Array {
    const { moments, factor, residual } = this.#state;
    const gradient = new Float64Array(this.problem.size);
    moments.project(residual, factor, this.#projected);
    for (let i = 0; i < this.#projected.length; i++) gradient[this.#trendAt[i]!] = this.#projected[i]!;
    this.#columns.forEach((column, j) => {
      gradient[this.#featuresAt + j] = dot(column, residual);
    });
    return gradient;
  }

  #addCurvature(): void {
    const { problem, moments, residual } = this.#state;
    const { size, gram } = this.problem;
    const trendAt = this.#trendAt;
    problem.regressors.features.forEach((column, j) => {
      if (!problem.multiplicative[j]) return;
      const at = this.#featuresAt + j;
      moments.project(column, residual, this.#projected);
      for (let a = 0; a < trendAt.length; a++) {
        const product = gram[at * size + trendAt[a]!]! - this.#projected[a]!;
        gram[at * size + trendAt[a]!] = product;
        gram[trendAt[a]! * size + at] = product;
      }
    });
  }

  #writeGram(): void {
    const { moments, factor } = this.#state;
    const { size, gram } = this.problem;
    const trendAt = this.#trendAt;
    const trend = new Float64Array(trendAt.length * trendAt.length);
    moments.gram(factor, trend);
    for (let a = 0; a < trendAt.length; a++)
      for (let b = 0; b < trendAt.length; b++) gram[trendAt[a]! * size + trendAt[b]!] = trend[a * trendAt.length + b]!;
    this.#columns.forEach((column, j) => {
      const at = this.#featuresAt + j;
      moments.project(column, factor, this.#projected);
      for (let a = 0; a < trendAt.length; a++) {
        gram[at * size + trendAt[a]!] = this.#projected[a]!;
        gram[trendAt[a]! * size + at] = this.#projected[a]!;
      }
    });
    writeGram(this.#columns, gram, size, this.#featuresAt);
    this.#hasGram = true;
    if (this.isLinear) this.#state.problem.regressors.additiveGram = gram;
  }
}
