import { decayIn } from '../../lib/decay.js';

/** A gap counts as half as long after a week. */
const decay = decayIn(7 * 86_400_000);
/** Usual gaps need at least this many samples. */
const MIN_COUNT = 30;

/**
 * How long a series is usually silent between two samples: the second longest gap of the last weeks. So one outage does
 * not become usual, and a pause that comes again does.
 */
export class UsualGaps {
  /** The two longest gaps, decayed, and how many were seen. */
  #longestMs = 0;
  #secondMs = 0;
  #count = 0;

  /** Takes in the time between two samples. */
  learn(gapMs: number): void {
    const keep = decay(gapMs);
    const longestMs = this.#longestMs * keep;
    this.#longestMs = Math.max(longestMs, gapMs);
    this.#secondMs = Math.max(this.#secondMs * keep, Math.min(longestMs, gapMs));
    this.#count = Math.min(this.#count + 1, MIN_COUNT);
  }

  /** Infinity while it is unknown. */
  get usualMs(): number {
    return this.#count < MIN_COUNT ? Number.POSITIVE_INFINITY : this.#secondMs;
  }

  /** The whole state, for snapshots. */
  get state(): readonly number[] {
    return [this.#longestMs, this.#secondMs, this.#count];
  }

  set state([longestMs = 0, secondMs = 0, count = 0]: readonly number[]) {
    this.#longestMs = longestMs;
    this.#secondMs = secondMs;
    this.#count = count;
  }
}
