import { type RingView, readRing, ringIndex } from '../../model/samples/ring-view.js';
import { SampleOutcome } from '../../model/samples/write-sink.js';
import type { Aggregate } from '../../model/settings/settings.js';
import { ALL_PARTS, type SeriesTable } from '../series-table.js';
import { CoarseTier } from './coarse-tier.js';
import {
  countClimb,
  countRefutingFall,
  countWhole,
  GAUGE_FALLS,
  isCounter,
  isPartialFall,
  REFUTING_FALLS,
  weighFall,
} from './counter-behavior.js';
import { deriveRates } from './derive-rates.js';
import type { RingGeometry } from './ring-geometry.js';
import type { RingPool } from './ring-slab.js';
import { aggregateOf, counterIncrease, isDip, maxPairGapMs, runningMean } from './step-aggregate.js';

/** How far back a step is compared with the one with a value before it: a scrape every quarter of an hour at a step of 1m. */
const MAX_CLIMB_STEPS = 16;

/** How samples become buckets. */
export interface RingOptions {
  readonly aggregate: Aggregate;
  readonly stepMs: number;
  readonly resolutionMs: number;
  readonly pool: RingPool;
}

/**
 * The rings of all series with the same aggregate and geometry: the fine tier here, the coarse one in `CoarseTier`.
 * Every sample is written at once, so readers see the current value of the open step, which is that of the newest
 * sample.
 */
export class SampleRings {
  readonly aggregate: Aggregate;
  readonly stepMs: number;
  readonly resolutionMs: number;
  readonly #table: SeriesTable;
  readonly #pool: RingPool;
  readonly #coarse: CoarseTier;
  readonly #capacity: number;
  readonly #maxPairGapMs: number;

  constructor(table: SeriesTable, { aggregate, stepMs, resolutionMs, pool }: RingOptions) {
    this.aggregate = aggregate;
    this.stepMs = stepMs;
    this.resolutionMs = resolutionMs;
    this.#table = table;
    this.#pool = pool;
    this.#coarse = new CoarseTier(table, pool, resolutionMs);
    this.#capacity = pool.geometry.fineBuckets;
    this.#maxPairGapMs = maxPairGapMs(stepMs);
  }

  /** Whether rings of `other` are as good as rings of this. */
  sameLayout(other: SampleRings): boolean {
    return this.aggregate === other.aggregate && this.stepMs === other.stepMs && this.#pool === other.#pool;
  }

  /**
   * Whether buckets of this can be made from coarse buckets of `other`: means of means, but not maxima of other steps.
   */
  canTakeOver(other: SampleRings): boolean {
    const sameSteps = this.stepMs === other.stepMs || this.aggregate === 'mean' || this.aggregate === 'rate';
    return this.aggregate === other.aggregate && sameSteps && this.resolutionMs % other.resolutionMs === 0;
  }

  /** Gives a series empty rings. */
  open(id: number): void {
    this.#table.handle[id] = this.#pool.take();
  }

  /** Frees a series' rings. */
  close(id: number): void {
    this.#pool.release(this.#table.handle[id]!);
  }

  /** The memory of a series' rings. Shared, not a copy. */
  bytes(id: number): Uint8Array {
    return this.#pool.bytes(this.#table.handle[id]!);
  }

  get geometry(): RingGeometry {
    return this.#pool.geometry;
  }

