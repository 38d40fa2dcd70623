import { grow } from '../../lib/grow.js';
import { LabelIndex } from '../labels/label-index.js';
import type { SeriesStats } from '../series-stats.js';

/** What one block costs beside its bytes, with columns and hash table just doubled: 2 × (4 columns × 4) + 8 / 0.375. */
const BLOCK_OVERHEAD_BYTES = 54;

/** Remembers, in bounded memory, which label blocks are not tracked and why, or under which ref they mark events. */
export class IgnoredSeries {
  readonly #index = new LabelIndex();
  readonly #maxBytes: number;
  readonly #stats: SeriesStats;
  #code = new Int32Array(0);

  /** Keeps `ignoredEntries` and `ignoredResets` of the stats. */
  constructor(maxBytes: number, stats: SeriesStats) {
    this.#maxBytes = maxBytes;
    this.#stats = stats;
  }

  predictNext(view: DataView, start: number, end: number): number {
    return this.#index.predictNext(view, start, end);
  }

  find(view: DataView, start: number, end: number, hash: number): number {
    return this.#index.find(view, start, end, hash);
  }

  /** Why a block is not tracked: one of `Untracked`, or the ref of a marker. */
  codeOf(blockId: number): number {
    return this.#code[blockId]!;
  }

  /** Remembers a block that `find` did not find, if need be by forgetting all others. */
  add(view: DataView, start: number, end: number, hash: number, code: number): void {
    // A huge block must not evict all others; it is decided on again each time.
    if (16 * (end - start) > this.#maxBytes) return;
    // A buffer that grows by doubling is up to twice as large as what it holds.
    const bytes = 2 * (this.#index.liveBytes + end - start) + (this.#index.size + 1) * BLOCK_OVERHEAD_BYTES;
    if (bytes > this.#maxBytes) {
      this.clear();
      this.#stats.ignoredResets++;
    }
    const blockId = this.#index.add(view, start, end, hash);
    this.#code = grow(this.#code, blockId + 1);
    this.#code[blockId] = code;
    this.#stats.ignoredEntries = this.#index.size;
  }

  remove(blockId: number): void {
    this.#index.remove(blockId);
    this.#stats.ignoredEntries = this.#index.size;
  }

  clear(): void {
    this.#index.clear();
    this.#code = new Int32Array(0);
    this.#stats.ignoredEntries = 0;
  }
}
