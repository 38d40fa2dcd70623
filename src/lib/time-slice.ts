/** How long a long piece of work may hold the event loop before it lets requests in. */
const SLICE_MS = 10;

/**
 * Pieces of work that share the event loop: in each of its turns the one that has waited longest goes on for a slice, so that
 * a turn takes no longer with many of them.
 */
export class LoopShare {
  #waiting: (() => void)[] = [];
  #next: NodeJS.Immediate | undefined;
  #endMs = Number.NEGATIVE_INFINITY;

  /**
   * When the slice ends that all work shares that begins now: hundreds of requests may come in one turn. Another slice begins
   * where nothing waits, and the last one has been over for as long as a slice is.
   */
  get endMs(): number {
    const nowMs = performance.now();
    const isOfNow = Math.abs(nowMs - this.#endMs) <= SLICE_MS;
    if (!this.#isNextDue && !isOfNow) this.#endMs = nowMs + SLICE_MS;
    return this.#endMs;
  }

  /** Resolves when its turn comes. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isNextDue) {
        this.#waiting.push(resolve);
        return;
      }
      this.#waiting = [resolve];
      this.#arm();
    });
  }

  /** Not where its immediate was cleared: what waits for that one is lost with it, and keeps nothing else waiting. */
  get #isNextDue(): boolean {
    return this.#next?.hasRef() ?? false;
  }

  #arm(): void {
    // An immediate that is set by another one runs in the next turn.
    this.#next = setImmediate(() => {
      this.#waiting.shift()!();
      if (this.#waiting.length > 0) this.#arm();
    });
  }
}

/** What keeps the service going: samples taken in, evaluations, snapshots. */
const SERVICE = new LoopShare();

/** Cuts a long piece of work into slices that leave the event loop free in between. */
export class TimeSlice {
  readonly #share: LoopShare;
  #endMs: number;

  /** Work of another `share` goes on beside that of the service, which has one of its own. */
  constructor(share: LoopShare = SERVICE) {
    this.#share = share;
    this.#endMs = share.endMs;
  }

  /** Whether it is time to `pause`. */
  get isOver(): boolean {
    return performance.now() >= this.#endMs;
  }

  /** Lets everything else that is due run first. */
  async pause(): Promise<void> {
    await this.#share.wait();
    this.#endMs = performance.now() + SLICE_MS;
  }
}
