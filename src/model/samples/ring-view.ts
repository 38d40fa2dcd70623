import type { Samples } from './columns.js';
import type { FitCalendar } from './fit-calendar.js';
import type { LevelShift } from './level-shift.js';

/**
 * A window onto one ring of one series in shared memory, cheap to hand to a worker. Bucket `s` (= floor(t / widthMs)) rests
 * at index `s mod capacity`; buckets outside (newestBucket − capacity, newestBucket] are not in the ring. The values are
 * `base + stored`, NaN where nothing came. The memory may change while it is read: a reader sees each bucket as it was at
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
  readonly newestBucket: number;
}

/** What a fit needs of a series. */
export interface TrainingView {
  /** Bucket means of the whole history at `resolution`. */
  readonly coarse: RingView;
  /** The last hours at `step`. */
  readonly fine: RingView;
  /** Mean variance of the steps within a coarse bucket: σ² of a single step = σ² of the buckets + this (law of total variance). 0 where unknown. */
  readonly withinBucketVariance: number;
  /** Accepted level shifts in order of time. */
  readonly levelShifts?: readonly LevelShift[];
  /** Spans of time that are excluded from fits. */
  readonly excluded?: readonly TimeSpan[];
  /** Spans of alarms: learnt anyway where the day before had such values. */
  readonly suspect?: readonly TimeSpan[];
  /** Without one the seasons go by UTC. */
  readonly calendar?: FitCalendar | undefined;
}

/** Rounding to 24 bits changes a number by half of this share of it at most; a base that moves rounds it again. */
const F32_ROUNDING = 2 ** -23;

/** A span of time, [fromMs, toMs). */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Index of a bucket in a ring of `capacity`; buckets before 1970 are negative. */
export function ringIndex(bucket: number, capacity: number): number {
  const rest = bucket % capacity;
  return rest < 0 ? rest + capacity : rest;
}

/** The memory of rings that are read one after another is the same: a view of it takes longer to make than to read. */
const wholes = {
  f32: new WeakMap<SharedArrayBuffer, Float32Array>(),
  f64: new WeakMap<SharedArrayBuffer, Float64Array>(),
};

/** All of the memory that a ring is in, in its format; the ring begins at `byteOffset / BYTES_PER_ELEMENT`. */
export function wholeMemory({ memory, format }: RingView): Float32Array | Float64Array {
  const known = wholes[format].get(memory);
  if (known !== undefined) return known;
  if (format === 'f64') {
    const made = new Float64Array(memory, 0, Math.floor(memory.byteLength / 8));
    wholes.f64.set(memory, made);
    return made;
  }
  const made = new Float32Array(memory);
  wholes.f32.set(memory, made);
  return made;
}

/** The ring's memory as numbers, by ring index: differences from `base`. Shared, not a copy. */
export function storedBuckets({ memory, byteOffset, capacity, format }: RingView): Float32Array | Float64Array {
  return format === 'f32'
    ? new Float32Array(memory, byteOffset, capacity)
    : new Float64Array(memory, byteOffset, capacity);
}

/** How far a value that is read from a ring may be from what was stored in it. */
export function roundingOf({ format, base }: RingView, value: number): number {
  return format === 'f32' ? F32_ROUNDING * Math.abs(value - base) : 0;
}

/** Copies the buckets that have a value and whose midpoint is in [fromMs, toMs], in time order; a bucket's time is its midpoint. */
export function readRing(view: RingView, fromMs = -Infinity, toMs = Infinity): Samples {
  const { capacity, base, widthMs, newestBucket } = view;
  const stored = storedBuckets(view);
  // What is left of the base is rounding.
  const nothing = view.format === 'f32' ? F32_ROUNDING * Math.abs(base) : 0;
  const firstBucket = Math.max(newestBucket - capacity + 1, Math.ceil(fromMs / widthMs - 0.5));
  const lastBucket = Math.min(newestBucket, Math.floor(toMs / widthMs - 0.5));
  const room = Math.max(0, lastBucket - firstBucket + 1);
  const timesMs = new Float64Array(room);
  const values = new Float64Array(room);
  let count = 0;
  for (let bucket = firstBucket; bucket <= lastBucket; bucket++) {
    const value = stored[ringIndex(bucket, capacity)]!;
    if (Number.isNaN(value)) continue;
    timesMs[count] = bucket * widthMs + widthMs / 2;
    const sum = base + value;
    values[count] = Math.abs(sum) <= nothing ? 0 : sum;
    count++;
  }
  return { timesMs: timesMs.subarray(0, count), values: values.subarray(0, count) };
}
