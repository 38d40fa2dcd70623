import { LOOKBACK_MS } from '../../model/samples/staleness.js';

/**
 * The times at which a forecast series is evaluated within [startMs, endMs], up to `lastMs`: ascending whole milliseconds,
 * `endMs` and every `stepMs` before it, or every equal part of that which keeps within PromQL's lookback. A query computes its
 * last value at `endMs` and the others whole steps before, so it finds a point at the very instant it asks for.
 */
export class ForecastTimes {
  readonly count: number;
  readonly #endMs: number;
  readonly #spacingMs: number;
  /** The newest point lies this many spacings before `endMs`. */
  readonly #newest: number;

  constructor(range: { startMs: number; endMs: number; stepMs: number; lastMs: number }) {
    const { startMs, endMs, stepMs, lastMs } = range;
    this.#endMs = endMs;
    this.#spacingMs = stepMs / Math.ceil(stepMs / LOOKBACK_MS);
    // Times are rounded to milliseconds, so half of one further on either side is in the range too.
    this.#newest = Math.max(0, Math.floor((endMs - lastMs - 0.5) / this.#spacingMs) + 1);
    this.count = Math.max(0, Math.floor((endMs - startMs + 0.5) / this.#spacingMs) - this.#newest + 1);
  }

  /** Two ranges of one query with the same key have the same times. */
  get key(): string {
    return `${this.#spacingMs}/${this.#newest}/${this.count}`;
  }

  toArray(): Float64Array {
    const oldest = this.#newest + this.count - 1;
    const timesMs = new Float64Array(this.count);
    for (let i = 0; i < timesMs.length; i++) timesMs[i] = Math.round(this.#endMs - (oldest - i) * this.#spacingMs);
    return timesMs;
  }
}
