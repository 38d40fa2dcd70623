import { totalmem } from 'node:os';

/** The rest is for what grows after series were let in: models, queues while a target is down, a snapshot under way. */
const DEFAULT_SHARE = 0.75;
/** What the process takes without series (docs/operations.md#sizing has 300 MiB with all that comes and goes). */
const PROCESS_BYTES = 200 * 2 ** 20;
/** One series at default settings, workers included (`npm run bench -- memory`, `-- fleet`). */
const SERIES_BYTES = 16 * 2 ** 10;
/** Reading the size of the process takes some 10 µs, and a request may ask for each of its series. */
const MEASURE_INTERVAL_MS = 100;
/**
 * What a series takes once it has a model, as a share of what it holds when it comes: 4.8 of 10.8 KiB at default settings,
 * measured with 14,665 series in 600 MB.
 */
const GROWTH_SHARE = 0.45;
/** By then a new series has its first models. */
const GROWTH_MS = 20 * 60_000;
const GROWTH_INTERVAL_MS = 60_000;

/** How much memory the process may have: the limit of its cgroup (v1 or v2), or the machine's. */
export function availableMemoryBytes(): number {
  // libuv reads both kinds of cgroup; without a limit it answers 0, or more than there is.
  const limit = process.constrainedMemory() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** The budget where none is set. */
export function defaultBudgetBytes(): number {
  return Math.floor(DEFAULT_SHARE * availableMemoryBytes());
}

/**
 * Whether the process has memory for one series more. The whole of its resident memory counts: series, models, caches,
 * queues and the bodies of requests. It is measured from time to time; in between, what the series have grown by since is
 * added, because one request may bring thousands.
 */
export class MemoryBudget {
  /** Infinity: there is none. */
  readonly budgetBytes: number;
  readonly #now: () => number;
  readonly #residentBytes: () => number;
  #measuredMs = Number.NEGATIVE_INFINITY;
  #measuredBytes = 0;
  #heldWhenMeasured = 0;
  /** What the series held at times of the last `GROWTH_MS`, oldest first. */
  readonly #held: { readonly timeMs: number; readonly bytes: number }[] = [];

  /** A budget of 0 bytes means none. The clock is in milliseconds and need not be that of the day. */
  constructor(
    budgetBytes: number,
    {
      now = () => performance.now(),
      residentBytes = process.memoryUsage.rss,
    }: { readonly now?: () => number; readonly residentBytes?: () => number } = {},
  ) {
    this.budgetBytes = budgetBytes === 0 ? Number.POSITIVE_INFINITY : budgetBytes;
    this.#now = now;
    this.#residentBytes = residentBytes;
  }

  /**
   * `heldBytes` is the memory that the series hold now. Where the next one is new, so may others be that have not grown to
   * their size yet; those of a snapshot have.
   */
  hasRoom(heldBytes: number, isNew = true): boolean {
    if (this.budgetBytes === Number.POSITIVE_INFINITY) return true;
    const nowMs = this.#now();
    if (nowMs - this.#measuredMs >= MEASURE_INTERVAL_MS) {
      this.#measuredMs = nowMs;
      this.#measuredBytes = this.#residentBytes();
      this.#heldWhenMeasured = heldBytes;
    }
    const bytes = this.#measuredBytes + Math.max(0, heldBytes - this.#heldWhenMeasured);
    if (!isNew) this.#held.length = 0;
    return bytes + (isNew ? this.#growthBytes(heldBytes, nowMs) : 0) < this.budgetBytes;
  }

  /** What the series that came lately will take more. */
  #growthBytes(heldBytes: number, nowMs: number): number {
    const held = this.#held;
    if (nowMs - (held.at(-1)?.timeMs ?? Number.NEGATIVE_INFINITY) >= GROWTH_INTERVAL_MS) {
      held.push({ timeMs: nowMs, bytes: heldBytes });
      while (held.length > 1 && nowMs - held[1]!.timeMs >= GROWTH_MS) held.shift();
    }
    return GROWTH_SHARE * Math.max(0, heldBytes - held[0]!.bytes);
  }

  /** How many series at default settings the budget has room for, from 1 to `most`. */
  seriesRoom(most: number): number {
    return Math.min(most, Math.max(1, Math.floor((this.budgetBytes - PROCESS_BYTES) / SERIES_BYTES)));
  }
}
