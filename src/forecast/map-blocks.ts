import type { PenalisedLeastSquares, Point } from './active-set.js';
import { dot, writeGram } from './gram.js';
import { type MapState, TREND_PRECISION } from './map-state.js';

/**
 * A set of parameters in which, the others standing still, the objective is a penalised least-squares problem.
 * `open` states that problem at the state's present parameters, with everything taken afresh from the data; `close`
 * writes a solution back and brings the state up to it.
 */
export interface MapBlock {
  open(): { problem: PenalisedLeastSquares; point: Point };
  close(point: Point): void;
}

/** The blocks of a model: one that holds everything if no feature is multiplicative, else two that overlap. */
export function makeBlocks(state: MapState): MapBlock[] {
  return state.problem.multiplicative.includes(true)
    ? [new TrendBlock(state), new FeatureBlock(state)]
    : [new TrendBlock(state)];
}

/** The trend and the additive features: m, k, β of those, then δ. The trend's columns are weighted by the state's factor. */
class TrendBlock implements MapBlock {
  readonly #state: MapState;
  readonly #features: readonly number[];
  readonly #columns: readonly Float64Array[];
  readonly #problem: PenalisedLeastSquares;
  /** Where in the problem the trend's columns 1, hinge 0, 1, … stand, and the first feature. */
  readonly #trendAt: Int32Array;
  readonly #featuresAt: number;
  readonly #isWeighted: boolean;
  readonly #projected: Float64Array;
  #isGramReady = false;

  constructor(state: MapState) {
    const { columns, multiplicative, priorScales, centre, changepointPriorScale } = state.problem;
    const hinges = state.slopes.length;
    this.#state = state;
    this.#features = columns.flatMap((_, j) => (multiplicative[j] ? [] : [j]));
    this.#columns = this.#features.map((j) => columns[j]!);
    this.#isWeighted = multiplicative.includes(true);
    this.#featuresAt = Math.min(2, 1 + hinges);
    const free = this.#featuresAt + this.#features.length;
    this.#trendAt = Int32Array.from({ length: 1 + hinges }, (_, i) => (i < 2 ? i : free + i - 2));
    this.#projected = new Float64Array(1 + hinges);
    const size = free + Math.max(0, hinges - 1);
    const ridge = new Float64Array(free).fill(TREND_PRECISION);
    this.#features.forEach((j, i) => {
      ridge[this.#featuresAt + i] = 1 / priorScales[j]! ** 2;
    });
    const shift = new Float64Array(free);
    shift[0] = centre;
    this.#problem = { size, free, gram: new Float64Array(size * size), ridge, shift, lasso: 1 / changepointPriorScale };
  }

  open(): { problem: PenalisedLeastSquares; point: Point } {
    const { offset, slopes, beta, residual } = this.#state;
    const theta = new Float64Array(this.#problem.size);
    theta[0] = offset;
    slopes.forEach((slope, hinge) => {
      theta[this.#trendAt[hinge + 1]!] = slope;
    });
    this.#features.forEach((j, i) => {
      theta[this.#featuresAt + i] = beta[j]!;
    });
    if (this.#isWeighted || !this.#isGramReady) this.#writeGram();
    return { problem: this.#problem, point: { theta, gradient: this.#gradient(), squares: dot(residual, residual) } };
  }

  close({ theta }: Point): void {
    const state = this.#state;
    state.offset = theta[0]!;
    for (let hinge = 0; hinge < state.slopes.length; hinge++) state.slopes[hinge] = theta[this.#trendAt[hinge + 1]!]!;
    this.#features.forEach((j, i) => {
      state.beta[j] = theta[this.#featuresAt + i]!;
    });
    state.update();
  }

  #gradient(): Float64Array {
    const { moments, factor, residual } = this.#state;
    const gradient = new Float64Array(this.#problem.size);
    moments.project(residual, factor, this.#projected);
    this.#projected.forEach((product, i) => {
      gradient[this.#trendAt[i]!] = product;
    });
    this.#columns.forEach((column, i) => {
      gradient[this.#featuresAt + i] = dot(column, residual);
    });
    return gradient;
  }

  #writeGram(): void {
    const { moments, factor } = this.#state;
    const { size, gram } = this.#problem;
    const trendSize = this.#trendAt.length;
    const trend = new Float64Array(trendSize * trendSize);
    moments.gram(factor, trend);
    for (let a = 0; a < trendSize; a++)
      for (let b = 0; b < trendSize; b++)
        gram[this.#trendAt[a]! * size + this.#trendAt[b]!] = trend[a * trendSize + b]!;
    this.#columns.forEach((column, i) => {
      const at = this.#featuresAt + i;
      moments.project(column, factor, this.#projected);
      this.#projected.forEach((product, a) => {
        gram[at * size + this.#trendAt[a]!] = product;
        gram[this.#trendAt[a]! * size + at] = product;
      });
    });
    if (!this.#isGramReady) writeGram(this.#columns, gram, size, this.#featuresAt);
    this.#isGramReady = true;
  }
}

/** All features' coefficients: the columns of the multiplicative ones are weighted by the state's trend. */
class FeatureBlock implements MapBlock {
  readonly #state: MapState;
  readonly #problem: PenalisedLeastSquares;
  readonly #columns: readonly Float64Array[];

  constructor(state: MapState) {
    const { columns, multiplicative, priorScales } = state.problem;
    const size = columns.length;
    this.#state = state;
    this.#columns = columns.map((column, j) => (multiplicative[j] ? new Float64Array(column.length) : column));
    this.#problem = {
      size,
      free: size,
      gram: new Float64Array(size * size),
      ridge: priorScales.map((scale) => 1 / scale ** 2),
      shift: new Float64Array(size),
      lasso: 0,
    };
  }

  open(): { problem: PenalisedLeastSquares; point: Point } {
    const { problem, trend, residual, beta } = this.#state;
    problem.columns.forEach((column, j) => {
      const weighted = this.#columns[j]!;
      if (problem.multiplicative[j]) for (let i = 0; i < column.length; i++) weighted[i] = column[i]! * trend[i]!;
    });
    const { size, gram } = this.#problem;
    writeGram(this.#columns, gram, size, 0);
    const gradient = Float64Array.from(this.#columns, (column) => dot(column, residual));
    return { problem: this.#problem, point: { theta: beta.slice(), gradient, squares: dot(residual, residual) } };
  }

  close({ theta }: Point): void {
    this.#state.beta.set(theta);
    this.#state.update();
  }
}
