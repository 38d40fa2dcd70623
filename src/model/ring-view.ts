import type { Samples } from './columns.js';
import type { LevelShift } from './level-shift.js';

/**
 * A window onto one ring of one series in shared memory, cheap to hand to a worker. Slot `s` (= floor(t / widthMs)) rests
 * at index `s mod capacity`; slots outside (newestSlot − capacity, newestSlot] are not in the ring. The values are
 * `base + stored`, NaN where nothing came. The memory may change while it is read: a reader sees each slot as it was at
 * some moment.
 */
export interface RingView {
  readonly memory: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly capacity: number;
  /** `f32` rings keep differences from `base`. */
  readonly format: 'f32' | 'f64';
  readonly base: number;
  readonly widthMs: number;
  readonly newestSlot: number;
}

/** What a fit needs of a series. */
export interface TrainingView {
  /** Slot means of the whole history at `resolution`. */
  readonly history: RingView;
  /** The last hours at `step`. */
  readonly steps: RingView;
  /** Mean variance of the steps within a history slot: σ² of a single step = σ² of the slots + this (law of total variance). 0 where unknown. */
  readonly withinSlotVariance: number;
  /** Levels the series took for good, in order of time; none where there are none. */
  readonly levelShifts?: readonly LevelShift[];
  /** Stretches of time that are not to be learnt from; none where there are none. */
  readonly excluded?: readonly TimeSpan[];
  /** Those of alarms: learnt all the same where the day before them has seen such values. */
  readonly suspect?: readonly TimeSpan[];
}

/** A stretch of time, [fromMs, toMs). */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Index of a slot in a ring of `capacity`; slots before 1970 are negative. */
export function ringIndex(slot: number, capacity: number): number {
  const rest = slot % capacity;
  return rest < 0 ? rest + capacity : rest;
}

/** The ring's memory as numbers, by ring index: differences from `base`. Shared, not a copy. */
export function storedSlots({ memory, byteOffset, capacity, format }: RingView): Float32Array | Float64Array {
  return format === 'f32'
    ? new Float32Array(memory, byteOffset, capacity)
    : new Float64Array(memory, byteOffset, capacity);
}

/** Copies the slots that have a value and whose midpoint is in [fromMs, toMs], in time order; a slot's time is its midpoint. */
export function readRing(view: RingView, fromMs = -Infinity, toMs = Infinity): Samples {
  const { capacity, base, widthMs, newestSlot } = view;
  const stored = storedSlots(view);
  const firstSlot = Math.max(newestSlot - capacity + 1, Math.ceil(fromMs / widthMs - 0.5));
  const lastSlot = Math.min(newestSlot, Math.floor(toMs / widthMs - 0.5));
  const room = Math.max(0, lastSlot - firstSlot + 1);
  const timesMs = new Float64Array(room);
  const values = new Float64Array(room);
  let count = 0;
  for (let slot = firstSlot; slot <= lastSlot; slot++) {
    const value = stored[ringIndex(slot, capacity)]!;
    if (Number.isNaN(value)) continue;
    timesMs[count] = slot * widthMs + widthMs / 2;
    values[count] = base + value;
    count++;
  }
  return { timesMs: timesMs.subarray(0, count), values: values.subarray(0, count) };
}
