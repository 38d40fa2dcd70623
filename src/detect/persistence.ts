/* The layout of the state: decayed sums of neighbouring deviations multiplied, and of squares; the last deviation. */
const PRODUCTS = 0;
const SQUARES = 1;
const LAST = 2;
export const PERSISTENCE_LENGTH = 3;

const HALF_LIFE_MS = 3 * 86_400_000;
/**
 * Hours ahead, φ to the power of hundreds of steps says nothing true: what is left is halved in this time besides, or in
 * four steps where that is longer.
 */
const FADING_MS = 3_600_000;
const FADING_STEPS = 4;
/** Larger deviations are taken for this many σ: one incident must not decide how persistent a series is. */
const MAX_SIGMAS = 6;

/**
 * How much of a deviation from yhat is usually still there a step later, φ, and so what to add to a forecast for the near
 * future: the last deviation times φ for each step (an autoregression of order 1, by decayed least squares).
 */
export class Persistence {
  readonly state: Float32Array;

  constructor(state: Float32Array = new Float32Array(PERSISTENCE_LENGTH)) {
    this.state = state;
  }

  /** Takes in the deviation of the next step, in the unit of the series. One that is NaN says nothing about its neighbours. */
  learn(deviation: number, sigma: number, stepMs: number): void {
    const { state } = this;
    const limit = MAX_SIGMAS * sigma;
    const limited = Math.min(limit, Math.max(-limit, deviation)) / sigma;
    const last = state[LAST]!;
    state[LAST] = Number.isFinite(limited) ? limited : Number.NaN;
    if (!Number.isFinite(limited) || Number.isNaN(last)) return;
    const keep = 2 ** (-stepMs / HALF_LIFE_MS);
    state[PRODUCTS] = state[PRODUCTS]! * keep + limited * last;
    state[SQUARES] = state[SQUARES]! * keep + last * last;
  }

  /** Forgets the last deviation: it was one from another level. */
  forgetLast(): void {
    this.state[LAST] = Number.NaN;
  }

  /** What is left of the last deviation so many steps later, in σ; 0 where the last step had no value. */
  ahead(steps: number, stepMs: number): number {
    const squares = this.state[SQUARES]!;
    const last = this.state[LAST]!;
    if (!(squares > 0) || Number.isNaN(last)) return 0;
    const phi = Math.min(1, Math.max(0, this.state[PRODUCTS]! / squares));
    const fading = 2 ** -(steps / Math.max(FADING_STEPS, FADING_MS / stepMs));
    return last * phi ** steps * fading;
  }
}
