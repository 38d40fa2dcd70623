/** Lets one event through per interval and counts the others, so that what happens all the time is logged now and then. */
export class LogLimit {
  readonly #intervalMs: number;
  readonly #now: () => number;
  #nextMs = Number.NEGATIVE_INFINITY;
  #swallowed = 0;

  constructor(intervalMs: number, now: () => number) {
    this.#intervalMs = intervalMs;
    this.#now = now;
  }

  /** How many events were held back since the last one let through; undefined: hold this one back too. */
  pass(): number | undefined {
    const nowMs = this.#now();
    if (nowMs < this.#nextMs) {
      this.#swallowed++;
      return undefined;
    }
    const swallowed = this.#swallowed;
    this.#swallowed = 0;
    this.#nextMs = nowMs + this.#intervalMs;
    return swallowed;
  }
}
