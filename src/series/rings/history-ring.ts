import { ringIndex } from '../../model/ring-view.js';
import type { SeriesTable } from '../series-table.js';
import type { RingPool } from './ring-slab.js';

const DAY_MS = 24 * 3_600_000;

/** How far values may lie from the base, in spreads of the last hours: Float32 then still resolves 2^-24 × 2^10 of that spread. */
const MAX_OFFSET_SPREADS = 2 ** 10;

/**
 * The coarse tier of the series of one plan: each slot is the mean of its steps, kept in Float32 as the difference from
 * a base of the series. A slot is derived from the fine tier as long as that still has all its steps: when a step is
 * closed, and for the open step when somebody looks (a cache miss less for every sample).
 */
export class HistoryRing {
  readonly #table: SeriesTable;
  readonly #pool: RingPool;
  readonly #steps: number;
  readonly #capacity: number;
  readonly #stepsPerSlot: number;
  /** The variance within slots is averaged over about a day: one daily cycle. */
  readonly #varianceSlots: number;

  constructor(table: SeriesTable, pool: RingPool, resolutionMs: number) {
    this.#table = table;
    this.#pool = pool;
    this.#steps = pool.geometry.steps;
    this.#capacity = pool.geometry.history;
    this.#stepsPerSlot = pool.geometry.stepsPerSlot;
    this.#varianceSlots = Math.max(16, Math.round(DAY_MS / resolutionMs));
  }

  /** The slot a step belongs to. */
  slotOf(step: number): number {
    return Math.floor(step / this.#stepsPerSlot);
  }

  /** Where the ring starts within its slab, in Float32 elements. */
  offset(place: number): number {
    return this.#pool.byteOffset(place) / 4 + 2 * this.#steps;
  }

  /** Whether the fine tier still has every step of a slot. */
  derivable(slot: number, newestStep: number): boolean {
    return slot * this.#stepsPerSlot > newestStep - this.#steps;
  }

  /** Whether the ring has a place for this slot. */
  holds(slot: number, newestStep: number): boolean {
    const newest = this.slotOf(newestStep);
    return slot <= newest && slot > newest - this.#capacity;
  }

  /** Sets a derivable slot to the mean of its steps. */
  derive(id: number, slot: number, newestStep: number): void {
    const place = this.#table.place[id]!;
    const slab = this.#pool.slab(place);
    const fine = this.#pool.byteOffset(place) / 8;
    const first = slot * this.#stepsPerSlot;
    const last = Math.min(first + this.#stepsPerSlot - 1, newestStep);
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
    if (count > 0) slab.f32[this.offset(place) + ringIndex(slot, this.#capacity)] = sum / count;
  }

  /** Gives an empty slot a value. Returns whether it was empty. */
  fill(id: number, slot: number, value: number): boolean {
    const place = this.#table.place[id]!;
    const isEmpty = Number.isNaN(this.#pool.slab(place).f32[this.offset(place) + ringIndex(slot, this.#capacity)]);
    if (isEmpty) this.set(id, slot, value);
    return isEmpty;
  }

  /** Gives a slot a value, whatever it had. */
  set(id: number, slot: number, value: number): void {
    const place = this.#table.place[id]!;
    if (Number.isNaN(this.#table.base[id])) this.#table.base[id] = value;
    const index = this.offset(place) + ringIndex(slot, this.#capacity);
    this.#pool.slab(place).f32[index] = value - this.#table.base[id]!;
  }

  /** Closes the step `fromStep` and opens `toStep`; history slots between theirs become empty. */
  advance(id: number, fromStep: number, toStep: number): void {
    const from = this.slotOf(fromStep);
    const to = this.slotOf(toStep);
    this.derive(id, from, fromStep);
    if (from === to) return;
    this.#close(id, from, fromStep);
    const place = this.#table.place[id]!;
    const { f32 } = this.#pool.slab(place);
    const offset = this.offset(place);
    for (let slot = Math.max(from + 1, to - this.#capacity + 1); slot <= to; slot++) {
      f32[offset + ringIndex(slot, this.#capacity)] = Number.NaN;
    }
  }

  /** Adds the variance of a slot's steps to the series' mean, and looks after the base. */
  #close(id: number, slot: number, newestStep: number): void {
    const table = this.#table;
    const place = table.place[id]!;
    const { f64 } = this.#pool.slab(place);
    const fine = this.#pool.byteOffset(place) / 8;
    const first = slot * this.#stepsPerSlot;
    // Deviations from any one of the steps are as small as they differ, whatever their offset.
    let shift = Number.NaN;
    let sum = 0;
    let squares = 0;
    let count = 0;
    let low = Infinity;
    let high = -Infinity;
    for (let step = first; step < first + this.#stepsPerSlot && step <= newestStep; step++) {
      const value = f64[fine + ringIndex(step, this.#steps)]!;
      if (Number.isNaN(value)) continue;
      if (count === 0) shift = value;
      sum += value - shift;
      squares += (value - shift) ** 2;
      count++;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    if (count >= 2 && slot !== table.unusualSlot[id]!)
      table.addVariance(id, Math.max(0, squares - (sum * sum) / count) / count, this.#varianceSlots);
    // One slot's spread is no more than that of the last hours: mostly this tells that all is well.
    if (isFar(table.base[id]!, low, high)) this.#rebase(id, newestStep);
  }

  /**
   * Float32 keeps 24 bits of the difference from the base, so a base far away, counted in spreads of what the series
   * does now, costs its digits: 1e12 ± 1 kept as differences from 0 would be steps of 65,536. The base then moves into
   * the range of the last hours, and what the fine tier still has is derived again, without loss. As every base lies
   * among the values of the series, the older slots are never rounded by more than 2^-24 of their whole spread.
   */
  #rebase(id: number, newestStep: number): void {
    const table = this.#table;
    const place = table.place[id]!;
    const { f64, f32 } = this.#pool.slab(place);
    const fine = this.#pool.byteOffset(place) / 8;
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
    const offset = this.offset(place);
    for (let i = offset; i < offset + this.#capacity; i++) f32[i] = f32[i]! + (base - moved);
    const newest = this.slotOf(newestStep);
    for (let slot = newest; this.derivable(slot, newestStep) && this.holds(slot, newestStep); slot--) {
      this.derive(id, slot, newestStep);
    }
  }
}

/** Whether values in [low, high] lie too far from a base; never where there are no values. */
function isFar(base: number, low: number, high: number): boolean {
  return low <= high && Math.max(Math.abs(low - base), Math.abs(high - base)) > MAX_OFFSET_SPREADS * (high - low);
}
