import { TokenBucket } from '../lib/token-bucket.js';
import type { Rule } from '../model/settings/settings.js';

/** Decides whether there is memory for one series more. */
export interface MemoryLimit {
  readonly budgetBytes: number;
  /** `heldBytes` is the memory that the series hold now; one that comes from a snapshot is not new. */
  hasRoom(heldBytes: number, isNew?: boolean): boolean;
}

export interface SeriesLimitOptions {
  readonly maxSeries: number;
  /** New series a second; without it as many as come. */
  readonly maxNewSeriesPerSecond?: number;
  /** Without one, `maxSeries` alone bounds the memory. */
  readonly memory?: MemoryLimit;
}

/** Why one more series is refused: a key of `Untracked`. */
export type SeriesLimit = 'seriesLimit' | 'memoryLimit' | 'newSeriesLimit' | 'ruleLimit';

/** Counts series against the limits there are of them. */
export class SeriesLimits {
  readonly #maxSeries: number;
  readonly #memory: MemoryLimit | undefined;
  readonly #newSeries: TokenBucket;
  readonly #ofRule = new Map<string, number>();
  /** Rules that were full and have room again. */
  readonly #reopened = new Set<string>();
  #series = 0;
  #nowMs = 0;

  constructor({ maxSeries, memory, maxNewSeriesPerSecond = Number.POSITIVE_INFINITY }: SeriesLimitOptions) {
    this.#maxSeries = maxSeries;
    this.#memory = memory;
    this.#newSeries = new TokenBucket(maxNewSeriesPerSecond, 0);
  }

  /** Sets the clock by which new series are counted. */
  set nowMs(nowMs: number) {
    this.#nowMs = nowMs;
  }

  /** Why no series at all would be let in, however it is called. `heldBytes` is the memory that the series hold. */
  fullBecause(heldBytes: number, isNew = true): 'seriesLimit' | 'memoryLimit' | undefined {
    if (this.#series >= this.#maxSeries) return 'seriesLimit';
    return this.#memory?.hasRoom(heldBytes, isNew) === false ? 'memoryLimit' : undefined;
  }

  /** Why one more series of this rule would be refused; one that comes from a snapshot is not new. */
  refusal(rule: Rule, heldBytes: number, isNew: boolean): SeriesLimit | undefined {
    const full = this.fullBecause(heldBytes, isNew);
    if (full !== undefined) return full;
    if (this.ofRule(rule) >= limitOf(rule)) return 'ruleLimit';
    return isNew && this.#newSeries.waitMs(this.#nowMs) > 0 ? 'newSeriesLimit' : undefined;
  }

  /** Whether a series that was refused for `reason` may be admitted now, as far as that is known without its rule. */
  mayHavePassed(reason: SeriesLimit): boolean {
    if (this.#newSeries.waitMs(this.#nowMs) > 0) return false;
    return reason !== 'ruleLimit' || this.#reopened.size > 0;
  }

  /** Series of a rule that are tracked. */
  ofRule({ name }: Rule): number {
    return this.#ofRule.get(name) ?? 0;
  }

  added(rule: Rule, isNew: boolean): void {
    if (isNew) this.#newSeries.take(1);
    this.#series++;
    this.#countOfRule(rule, 1);
  }

  removed(rule: Rule): void {
    this.#series--;
    this.#countOfRule(rule, -1);
  }

  /** A series has another rule now. */
  moved(from: Rule, to: Rule): void {
    this.#countOfRule(from, -1);
    this.#countOfRule(to, 1);
  }

  #countOfRule(rule: Rule, change: number): void {
    const before = this.ofRule(rule);
    const after = before + change;
    if (after === 0) this.#ofRule.delete(rule.name);
    else this.#ofRule.set(rule.name, after);
    const limit = limitOf(rule);
    if (after >= limit) this.#reopened.delete(rule.name);
    else if (before >= limit) this.#reopened.add(rule.name);
  }
}

function limitOf({ maxSeries }: Rule): number {
  return maxSeries ?? Number.POSITIVE_INFINITY;
}
