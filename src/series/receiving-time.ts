/**
 * Milliseconds in which samples were coming, by which series grow idle: not those in which nothing came at all, nor those
 * that a clock was set by. Of a pause between two requests no more than `maxPauseMs` counts.
 */
export class ReceivingTime {
  readonly #maxPauseMs: number;
  #requestMs = Number.NaN;
  #elapsedMs = 0;

  constructor(maxPauseMs: number) {
    this.#maxPauseMs = maxPauseMs;
  }

  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  /** Takes in that a request comes, whatever is in it. */
  requestAt(nowMs: number): void {
    const pauseMs = nowMs - this.#requestMs;
    if (pauseMs > 0) this.#elapsedMs += Math.min(pauseMs, this.#maxPauseMs);
    this.#requestMs = nowMs;
  }

  /** Goes on from where another one has been, with the next request. */
  resumeFrom(elapsedMs: number): void {
    this.#requestMs = Number.NaN;
    this.#elapsedMs = Math.max(this.#elapsedMs, elapsedMs);
  }
}
