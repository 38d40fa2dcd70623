import { decayIn } from '../../lib/decay.js';

/** Half-life of the counts: one day. */
const decay = decayIn(86_400_000);
/** The coverage needs at least this many steps (decayed). */
const MIN_STEPS = 100;

/**
 * How many recent steps of a series lay within the interval that was forecast for them: coverage out of sample. Every
 * step with a value counts, also during incidents.
 */
export class IntervalCoverage {
  #nominal = 0;
  #steps = 0;
  #within = 0;

  /**
   * Counts a step. The interval must have been made without knowing the step; `nominal` is the share it was made for,
   * and what was counted for another share is forgotten. A value that is NaN says nothing.
   */
  learn(value: number, lower: number, upper: number, nominal: number, stepMs: number): void {
    if (Number.isNaN(value)) return;
    if (!this.isOf(nominal)) this.state = [nominal, 0, 0];
    const keep = decay(stepMs);
    this.#steps = this.#steps * keep + 1;
    this.#within = this.#within * keep + Number(value >= lower && value <= upper);
  }

  /** Whether the counts are for intervals of this nominal share. */
  isOf(nominal: number): boolean {
    return this.#nominal === nominal;
  }

  /** Steps counted, decayed. */
  get steps(): number {
    return this.#steps;
  }

  /** Those of them that lay within the interval. */
  get within(): number {
    return this.#within;
  }

  /** The share of steps within the interval; NaN while too few have been counted. */
  get ratio(): number {
    return coverageRatio(this.#within, this.#steps);
  }

  /** The whole state, for snapshots. */
  get state(): readonly number[] {
    return [this.#nominal, this.#steps, this.#within];
  }

  set state([nominal = 0, steps = 0, within = 0]: readonly number[]) {
    this.#nominal = nominal;
    this.#steps = steps;
    this.#within = within;
  }
}

/** The share of decayed counts, of one series or of many; NaN while too few steps have been counted. */
export function coverageRatio(within: number, steps: number): number {
  return steps < MIN_STEPS ? Number.NaN : within / steps;
}
