import { grow } from '../lib/grow.js';
import type { RecordReader, RecordWriter } from './snapshot/snapshot-record.js';

/** No block or replica. */
export const NONE = -1;

/** Where it is not known in which parts of the open step samples came: an older one is then none that is new. */
export const ALL_PARTS = 2 ** 32 - 1;

/** A longer gap between two samples lengthens the usual one to this many times what it was, at most. */
const MAX_INTERVAL_GROWTH = 1.5;

/**
 * What is known of each series, in columns indexed by series id: ids are small and dense, those of removed series are
 * given out again.
 */
export class SeriesTable {
  /** Id of the canonical label block; `NONE` where no series has this id. */
  blockId = new Int32Array(0);
  /** Id of the label block of the replica whose samples are taken. */
  electedReplica = new Int32Array(0);
  /** Number of the layout that says how samples become buckets. */
  layout = new Int32Array(0);
  /** Handle of its rings in the layout's ring pool. */
  handle = new Int32Array(0);
  /** Time of the newest sample, NaN before the first. */
  newestMs = new Float64Array(0);
  /** Time of the oldest sample ever taken; it may have left the rings. */
  firstMs = new Float64Array(0);
  /** Time of the stale marker if that was the last thing seen, else NaN. */
  endedAtMs = new Float64Array(0);
  /** Time of the newest sample that is NaN or infinite, and so is heard but not kept; NaN where there is none. */
  emptyMs = new Float64Array(0);
  /** Time of the newest sample of a replica that is not elected; NaN where there is none. */
  otherReplicaMs = new Float64Array(0);
  /** Time of the oldest sample that came after a newer one, since that was asked; +∞ where none did. */
  overtakenMs = new Float64Array(0);
  /** The usual time between two samples, nearer to the shorter ones, so that a single gap does not become usual; NaN before the second. */
  intervalMs = new Float32Array(0);
  /** How it behaves (see counter-behavior.ts): climbs in a row of means, whole numbers in a row, weight of falls of what is taken for a counter. */
  climbs = new Uint8Array(0);
  wholes = new Uint8Array(0);
  falls = new Uint8Array(0);
  refutingFalls = new Uint8Array(0);
  /** The series that has just shown what it is, until that is taken in; `NONE` where there is none. */
  behaved = NONE;
  /** When anything last came, in the time of `ReceivingTime`. */
  arrivedMs = new Float64Array(0);
  /** For rates and means, value of the newest sample: what the increase of a counter is measured from. */
  newestValue = new Float64Array(0);
  /** Weight of the samples in the open step: their number, or for a rate the seconds their pairs span. */
  openWeight = new Float64Array(0);
  /** Which thirty-seconds of the open step have a sample, a bit for each: one of those, but the newest, is taken for a repetition. */
  openParts = new Uint32Array(0);
  /** Time of the newest sample that came after its step was over, and how many that step has; NaN where there is none. */
  lateMs = new Float64Array(0);
  lateWeight = new Int32Array(0);
  /** What coarse buckets are kept as differences from; NaN before the first value. */
  base = new Float64Array(0);
  /** Decayed mean of the variance of steps within a coarse bucket, and how many buckets it has seen. */
  withinVariance = new Float64Array(0);
  /** The coarse bucket whose variance says nothing of how much the series usually scatters; NaN where there is none. */
  unusualBucket = new Float64Array(0);
  withinBuckets = new Int32Array(0);

  readonly #free: number[] = [];
  #top = 0;

