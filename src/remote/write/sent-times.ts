/** Publishing itself waits for a clock that was set back by up to this much and a minute; what is written meanwhile is no repetition. */
const MAX_WAITED_MS = 9 * 60_000;
/** Without anything sent for longer than this, another run begins: the clock may have been set ahead. */
const MAX_PAUSE_MS = 10 * 60_000;
const MAX_RUNS = 64;

/** From when to when something was sent, again and again. */
export interface Run {
  readonly fromMs: number;
  toMs: number;
}

/**
 * When a target was sent what it may have kept, by the clock of then. After that clock was set back, what is made at those times
 * again has other values for timestamps that the target has. Times that a clock went over are none of these: a clock that was
 * ahead and is right now goes on at once, until it comes to where it was ahead.
 */
export class SentTimes {
  /** In order of time, apart from each other. */
  #runs: Run[] = [];
  #repeated: Run | undefined;

  get runs(): readonly Readonly<Run>[] {
    return this.#runs;
  }

  /** Goes on from the runs of a process before, which may have sent more after it noted them. */
  restore(runs: readonly Run[], nowMs: number): void {
    this.#runs = runs.map((run) => ({ ...run })).sort((a, b) => a.fromMs - b.fromMs);
    const last = this.#runs.findLast(({ toMs }) => toMs <= nowMs);
    if (last !== undefined) last.toMs = Math.min(nowMs, last.toMs + MAX_WAITED_MS);
  }

  /** Takes in that something made at `madeMs` was sent, unless the target refused it. */
  add(madeMs: number): void {
    const at = this.#runs.findLastIndex(({ fromMs }) => fromMs <= madeMs);
    const run = this.#runs[at];
    if (run !== undefined && madeMs <= run.toMs + MAX_PAUSE_MS) {
      run.toMs = Math.max(run.toMs, madeMs);
      return;
    }
    this.#runs.splice(at + 1, 0, { fromMs: madeMs, toMs: madeMs });
    if (this.#runs.length > MAX_RUNS) this.#runs.shift();
  }

  /** Until when what is made now repeats what was sent; undefined where it does not. To be asked in the order in which things are made. */
  repeatedUntilMs(nowMs: number): number | undefined {
    const goesOn = this.#repeated !== undefined && contains(this.#repeated, nowMs);
    if (!goesOn) this.#repeated = this.#runs.find((run) => contains(run, nowMs) && nowMs < run.toMs - MAX_WAITED_MS);
    return this.#repeated?.toMs;
  }
}

function contains({ fromMs, toMs }: Run, timeMs: number): boolean {
  return timeMs >= fromMs && timeMs <= toMs;
}
