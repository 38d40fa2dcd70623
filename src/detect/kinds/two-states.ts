/*
 * A series that is on or off stays in either state for some time. If it stays much longer than ever before, it is
 * stuck, though each of its values is usual.
 */

/* The layout of the state. */
/** Steps seen, and the means of the values in the lower and in the upper state. */
const SEEN = 0;
const LOW = 1;
const HIGH = 2;
/** The share of steps that are in the upper state, and of those that are in neither. */
const UPPER_SHARE = 3;
const BETWEEN_SHARE = 4;
/** Steps in the present state (negative in the lower one), and the longest run in the lower and in the upper one. */
const RUN = 5;
const LONGEST_LOW = 6;
const LONGEST_HIGH = 7;
/** Length of the state, in Float32. */
export const TWO_STATES_LENGTH = 8;

const DAY_MS = 86_400_000;
const MIN_HISTORY_MS = 2 * DAY_MS;
/** How long usual behaviour is remembered. */
const USUAL_MS = 4 * DAY_MS;
const MIN_STEPS = 100;
/** Shares by which the mean of a state follows a value that is far from it, or near. */
const SEEKING_GAIN = 0.2;
const SETTLED_GAIN = 0.02;
/** A value far from both states, once these are known, is no state of its own for some hours at least. */
const LEAVING_GAIN = 0.002;
/** The middle half between both means belongs to neither. */
const NEAR = 0.25;
/** There are two states where hardly any step is in neither, and each has at least this share. */
const MAX_BETWEEN = 0.02;
const MIN_STATE = 0.1;
/** The series rests in one state where the other has less than this share. */
const MAX_SELDOM = 0.2;
/** A state is too long if it lasts this factor longer than ever before, and at least this long. */
const LONGER = 1.6;
const MIN_RUN_MS = 20 * 60_000;
/** A state is reported as stuck for this long; after a day it is usual. */
const REPORTED_MS = 2 * 3_600_000;
const ACCEPTED_AFTER_MS = DAY_MS;
const LONGEST_DECAY = 1 / 16;

/** Learns how long a series is on, and off. */
export class TwoStates {
  readonly #state: Float32Array;
  /** How long a state lasted that was too long and ended with the last step; else 0. */
  endedMs = 0;

  /** `state` is all there is to keep, and is written to. */
  constructor(state: Float32Array) {
    this.#state = state;
  }

  /** Takes in the next step. Returns whether it has been in its state for too long. */
  isStuck(value: number, stepMs: number): boolean {
    const state = this.#state;
    this.endedMs = 0;
    if (Number.isNaN(value)) return false;
    if (state[SEEN]! === 0) state[LOW] = state[HIGH] = value;
    state[SEEN]!++;
    const gain = Math.max(stepMs / USUAL_MS, 1 / (MIN_STEPS + state[SEEN]!));
    const swing = state[HIGH]! - state[LOW]!;
    const place = swing > 0 ? (value - state[LOW]!) / swing : value > state[HIGH]! ? 1 : 0;
    const isUpper = place > 0.5;
    state[UPPER_SHARE]! += gain * (Number(isUpper) - state[UPPER_SHARE]!);
    const isBetween = Math.abs(place - Number(isUpper)) > NEAR;
    const mean = isUpper ? HIGH : LOW;
    const farGain = state[SEEN]! * stepMs < MIN_HISTORY_MS ? SEEKING_GAIN : LEAVING_GAIN;
    state[mean]! += (isBetween ? farGain : SETTLED_GAIN) * (value - state[mean]!);
    state[BETWEEN_SHARE]! += gain * (Number(isBetween) - state[BETWEEN_SHARE]!);
    const run = state[RUN]!;
    const longestAt = run > 0 ? LONGEST_HIGH : LONGEST_LOW;
    if (run !== 0 && run > 0 !== isUpper) {
      const length = Math.abs(run);
      const isIncident = this.#isTooLong(length, longestAt, stepMs) && length * stepMs < ACCEPTED_AFTER_MS;
      if (isIncident) this.endedMs = length * stepMs;
      else state[longestAt] = Math.max(length, state[longestAt]! * (1 - LONGEST_DECAY * gain * length));
      state[RUN] = 0;
    }
    state[RUN]! += isUpper ? 1 : -1;
    const length = Math.abs(state[RUN]!);
    const at = isUpper ? LONGEST_HIGH : LONGEST_LOW;
    const beyondMs = (length - LONGER * state[at]!) * stepMs;
    return !isBetween && beyondMs <= REPORTED_MS && this.#isTooLong(length, at, stepMs);
  }

  /** How long the series has been in its state where that is too long, and not yet usual; else 0. */
  undecidedMs(stepMs: number): number {
    const run = this.#state[RUN]!;
    const lastedMs = Math.abs(run) * stepMs;
    const isTooLong = this.#isTooLong(Math.abs(run), run > 0 ? LONGEST_HIGH : LONGEST_LOW, stepMs);
    return isTooLong && lastedMs < ACCEPTED_AFTER_MS ? lastedMs : 0;
  }

  /**
   * The distance of a value from the state in which the series nearly always is, 0 in that state; NaN where there is
   * none. For the value that was taken in last.
   */
  offRest(value: number): number {
    const state = this.#state;
    const share = state[UPPER_SHARE]!;
    const isSeldom = Math.min(share, 1 - share) < MAX_SELDOM && share > 0 && share < 1;
    if (!isSeldom || state[BETWEEN_SHARE]! >= MAX_BETWEEN || state[HIGH] === state[LOW]) return Number.NaN;
    const rest = share < 0.5 ? state[LOW]! : state[HIGH]!;
    const off = Math.abs(value - rest);
    return off > NEAR * (state[HIGH]! - state[LOW]!) ? off : 0;
  }

  #isTooLong(steps: number, longestAt: number, stepMs: number): boolean {
    const state = this.#state;
    const share = state[UPPER_SHARE]!;
    const isTwo = state[BETWEEN_SHARE]! < MAX_BETWEEN && share > MIN_STATE && share < 1 - MIN_STATE;
    if (!isTwo || state[SEEN]! * stepMs < MIN_HISTORY_MS || state[longestAt]! === 0) return false;
    return steps > LONGER * state[longestAt]! && steps * stepMs >= MIN_RUN_MS;
  }
}
