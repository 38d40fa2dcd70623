/** A step that is not off cancels three that are. */
const DEBT_PER_STEP = 3;
/** A run ends when it is interrupted for more than this share of the time after which it is accepted. */
const MAX_DEBT_SHARE = 1 / 8;
/** A level needs at least this many steps. */
const MIN_STEPS = 12;
/** A run that was no level yet is examined again after this share of that time. */
const RETRY_SHARE = 1 / 4;

/** The time from which a level is judged. */
export function levelWindowMs(stepMs: number, acceptAfterMs: number): number {
  return Math.max(acceptAfterMs, MIN_STEPS * stepMs);
}

/** How long a series has been off on one side, that is beyond its interval or in alarm, with short interruptions. */
export class Excursion {
  /** 1 above, −1 below, 0 none. */
  #side = 0;
  #lastedMs = 0;
  #interruptedMs = 0;
  /** How long the run must last until it is examined. */
  #dueMs = 0;

  /**
   * Takes in the next step: `side` is 1 where it is off above, −1 below, 0 where it is not off. Returns whether the run
   * has lasted for `acceptAfterMs` and should be examined now; the next time comes only some time later.
   */
  next(side: number, stepMs: number, acceptAfterMs: number): boolean {
    if (this.#side === 0 && side === 0) return false;
    const neededMs = levelWindowMs(stepMs, acceptAfterMs);
    if (side !== 0 && side === this.#side) {
      this.#interruptedMs = Math.max(0, this.#interruptedMs - stepMs);
    } else {
      this.#interruptedMs += DEBT_PER_STEP * stepMs;
      if (this.#side === 0 || this.#interruptedMs > MAX_DEBT_SHARE * neededMs) this.state = [side, 0, 0, neededMs];
    }
    if (this.#side === 0) return false;
    this.#lastedMs += stepMs;
    if (this.#lastedMs < this.#dueMs) return false;
    this.#dueMs = this.#lastedMs + Math.max(stepMs, RETRY_SHARE * neededMs);
    return true;
  }

  /** How long the run has lasted. */
  get lastedMs(): number {
    return this.#lastedMs;
  }

  /** Forgets the run: the level was accepted. */
  end(): void {
    this.state = [];
  }

  /** The whole state, for snapshots. */
  get state(): readonly number[] {
    return [this.#side, this.#lastedMs, this.#interruptedMs, this.#dueMs];
  }

  set state([side = 0, lastedMs = 0, interruptedMs = 0, dueMs = 0]: readonly number[]) {
    this.#side = side;
    this.#lastedMs = lastedMs;
    this.#interruptedMs = interruptedMs;
    this.#dueMs = dueMs;
  }
}
