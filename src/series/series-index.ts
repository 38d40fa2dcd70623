import { grow } from '../lib/grow.js';
import { hashBytes } from './labels/label-hash.js';
import { LabelIndex } from './labels/label-index.js';
import { NONE } from './series-table.js';

/** Label-set variants remembered for one series beside its canonical block: a pair of replicas, each in another order, twice. */
const MAX_VARIANTS = 8;

/**
 * Finds the id of a series by any of its label blocks: the canonical one, and the variants that senders use (external
 * labels attached, another order). A variant knows its replica: the block of the same labels, external ones included, in
 * canonical order.
 */
export class SeriesIndex {
  readonly #index = new LabelIndex();
  #id = new Int32Array(0);
  #replica = new Int32Array(0);
  /** The variants of a series: a list that starts at its canonical block. */
  #nextVariant = new Int32Array(0);
  /** Canonical blocks with more variants than are remembered, until `prune`. */
  readonly #crowded = new Set<number>();

  get capacityBytes(): number {
    return this.#index.capacityBytes + 3 * this.#id.byteLength;
  }

  /** As `LabelIndex.predictNext`. */
  predictNext(view: DataView, start: number, end: number): number {
    return this.#index.predictNext(view, start, end);
  }

  find(view: DataView, start: number, end: number, hash: number): number {
    return this.#index.find(view, start, end, hash);
  }

  /** The id of a block given as a whole, or −1. */
  findBlock(block: Uint8Array): number {
    const view = viewOf(block);
    return this.#index.find(view, 0, block.length, hashBytes(view, 0, block.length));
  }

  /** The series of a block. */
  idOf(blockId: number): number {
    return this.#id[blockId]!;
  }

  /** The block that names the replica which sends this one. */
  replicaOf(blockId: number): number {
    return this.#replica[blockId]!;
  }

  /** The blocks that name the replicas which send a series, each as often as it has variants; none before the first sample. */
  *replicasOf(canonical: number): Generator<number> {
    for (let id = this.#nextVariant[canonical]!; id !== NONE; id = this.#nextVariant[id]!) yield this.#replica[id]!;
  }

  /** A copy of a block. */
  block(blockId: number): Uint8Array {
    return this.#index.block(blockId);
  }

  /** The block itself: good until a block is added or removed. */
  view(blockId: number): Uint8Array {
    return this.#index.view(blockId);
  }

  /** Adds the canonical block of a new series. Returns the id of the block. */
  addSeries(id: number, block: Uint8Array): number {
    return this.#add(id, block);
  }

  /** Adds another block of a series; `replica` is `NONE` if the block names a replica itself. */
  addVariant(canonical: number, block: Uint8Array, replica: number): number {
    if (!this.#crowded.has(canonical) && this.#countVariants(canonical) >= MAX_VARIANTS) this.#crowded.add(canonical);
    const blockId = this.#add(this.#id[canonical]!, block);
    if (replica !== NONE) this.#replica[blockId] = replica;
    this.#nextVariant[blockId] = this.#nextVariant[canonical]!;
    this.#nextVariant[canonical] = blockId;
    return blockId;
  }

  /** Removes a series with all its variants. */
  remove(canonical: number): void {
    this.#crowded.delete(canonical);
    for (let blockId = canonical; blockId !== NONE; ) {
      const next = this.#nextVariant[blockId]!;
      this.#index.remove(blockId);
      blockId = next;
    }
  }

  #add(id: number, block: Uint8Array): number {
    const view = viewOf(block);
    const blockId = this.#index.add(view, 0, block.length, hashBytes(view, 0, block.length));
    this.#id = grow(this.#id, blockId + 1);
    this.#replica = grow(this.#replica, blockId + 1);
    this.#nextVariant = grow(this.#nextVariant, blockId + 1);
    this.#id[blockId] = id;
    this.#replica[blockId] = blockId;
    this.#nextVariant[blockId] = NONE;
    return blockId;
  }

  #countVariants(canonical: number): number {
    let count = 0;
    for (let blockId = this.#nextVariant[canonical]!; blockId !== NONE; blockId = this.#nextVariant[blockId]!) count++;
    return count;
  }

  /**
   * Forgets the variants of series that have too many, all but the elected replica of each: external labels that change with
   * every restart of a sender would pile up. Blocks that are forgotten must no longer be in use.
   */
  prune(electedOf: (id: number) => number): void {
    for (const canonical of this.#crowded) this.#pruneVariants(canonical, electedOf(this.#id[canonical]!));
    this.#crowded.clear();
  }

  #pruneVariants(canonical: number, elected: number): void {
    let kept = canonical;
    for (let blockId = this.#nextVariant[canonical]!; blockId !== NONE; ) {
      const next = this.#nextVariant[blockId]!;
      if (blockId === elected) {
        this.#nextVariant[kept] = blockId;
        kept = blockId;
      } else {
        this.#index.remove(blockId);
      }
      blockId = next;
    }
    this.#nextVariant[kept] = NONE;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
