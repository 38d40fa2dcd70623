/* The layout of the state: the share that was meant, then decayed counts of steps and of those within the band. */
const NOMINAL = 0;
const STEPS = 1;
const WITHIN = 2;

/** Length of the state, in Float32. */
export const COVERAGE_LENGTH = 3;

/** What was seen this long ago counts half. */
const HALF_LIFE_MS = 86_400_000;
/** With fewer steps than this (decayed) there is no telling. */
const MIN_STEPS = 100;

/**
 * How many of the recent steps of a series lay within the band they had been promised: coverage out of sample. Every step
 * with a value counts, those of incidents too.
 */
export class BandCoverage {
  /** All there is to keep of it. */
  readonly state: Float32Array;

  constructor(state: Float32Array = new Float32Array(COVERAGE_LENGTH)) {
    this.state = state;
  }

  /**
   * Counts a step. The band must have been made without knowing the step; `nominal` is the share it was made for, and what
   * was counted for another share is forgotten. A value that is NaN says nothing.
   */
  learn(value: number, lower: number, upper: number, nominal: number, stepMs: number): void {
    if (Number.isNaN(value)) return;
    const { state } = this;
    if (!this.isOf(nominal)) state.set([nominal, 0, 0]);
    const keep = 2 ** (-stepMs / HALF_LIFE_MS);
    state[STEPS] = state[STEPS]! * keep + 1;
    state[WITHIN] = state[WITHIN]! * keep + Number(value >= lower && value <= upper);
  }

  /** Whether what was counted is about bands of this share. */
  isOf(nominal: number): boolean {
    return this.state[NOMINAL] === Math.fround(nominal);
  }

  /** Steps counted, decayed. */
  get steps(): number {
    return this.state[STEPS]!;
  }

  /** Those of them that lay within the band. */
  get within(): number {
    return this.state[WITHIN]!;
  }

  /** The share of steps within the band; NaN while too few have been counted. */
  get ratio(): number {
    return coverageRatio(this.within, this.steps);
  }
}

/** The share of decayed counts, of one series or of many; NaN while too few steps have been counted. */
export function coverageRatio(within: number, steps: number): number {
  return steps < MIN_STEPS ? Number.NaN : within / steps;
}
