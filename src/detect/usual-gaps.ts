/* The layout of the state: the two longest gaps, decayed, and how many were seen. */
const LONGEST = 0;
const SECOND = 1;
const COUNT = 2;

/** Length of the state, in Float32. */
export const GAPS_LENGTH = 3;

/** A gap is taken for half as long after this time. */
const HALF_LIFE_MS = 7 * 86_400_000;
/** With fewer samples than this there is no telling. */
const MIN_COUNT = 30;

/**
 * How long a series is usually silent between two samples: the second longest gap of the last weeks. So one outage does
 * not become usual, and a pause that comes again does.
 */
export class UsualGaps {
  /** All there is to keep of it. */
  readonly state: Float32Array;

  constructor(state: Float32Array = new Float32Array(GAPS_LENGTH)) {
    this.state = state;
  }

  /** Takes in the time between two samples. */
  learn(gapMs: number): void {
    const { state } = this;
    const keep = 2 ** (-gapMs / HALF_LIFE_MS);
    const [longest, second] = [state[LONGEST]! * keep, state[SECOND]! * keep];
    state[LONGEST] = Math.max(longest, gapMs);
    state[SECOND] = Math.max(second, Math.min(longest, gapMs));
    state[COUNT]!++;
  }

  /** Infinity while there is no telling. */
  get usualMs(): number {
    return this.state[COUNT]! < MIN_COUNT ? Number.POSITIVE_INFINITY : this.state[SECOND]!;
  }
}
