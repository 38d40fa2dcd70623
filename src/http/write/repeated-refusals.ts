/** Refusals remembered at one time; the oldest are forgotten first. */
const MAX_REFUSALS = 1_000;
/** A sender that repeats a request does so within this time. */
const REMEMBERED_MS = 3_600_000;

/**
 * Remembers what was refused, to notice a sender that repeats a request whatever the answer, as Telegraf does after a 400.
 * What it repeats has been refused, counted and logged already, and the rest has been taken: to refuse it again would only
 * make it repeat for ever, and hold up everything behind it.
 */
export class RepeatedRefusals {
  /** When each was refused last, the oldest first. */
  readonly #seenMs = new Map<string, number>();

  /** Takes in what a request was refused for. Returns whether the same was refused before. */
  isRepeated(refusal: string, nowMs: number): boolean {
    const seenMs = this.#seenMs.get(refusal);
    this.#seenMs.delete(refusal);
    this.#seenMs.set(refusal, nowMs);
    const [oldest] = this.#seenMs.keys();
    if (this.#seenMs.size > MAX_REFUSALS && oldest !== undefined) this.#seenMs.delete(oldest);
    return seenMs !== undefined && nowMs - seenMs <= REMEMBERED_MS;
  }
}
