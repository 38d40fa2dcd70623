import type { SeriesStats } from '../series-stats.js';
import { type RingGeometry, ringBytes } from './ring-geometry.js';

const MIN_SLAB_BYTES = 1 << 20;

/** Shared memory for the rings of many series of one geometry, seen as both of its element types. */
export interface Slab {
  readonly memory: SharedArrayBuffer;
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  /** Indexes of rings in this slab that no series has, last freed last. */
  readonly free: number[];
}

/**
 * Allocates rings of one geometry in slabs of at least 1 MiB: one mapping and three objects for a hundred
 * series instead of for each. The lowest slabs fill first, so that the last ones run empty and are dropped; one empty slab
 * is kept beside them, so that rings that come and go, as in a backfill, do not map and unmap a whole slab each time.
 */
export class RingPool {
  readonly geometry: RingGeometry;
  readonly #bytesPerRing: number;
  readonly #ringsPerSlab: number;
  readonly #stats: Pick<SeriesStats, 'ringBytes'>;
  readonly #slabs: (Slab | undefined)[] = [];
  /** No slab below this one has a free ring. */
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

  /** Whether no rings are in use. */
  get empty(): boolean {
    return this.#taken === 0;
  }

  slab(handle: number): Slab {
    return this.#slabs[Math.floor(handle / this.#ringsPerSlab)]!;
  }

  /** Offset of rings within their slab, in bytes; a multiple of 8. */
  byteOffset(handle: number): number {
    return (handle % this.#ringsPerSlab) * this.#bytesPerRing;
  }

  /** Rings as bytes. Shared, not a copy. */
  bytes(handle: number): Uint8Array {
    return new Uint8Array(this.slab(handle).memory, this.byteOffset(handle), this.#bytesPerRing);
  }

  /** Returns the handle of rings whose buckets are all NaN. */
  take(): number {
    const slabs = this.#slabs;
    while (slabs[this.#lowestFree]?.free.length === 0) this.#lowestFree++;
    const index = this.#lowestFree;
    slabs[index] ??= this.#makeSlab();
    if (index === this.#spare) this.#spare = undefined;
    this.#taken++;
    const handle = index * this.#ringsPerSlab + slabs[index].free.pop()!;
    const first = this.byteOffset(handle);
    const { fineBuckets, coarseBuckets } = this.geometry;
    slabs[index].f64.fill(Number.NaN, first / 8, first / 8 + fineBuckets);
    slabs[index].f32.fill(Number.NaN, first / 4 + 2 * fineBuckets, first / 4 + 2 * fineBuckets + coarseBuckets);
    return handle;
  }

  /** Frees rings. Views of them that workers still hold may show another series later. */
  release(handle: number): void {
    const index = Math.floor(handle / this.#ringsPerSlab);
    const { free } = this.#slabs[index]!;
    free.push(handle % this.#ringsPerSlab);
    this.#taken--;
    if (free.length === this.#ringsPerSlab) this.#retire(index);
    this.#lowestFree = Math.min(this.#lowestFree, index);
  }

  /** The first empty slab is kept as long as any rings are in use. */
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