  /** Memory held by the columns. */
  get byteLength(): number {
    const columns = Object.values(this).filter((column) => ArrayBuffer.isView(column));
    return columns.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Ids are below this. */
  get top(): number {
    return this.#top;
  }

  /** Ids in use. */
  get size(): number {
    return this.#top - this.#free.length;
  }

  /** Takes an id without samples, block and replica; the caller sets its layout, handle and arrival. */
  take(): number {
    const id = this.#free.pop() ?? this.#top++;
    if (id >= this.blockId.length) this.#grow(id + 1);
    this.blockId[id] = NONE;
    this.electedReplica[id] = NONE;
    this.clearSamples(id);
    return id;
  }

  release(id: number): void {
    this.blockId[id] = NONE;
    this.#free.push(id);
  }

  /** Empties the columns about samples. */
  clearSamples(id: number): void {
    this.newestMs[id] = Number.NaN;
    this.firstMs[id] = Number.NaN;
    this.endedAtMs[id] = Number.NaN;
    this.emptyMs[id] = Number.NaN;
    this.otherReplicaMs[id] = Number.NaN;
    this.overtakenMs[id] = Number.POSITIVE_INFINITY;
    this.intervalMs[id] = Number.NaN;
    this.climbs[id] = 0;
    this.wholes[id] = 0;
    this.falls[id] = 0;
    this.refutingFalls[id] = 0;
    this.newestValue[id] = Number.NaN;
    this.openWeight[id] = 0;
    this.openParts[id] = 0;
    this.lateMs[id] = Number.NaN;
    this.lateWeight[id] = 0;
    this.base[id] = Number.NaN;
    this.clearVariance(id);
  }

  clearVariance(id: number): void {
    this.withinVariance[id] = 0;
    this.withinBuckets[id] = 0;
    this.unusualBucket[id] = Number.NaN;
  }

  /** Moves the rings of a series to an id just taken: the handle and what it takes to read them. */
  moveRings(from: number, to: number): void {
    this.handle[to] = this.handle[from]!;
    this.newestMs[to] = this.newestMs[from]!;
    this.base[to] = this.base[from]!;
    this.base[from] = Number.NaN;
  }

  /** Time of the newest sample of whatever value; NaN before the first. */
  heardMs(id: number): number {
    const newestMs = this.newestMs[id]!;
    const emptyMs = this.emptyMs[id]!;
    return newestMs >= emptyMs || Number.isNaN(emptyMs) ? newestMs : emptyMs;
  }

  /** Takes in the time between two samples. */
  learnInterval(id: number, gapMs: number): void {
    const usualMs = this.intervalMs[id]!;
    if (gapMs === usualMs) return;
    this.intervalMs[id] = gapMs > MAX_INTERVAL_GROWTH * usualMs ? MAX_INTERVAL_GROWTH * usualMs : gapMs;
  }

  /** Adds the variance of one more coarse bucket to the mean, which remembers about `maxBuckets` of them. */
  addVariance(id: number, variance: number, maxBuckets: number): void {
    const buckets = Math.min(this.withinBuckets[id]! + 1, maxBuckets);
    this.withinBuckets[id] = buckets;
    this.withinVariance[id]! += (variance - this.withinVariance[id]!) / buckets;
  }

  /** Adds what another id knows of the variance within coarse buckets, bucket for bucket. */
  mergeVariance(id: number, other: number): void {
    const buckets = this.withinBuckets[id]! + this.withinBuckets[other]!;
    if (buckets === 0) return;
    const sum =
      this.withinVariance[id]! * this.withinBuckets[id]! + this.withinVariance[other]! * this.withinBuckets[other]!;
    this.withinVariance[id] = sum / buckets;
    this.withinBuckets[id] = buckets;
  }

  /** Writes what is known of the samples of a series. */
  save(id: number, record: RecordWriter): void {
    for (const column of this.#samples()) record.f64(column[id]!);
  }

  /** Reads what `save` wrote. */
  restore(id: number, record: RecordReader): void {
    for (const column of this.#samples()) column[id] = record.f64();
    this.openParts[id] = ALL_PARTS;
    this.lateMs[id] = Number.NaN;
  }

  /** Moves on behind what `save` wrote. */
  skip(record: RecordReader): void {
    for (const _ of this.#samples()) record.f64();
  }

  /** The columns about samples; those about where they are (block, replica, layout, handle) hold for one process. */
  #samples(): (Float64Array | Float32Array | Int32Array)[] {
    return [
      this.newestMs,
      this.firstMs,
      this.endedAtMs,
      this.emptyMs,
      this.intervalMs,
      this.arrivedMs,
      this.newestValue,
      this.openWeight,
      this.base,
      this.withinVariance,
      this.withinBuckets,
    ];
  }

  #grow(length: number): void {
    this.blockId = grow(this.blockId, length);
    this.electedReplica = grow(this.electedReplica, length);
    this.layout = grow(this.layout, length);
    this.handle = grow(this.handle, length);
    this.newestMs = grow(this.newestMs, length);
    this.firstMs = grow(this.firstMs, length);
    this.endedAtMs = grow(this.endedAtMs, length);
    this.emptyMs = grow(this.emptyMs, length);
    this.otherReplicaMs = grow(this.otherReplicaMs, length);
    this.overtakenMs = grow(this.overtakenMs, length);
    this.intervalMs = grow(this.intervalMs, length);
    this.climbs = grow(this.climbs, length);
    this.wholes = grow(this.wholes, length);
    this.falls = grow(this.falls, length);
    this.refutingFalls = grow(this.refutingFalls, length);
    this.arrivedMs = grow(this.arrivedMs, length);
    this.newestValue = grow(this.newestValue, length);
    this.openWeight = grow(this.openWeight, length);
    this.openParts = grow(this.openParts, length);
    this.lateMs = grow(this.lateMs, length);
    this.lateWeight = grow(this.lateWeight, length);
    this.base = grow(this.base, length);
    this.withinVariance = grow(this.withinVariance, length);
    this.unusualBucket = grow(this.unusualBucket, length);
    this.withinBuckets = grow(this.withinBuckets, length);
  }
}
