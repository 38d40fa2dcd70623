import type { Samples } from './columns.js';

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
}

/** Copies the slots that have a value, in time order; a slot's time is its midpoint. */
export function readRing(view: RingView): Samples {
  const { capacity, base, widthMs, newestSlot } = view;
  const stored =
    view.format === 'f32'
      ? new Float32Array(view.memory, view.byteOffset, capacity)
      : new Float64Array(view.memory, view.byteOffset, capacity);
  const timesMs = new Float64Array(capacity);
  const values = new Float64Array(capacity);
  let count = 0;
  for (let slot = newestSlot - capacity + 1; slot <= newestSlot; slot++) {
    const value = stored[((slot % capacity) + capacity) % capacity]!;
    if (Number.isNaN(value)) continue;
    timesMs[count] = slot * widthMs + widthMs / 2;
    values[count] = base + value;
    count++;
  }
  return { timesMs: timesMs.subarray(0, count), values: values.subarray(0, count) };
}