  /**
   * Adds one finite sample. Returns `stored`, `duplicate` or `late`. `startMs` is when its counter began to count, 0 where
   * that is not known.
   */
  append(id: number, timeMs: number, value: number, startMs = 0): SampleOutcome {
    const table = this.#table;
    const newestMs = table.newestMs[id]!;
    if (timeMs === newestMs) return SampleOutcome.duplicate;
    const step = Math.floor(timeMs / this.stepMs);
    const newestStep = Math.floor(newestMs / this.stepMs);
    if (timeMs < newestMs) {
      if (step < newestStep) return this.#appendToClosed(id, step, timeMs, value);
      if (this.aggregate === 'last' || this.aggregate === 'rate') return SampleOutcome.late;
      // A maximum is none the greater for it, but a mean is another.
      if (this.aggregate === 'mean' && (table.openParts[id]! & this.#partOf(step, timeMs)) !== 0)
        return SampleOutcome.late;
    } else {
      if (step !== newestStep) {
        if (timeMs - newestMs > this.#maxPairGapMs) this.#forgetZero(id, newestStep);
        this.#advance(id, newestStep, step);
      }
      table.newestMs[id] = timeMs;
      if (this.aggregate === 'mean') this.#noteFall(id, value);
    }
    this.#noteFirst(id, timeMs);
    table.openParts[id]! |= this.#partOf(step, timeMs);
    if (this.aggregate === 'rate') this.#addIncrease(id, step, timeMs, newestMs, startMs, value);
    else this.#aggregate(id, step, value);
    return SampleOutcome.stored;
  }

  /** Gives an empty step that is still in the ring a value, and its coarse bucket with it. Returns whether it did. */
  fillStep(id: number, step: number, value: number): boolean {
    return Number.isNaN(this.stepValue(id, step)) && this.setStep(id, step, value);
  }

  /** Gives a step that is still in the ring a value, whatever it had, and its coarse bucket with it. Returns whether it did. */
  setStep(id: number, step: number, value: number): boolean {
    const newestStep = this.newestStep(id);
    if (step > newestStep || step <= newestStep - this.#capacity) return false;
    this.#slab(id).f64[this.#offset(id) + ringIndex(step, this.#capacity)] = value;
    const bucket = this.#coarse.bucketOf(step);
    if (!this.#coarse.holds(bucket, newestStep)) return true;
    if (this.#coarse.derivable(bucket, newestStep)) this.#coarse.derive(id, bucket, newestStep);
    else this.#coarse.fill(id, bucket, value);
    return true;
  }

  /** Gives an empty coarse bucket that is still in the ring a value. Returns whether it did. */
  fillBucket(id: number, bucket: number, value: number): boolean {
    return this.#coarse.holds(bucket, this.newestStep(id)) && this.#coarse.fill(id, bucket, value);
  }

  /** Gives a coarse bucket that is still in the ring a value, whatever it had. */
  setBucket(id: number, bucket: number, value: number): void {
    if (this.#coarse.holds(bucket, this.newestStep(id))) this.#coarse.set(id, bucket, value);
  }

  /** Whether between the steps of these two samples, the newest there are, lies more than twice the silence before them. */
  isUnusualSilence(id: number, beforeMs: number, afterMs: number): boolean {
    const from = Math.floor(beforeMs / this.stepMs);
    const length = Math.floor(afterMs / this.stepMs) - from;
    for (let step = from - 1; 2 * (from - step) < length; step--) {
      if (!Number.isNaN(this.stepValue(id, step))) return true;
    }
    return false;
  }

  /** The step of the newest sample, NaN before the first. */
  newestStep(id: number): number {
    return Math.floor(this.#table.newestMs[id]! / this.stepMs);
  }

  /** The value of the newest sample; of maxima, minima and last samples that of its step. NaN before the first. */
  newestValue(id: number): number {
    const isKept = this.aggregate === 'mean' || this.aggregate === 'rate';
    return isKept ? this.#table.newestValue[id]! : this.stepValue(id, this.newestStep(id));
  }

  /** The aggregate of one step, NaN where nothing came or the ring does not reach. */
  stepValue(id: number, step: number): number {
    const newestStep = this.newestStep(id);
    if (!(step <= newestStep && step > newestStep - this.#capacity)) return Number.NaN;
    return this.#slab(id).f64[this.#offset(id) + ringIndex(step, this.#capacity)]!;
  }

  fineView(id: number): RingView {
    return {
      memory: this.#slab(id).memory,
      byteOffset: this.#pool.byteOffset(this.#table.handle[id]!),
      capacity: this.#capacity,
      format: 'f64',
      base: 0,
      widthMs: this.stepMs,
      newestBucket: orZero(this.newestStep(id)),
    };
  }

  /** What the values of the history are differences from; 0 before the first. */
  coarseBase(id: number): number {
    return orZero(this.#table.base[id]!);
  }

  /** The coarse tier, including the open step. */
  coarseView(id: number): RingView {
    const newestStep = this.newestStep(id);
    const newestBucket = this.#coarse.bucketOf(newestStep);
    if (!Number.isNaN(newestStep)) this.#coarse.derive(id, newestBucket, newestStep);
    return {
      memory: this.#slab(id).memory,
      byteOffset: 4 * this.#coarse.offset(this.#table.handle[id]!),
      capacity: this.#pool.geometry.coarseBuckets,
      format: 'f32',
      base: this.coarseBase(id),
      widthMs: this.resolutionMs,
      newestBucket: orZero(newestBucket),
    };
  }

  /** The bit of a time in the open step (see `SeriesTable.openParts`). */
  #partOf(step: number, timeMs: number): number {
    return 1 << Math.floor((32 * (timeMs - step * this.stepMs)) / this.stepMs);
  }

  /**
   * A sample of a step that is over: taken where the step was empty, and after such a one, in order of time. A single sample makes
   * no rate.
   */
  #appendToClosed(id: number, step: number, timeMs: number, value: number): SampleOutcome {
    if (this.aggregate === 'rate') return SampleOutcome.late;
    const { lateMs, lateWeight } = this.#table;
    const goesOn = timeMs > lateMs[id]! && Math.floor(lateMs[id]! / this.stepMs) === step;
    const weight = goesOn ? lateWeight[id]! : 0;
    const aggregated = goesOn ? aggregateOf(this.aggregate, this.stepValue(id, step), weight, value) : value;
    if (!(goesOn ? this.setStep(id, step, aggregated) : this.fillStep(id, step, value))) return SampleOutcome.late;
    lateMs[id] = timeMs;
    lateWeight[id] = weight + 1;
    this.#noteFirst(id, timeMs);
    return SampleOutcome.stored;
  }

  /**
   * Forgets the only sample of a series if that is a zero long before the next: a sender puts one where a counter began
   * (Prometheus' created-timestamp-zero-ingestion), but what comes after it does not come from there.
   */
  #forgetZero(id: number, step: number): void {
    const table = this.#table;
    if (table.firstMs[id] !== table.newestMs[id]) return;
    const value = this.aggregate === 'rate' ? table.newestValue[id]! : this.stepValue(id, step);
    if (value !== 0) return;
    this.#slab(id).f64[this.#offset(id) + ringIndex(step, this.#capacity)] = Number.NaN;
    table.firstMs[id] = Number.NaN;
  }

  /** Folds what a counter has increased by since its sample before into the open step. */
  #addIncrease(id: number, step: number, timeMs: number, newestMs: number, startMs: number, value: number): void {
    const table = this.#table;
    const before = table.newestValue[id]!;
    // Of a counter that began since, or of which nothing came before, everything is an increase.
    const isKnown = startMs > 0 && startMs < timeMs;
    const wasReset = isKnown ? !(startMs <= newestMs) : undefined;
    const sinceMs = timeMs - (Number.isNaN(newestMs) && isKnown ? startMs : newestMs);
    if (wasReset === true || !isDip(before, value)) table.newestValue[id] = value;
    if (value < before || table.falls[id]! > 0) this.#noteFallOfCounter(id, before, value);
    // NaN before the first sample.
    if (!(sinceMs <= this.#maxPairGapMs)) return;
    const { f64 } = this.#slab(id);
    const index = this.#offset(id) + ringIndex(step, this.#capacity);
    const weight = table.openWeight[id]!;
    const seconds = sinceMs / 1000;
    f64[index] = runningMean(f64[index]!, weight, counterIncrease(before, value, wasReset) / seconds, seconds);
    table.openWeight[id] = weight + seconds;
  }

  #noteFallOfCounter(id: number, before: number, value: number): void {
    const { falls, refutingFalls } = this.#table;
    falls[id] = weighFall(falls[id]!, before, value);
    refutingFalls[id] = countRefutingFall(refutingFalls[id]!, before, value);
    if (falls[id]! >= GAUGE_FALLS || refutingFalls[id]! >= REFUTING_FALLS) this.#table.behaved = id;
  }

  /** Folds a value into the open step. */
  #aggregate(id: number, step: number, value: number): void {
    const { openWeight } = this.#table;
    const { f64 } = this.#slab(id);
    const index = this.#offset(id) + ringIndex(step, this.#capacity);
    const weight = openWeight[id]!;
    f64[index] = aggregateOf(this.aggregate, f64[index]!, weight, value);
    openWeight[id] = weight + 1;
  }

  /** Closes the open step and opens `to`; the steps between become empty. */
  #advance(id: number, from: number, to: number): void {
    this.#table.openWeight[id] = 0;
    this.#table.openParts[id] = 0;
    if (Number.isNaN(from)) return;
    this.#coarse.advance(id, from, to);
    const { f64 } = this.#slab(id);
    const offset = this.#offset(id);
    if (this.aggregate === 'mean') this.#countClimb(id, from);
    for (let step = Math.max(from + 1, to - this.#capacity + 1); step <= to; step++) {
      f64[offset + ringIndex(step, this.#capacity)] = Number.NaN;
    }
  }

  /** A counter never falls, from whatever sample to the next: steps may climb where samples do not. */
  #noteFall(id: number, value: number): void {
    const { newestValue, climbs, wholes } = this.#table;
    if (climbs[id]! > 0 && isPartialFall(newestValue[id]!, value)) climbs[id] = 0;
    wholes[id] = countWhole(wholes[id]!, value);
    newestValue[id] = value;
  }

  /** Compares a step that closes with the one with a value before it. */
  #countClimb(id: number, step: number): void {
    let before = step - 1;
    while (step - before < MAX_CLIMB_STEPS && Number.isNaN(this.stepValue(id, before))) before--;
    const { climbs, wholes } = this.#table;
    const value = this.stepValue(id, step);
    const count = countClimb(climbs[id]!, this.stepValue(id, before), value);
    climbs[id] = count;
    if (isCounter(count, wholes[id]!, value)) this.#table.behaved = id;
  }

  /** Whether a series falls anywhere in its history as no counter does. */
  hasPartialFalls(id: number): boolean {
    const { values } = readRing(this.coarseView(id));
    return values.some((value, i) => i > 0 && isPartialFall(values[i - 1]!, value));
  }

  /** Turns rings of means, of a series of `former`, into rings of rates; those are to be of the same geometry. */
  deriveRates(id: number, former: SampleRings): void {
    const table = this.#table;
    deriveRates(former.coarseView(id), this.#maxPairGapMs);
    deriveRates(former.fineView(id), this.#maxPairGapMs);
    // The differences of two means are rates, whatever the base of the means was.
    table.base[id] = 0;
    table.clearVariance(id);
    table.openWeight[id] = 0;
    table.openParts[id] = ALL_PARTS;
  }

  /** Whether `deriveRates` can be used. */
  canDeriveFrom(former: SampleRings): boolean {
    const isSameRing = this.stepMs === former.stepMs && this.#pool === former.#pool;
    return isSameRing && this.aggregate === 'rate' && former.aggregate === 'mean';
  }

  #noteFirst(id: number, timeMs: number): void {
    if (!(this.#table.firstMs[id]! <= timeMs)) this.#table.firstMs[id] = timeMs;
  }

  #slab(id: number) {
    return this.#pool.slab(this.#table.handle[id]!);
  }

  #offset(id: number): number {
    return this.#pool.byteOffset(this.#table.handle[id]!) / 8;
  }
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}
