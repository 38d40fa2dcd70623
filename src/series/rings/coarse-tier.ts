import { ringIndex } from '../../model/samples/ring-view.js';
import type { SeriesTable } from '../series-table.js';
import type { RingPool } from './ring-slab.js';

const DAY_MS = 24 * 3_600_000;

/** How far values may lie from the base, in spreads of the last hours: Float32 then still resolves 2^-24 × 2^10 of that spread. */
const MAX_OFFSET_SPREADS = 2 ** 10;

/**
 * The coarse tier of the series of one layout: each bucket is the mean of its steps, stored in Float32 as the difference from
 * a base of the series. A bucket is derived from the fine tier as long as that still has all its steps: when a step is
 * closed, and for the open step when it is read (a cache miss less for every sample).
 */
export class CoarseTier {
  readonly #table: SeriesTable;
  readonly #pool: RingPool;
  readonly #steps: number;
  readonly #capacity: number;
  readonly #stepsPerBucket: number;
  /** The variance within buckets is averaged over about a day: one daily cycle. */
  readonly #varianceBuckets: number;

  constructor(table: SeriesTable, pool: RingPool, resolutionMs: number) {
    this.#table = table;
    this.#pool = pool;
    this.#steps = pool.geometry.fineBuckets;
    this.#capacity = pool.geometry.coarseBuckets;
    this.#stepsPerBucket = pool.geometry.stepsPerBucket;
    this.#varianceBuckets = Math.max(16, Math.round(DAY_MS / resolutionMs));
  }

  /** The bucket a step belongs to. */
  bucketOf(step: number): number {
    return Math.floor(step / this.#stepsPerBucket);
  }

  /** Where the ring starts within its slab, in Float32 elements. */
  offset(handle: number): number {
    return this.#pool.byteOffset(handle) / 4 + 2 * this.#steps;
  }

  /** Whether the fine tier still has every step of a bucket. */
  derivable(bucket: number, newestStep: number): boolean {
    return bucket * this.#stepsPerBucket > newestStep - this.#steps;
  }

  /** Whether the ring still holds this bucket. */
  holds(bucket: number, newestStep: number): boolean {
    const newest = this.bucketOf(newestStep);
    return bucket <= newest && bucket > newest - this.#capacity;
  }

  /** Sets a derivable bucket to the mean of its steps. */
  derive(id: number, bucket: number, newestStep: number): void {
    const handle = this.#table.handle[id]!;
    const slab = this.#pool.slab(handle);
    const fine = this.#pool.byteOffset(handle) / 8;
    const first = bucket * this.#stepsPerBucket;
    const last = Math.min(first + this.#stepsPerBucket - 1, newestStep);
    let base = this.#table.base[id]!;
    let sum = 0;
    let count = 0;
    let index = ringIndex(first, this.#steps);
    for (let step = first; step <= last; step++) {
      const value = slab.f64[fine + index]!;
      if (!Number.isNaN(value)) {
        if (Number.isNaN(base)) {
          base = value;
          this.#table.base[id] = value;
        }
        // Differences are summed, not values: 1e12 ± 1 keeps all its digits.
        sum += value - base;
        count++;
      }
      if (++index === this.#steps) index = 0;
    }
    if (count > 0) slab.f32[this.offset(handle) + ringIndex(bucket, this.#capacity)] = sum / count;
  }

  /** Gives an empty bucket a value. Returns whether it was empty. */
  fill(id: number, bucket: number, value: number): boolean {
    const handle = this.#table.handle[id]!;
    const isEmpty = Number.isNaN(this.#pool.slab(handle).f32[this.offset(handle) + ringIndex(bucket, this.#capacity)]);
    if (isEmpty) this.set(id, bucket, value);
    return isEmpty;
  }

  /** Gives a bucket a value, whatever it had. */
  set(id: number, bucket: number, value: number): void {
    const handle = this.#table.handle[id]!;
    if (Number.isNaN(this.#table.base[id])) this.#table.base[id] = value;
    const index = this.offset(handle) + ringIndex(bucket, this.#capacity);
    this.#pool.slab(handle).f32[index] = value - this.#table.base[id]!;
  }

  /** Closes the step `fromStep` and opens `toStep`; coarse buckets between theirs become empty. */
  advance(id: number, fromStep: number, toStep: number): void {
    const from = this.bucketOf(fromStep);
    const to = this.bucketOf(toStep);
    this.derive(id, from, fromStep);
    if (from === to) return;
    this.#close(id, from, fromStep);
    const handle = this.#table.handle[id]!;
    const { f32 } = this.#pool.slab(handle);
    const offset = this.offset(handle);
    for (let bucket = Math.max(from + 1, to - this.#capacity + 1); bucket <= to; bucket++) {
      f32[offset + ringIndex(bucket, this.#capacity)] = Number.NaN;
    }
  }

  /** Adds the variance of a bucket's steps to the mean of the series, and moves the base if it is too far. */
  #close(id: number, bucket: number, newestStep: number): void {
    const table = this.#table;
    const handle = table.handle[id]!;
    const { f64 } = this.#pool.slab(handle);
    const fine = this.#pool.byteOffset(handle) / 8;
    const first = bucket * this.#stepsPerBucket;
    // Deviations from any one of the steps are as small as they differ, whatever their offset.
    let shift = Number.NaN;
    let sum = 0;
    let squares = 0;
    let count = 0;
    let low = Infinity;
    let high = -Infinity;
    for (let step = first; step < first + this.#stepsPerBucket && step <= newestStep; step++) {
      const value = f64[fine + ringIndex(step, this.#steps)]!;
      if (Number.isNaN(value)) continue;
      if (count === 0) shift = value;
      sum += value - shift;
      squares += (value - shift) ** 2;
      count++;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (count >= 2 && bucket !== table.unusualBucket[id]!)
      table.addVariance(id, Math.max(0, squares - (sum * sum) / count) / count, this.#varianceBuckets);
    // The spread of one bucket is at most that of the last hours, so this cheap check mostly suffices.
    if (isFar(table.base[id]!, low, high)) this.#rebase(id, newestStep);
  }

  /**
   * Float32 keeps 24 bits of the difference from the base, so a base far away, counted in spreads of what the series
   * does now, costs its digits: 1e12 ± 1 kept as differences from 0 would be steps of 65,536. The base then moves into
   * the range of the last hours, and what the fine tier still has is derived again, without loss. As every base lies
   * among the values of the series, the older buckets are never rounded by more than 2^-24 of their whole spread.
   */
  #rebase(id: number, newestStep: number): void {
    const table = this.#table;
    const handle = table.handle[id]!;
    const { f64, f32 } = this.#pool.slab(handle);
    const fine = this.#pool.byteOffset(handle) / 8;
    let low = Infinity;
    let high = -Infinity;
    for (let i = fine; i < fine + this.#steps; i++) {
      const value = f64[i]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const base = table.base[id]!;
    if (!isFar(base, low, high)) return;
    const moved = low + (high - low) / 2;
    table.base[id] = moved;
    const offset = this.offset(handle);
    for (let i = offset; i < offset + this.#capacity; i++) f32[i] = f32[i]! + (base - moved);
    const newest = this.bucketOf(newestStep);
    for (let bucket = newest; this.derivable(bucket, newestStep) && this.holds(bucket, newestStep); bucket--) {
      this.derive(id, bucket, newestStep);
    }
  }
}

/** Whether values in [low, high] lie too far from a base; never where there are no values. */
function isFar(base: number, low: number, high: number): boolean {
  return low <= high && Math.max(Math.abs(low - base), Math.abs(high - base)) > MAX_OFFSET_SPREADS * (high - low);
}
