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

/** The receiving time of each sender: one for everything that is pushed, and one per query source. A silent sender does not stop the others' time. */
export class ReceivingTimes {
  readonly #maxPauseMs: number;
  readonly #bySender = new Map<string, ReceivingTime>();
  readonly #lastMs = new Map<string, number>();

  constructor(maxPauseMs: number) {
    this.#maxPauseMs = maxPauseMs;
  }

  /** Takes in that something comes from a sender, whatever is in it. */
  requestAt(nowMs: number, sender: string): void {
    this.of(sender).requestAt(nowMs);
    this.#lastMs.set(sender, nowMs);
  }

  of(sender: string): ReceivingTime {
    const known = this.#bySender.get(sender);
    if (known !== undefined) return known;
    const time = new ReceivingTime(this.#maxPauseMs);
    this.#bySender.set(sender, time);
    return time;
  }

  /** When something came last, by the receiver's clock; 0 before the first. */
  lastRequestMs(sender: string): number {
    return this.#lastMs.get(sender) ?? 0;
  }
}
