/*
 * The lowest and the highest values of a series. A series that is bounded by its nature, as a leak is by its reset, has
 * no tail: it is unusual as soon as it leaves its range.
 */

/* The layout of the state. */
/**
 * Steps seen; the mean of the last ones; the lowest and the highest of these means, until the present day and in it.
 */
const SEEN = 0;
const MEAN = 1;
const LOWEST = 2;
const HIGHEST = 3;
const LOWEST_TODAY = 4;
const HIGHEST_TODAY = 5;
/** How long the series has been beyond, in ms. */
const BEYOND_MS = 6;
/** Length of the state, in Float32. */
export const RANGE_LENGTH = 7;

const DAY_MS = 86_400_000;
const MIN_HISTORY_MS = 4 * DAY_MS;
/** Share of a step by which the mean follows: a spike of two or three steps does not move it far. */
const MEAN_GAIN = 0.2;
/** A value is beyond the range from this share of the range on. */
const MARGIN = 0.15;
/** Half-life of the range: two weeks. */
const KEEP_A_DAY = 2 ** (-1 / 14);
/** What lasts longer is usual. */
const ACCEPTED_AFTER_MS = 2 * 3_600_000;
const ACCEPTED_AFTER_STEPS = 12;

/** Learns the range in which a series usually is. */
export class UsualRange {
  readonly #state: Float32Array;

  /** `state` is all there is to keep, and is written to. */
  constructor(state: Float32Array) {
    this.#state = state;
  }

  /**
   * Takes in the next step. Returns where the mean of the last steps is beyond the range: 1 above, −1 below, 0 nowhere.
   */
  next(value: number, stepMs: number): number {
    const state = this.#state;
    if (Number.isNaN(value)) return 0;
    if (state[SEEN] === 0) state.fill(value, MEAN, HIGHEST_TODAY + 1);
    state[SEEN]!++;
    const mean = state[MEAN]! + MEAN_GAIN * (value - state[MEAN]!);
    state[MEAN] = mean;
    const lowest = state[LOWEST]!;
    const highest = state[HIGHEST]!;
    const margin = MARGIN * (highest - lowest);
    const isKnown = state[SEEN]! * stepMs >= MIN_HISTORY_MS && margin > 0;
    const isAbove = Math.min(mean, value) > highest + margin;
    const isBelow = Math.max(mean, value) < lowest - margin;
    const beyond = isKnown ? Number(isAbove) - Number(isBelow) : 0;
    if (beyond !== 0 && state[BEYOND_MS]! < Math.max(ACCEPTED_AFTER_MS, ACCEPTED_AFTER_STEPS * stepMs)) {
      state[BEYOND_MS]! += stepMs;
      return beyond;
    }
    if (beyond === 0) state[BEYOND_MS] = 0;
    state[LOWEST_TODAY] = Math.min(mean, state[LOWEST_TODAY]!);
    state[HIGHEST_TODAY] = Math.max(mean, state[HIGHEST_TODAY]!);
    if (state[SEEN]! % Math.max(1, Math.round(DAY_MS / stepMs)) === 0) this.#endDay();
    return 0;
  }

  /** Whether a value is in the range, or so little beyond that it counts as in it; false while the range is not known. */
  holds(value: number, stepMs: number): boolean {
    const state = this.#state;
    const lowest = state[LOWEST]!;
    const highest = state[HIGHEST]!;
    const margin = MARGIN * (highest - lowest);
    const isKnown = state[SEEN]! * stepMs >= MIN_HISTORY_MS;
    return isKnown && value >= lowest - margin && value <= highest + margin;
  }

  /** A slow rise must not widen the range on its way: a day counts once it is over. */
  #endDay(): void {
    const state = this.#state;
    const middle = (state[LOWEST]! + state[HIGHEST]!) / 2;
    state[LOWEST] = Math.min(state[LOWEST_TODAY]!, middle + KEEP_A_DAY * (state[LOWEST]! - middle));
    state[HIGHEST] = Math.max(state[HIGHEST_TODAY]!, middle + KEEP_A_DAY * (state[HIGHEST]! - middle));
    state.fill(state[MEAN]!, LOWEST_TODAY, HIGHEST_TODAY + 1);
  }
}
