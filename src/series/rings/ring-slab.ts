import type { SeriesStats } from '../series-stats.js';
import { type RingGeometry, ringBytes } from './ring-geometry.js';

const MIN_SLAB_BYTES = 1 << 20;

/** Shared memory for the rings of many series of one geometry, seen as both of its element types. */
export interface Slab {
  readonly memory: SharedArrayBuffer;
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  /** Places in this slab that no series has, last freed last. */
  readonly free: number[];
}

/**
 * Hands out places for rings of one geometry in slabs of at least 1 MiB: one mapping and three objects for a hundred
 * series instead of for each. The lowest slabs fill first, so that the last ones run empty and are dropped; one empty slab
 * is kept beside them, lest a ring that comes and goes, as in a backfill, map and unmap a whole slab each time.
 */
export class RingPool {
  readonly geometry: RingGeometry;
  readonly #bytesPerRing: number;
  readonly #ringsPerSlab: number;
  readonly #stats: Pick<SeriesStats, 'ringBytes'>;
  readonly #slabs: (Slab | undefined)[] = [];
  /** No slab below this one has a free place. */
  #lowestFree = 0;
  /** The slab that is kept although it is empty. */
  #spare: number | undefined;
  #taken = 0;

  /** Keeps `stats.ringBytes` up to date. */
  constructor(geometry: RingGeometry, stats: Pick<SeriesStats, 'ringBytes'>) {
    this.geometry = geometry;
    this.#stats = stats;
    this.#bytesPerRing = ringBytes(geometry);
    this.#ringsPerSlab = Math.ceil(MIN_SLAB_BYTES / this.#bytesPerRing);
  }

  /** Whether no series has a place here. */
  get empty(): boolean {
    return this.#taken === 0;
  }

  slab(place: number): Slab {
    return this.#slabs[Math.floor(place / this.#ringsPerSlab)]!;
  }

  /** Offset of a place within its slab, in bytes; a multiple of 8. */
  byteOffset(place: number): number {
    return (place % this.#ringsPerSlab) * this.#bytesPerRing;
  }

  /** The rings at a place as bytes. Shared, not a copy. */
  bytes(place: number): Uint8Array {
    return new Uint8Array(this.slab(place).memory, this.byteOffset(place), this.#bytesPerRing);
  }

  /** A place whose buckets are all NaN. */
  take(): number {
    const slabs = this.#slabs;
    while (slabs[this.#lowestFree]?.free.length === 0) this.#lowestFree++;
    const index = this.#lowestFree;
    slabs[index] ??= this.#makeSlab();
    if (index === this.#spare) this.#spare = undefined;
    this.#taken++;
    const place = index * this.#ringsPerSlab + slabs[index].free.pop()!;
    const first = this.byteOffset(place);
    const { fineBuckets, coarseBuckets } = this.geometry;
    slabs[index].f64.fill(Number.NaN, first / 8, first / 8 + fineBuckets);
    slabs[index].f32.fill(Number.NaN, first / 4 + 2 * fineBuckets, first / 4 + 2 * fineBuckets + coarseBuckets);
    return place;
  }

  /** Gives a place back. Views of it that workers still hold may show another series later. */
  release(place: number): void {
    const index = Math.floor(place / this.#ringsPerSlab);
    const { free } = this.#slabs[index]!;
    free.push(place % this.#ringsPerSlab);
    this.#taken--;
    if (free.length === this.#ringsPerSlab) this.#retire(index);
    this.#lowestFree = Math.min(this.#lowestFree, index);
  }

  /** Of empty slabs the earliest is kept as long as any series has a place. */
  #retire(index: number): void {
    const spare = this.#spare;
    this.#spare = Math.min(index, spare ?? index);
    if (spare !== undefined) this.#drop(Math.max(index, spare));
    if (this.#taken > 0) return;
    this.#drop(this.#spare);
    this.#spare = undefined;
  }

  #drop(index: number): void {
    this.#stats.ringBytes -= this.#slabs[index]!.memory.byteLength;
    this.#slabs[index] = undefined;
  }

  #makeSlab(): Slab {
    const memory = new SharedArrayBuffer(this.#ringsPerSlab * this.#bytesPerRing);
    this.#stats.ringBytes += memory.byteLength;
    const free = Array.from({ length: this.#ringsPerSlab }, (_, i) => this.#ringsPerSlab - 1 - i);
    return { memory, f64: new Float64Array(memory), f32: new Float32Array(memory), free };
  }
}
