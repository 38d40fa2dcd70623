import { grow } from '../lib/grow.js';
import { hashBytes } from './labels/label-hash.js';
import { LabelIndex } from './labels/label-index.js';
import { NONE } from './series-table.js';

/** Spellings of one series beyond its canonical block that are remembered: a pair of replicas, each in another order, twice. */
const MAX_ALIASES = 8;

/**
 * Finds the id of a series by any of its label blocks: the canonical one, and the aliases that senders use (external
 * labels attached, another order). An alias knows its source: the entry of the same labels, external ones included, in
 * canonical order. Two replicas are two sources.
 */
export class SeriesIndex {
  readonly #index = new LabelIndex();
  #id = new Int32Array(0);
  #source = new Int32Array(0);
  /** The aliases of a series: a list that starts at its canonical entry. */
  #nextAlias = new Int32Array(0);

  get capacityBytes(): number {
    return this.#index.capacityBytes + 3 * this.#id.byteLength;
  }

  follow(view: DataView, start: number, end: number): number {
    return this.#index.follow(view, start, end);
  }

  find(view: DataView, start: number, end: number, hash: number): number {
    return this.#index.find(view, start, end, hash);
  }

  /** The entry of a block given as a whole, or −1. */
  findBlock(block: Uint8Array): number {
    const view = viewOf(block);
    return this.#index.find(view, 0, block.length, hashBytes(view, 0, block.length));
  }

  idOf(entry: number): number {
    return this.#id[entry]!;
  }

  sourceOf(entry: number): number {
    return this.#source[entry]!;
  }

  /** A copy of an entry's block. */
  block(entry: number): Uint8Array {
    return this.#index.block(entry);
  }

  /** Adds the canonical block of a new series. Returns its entry. */
  addSeries(id: number, block: Uint8Array): number {
    return this.#add(id, block);
  }

  /** Adds another block of a series; `source` is `NONE` if the block is a source itself. `owner` outlives the pruning of too many aliases. */
  addAlias(canonical: number, block: Uint8Array, source: number, owner: number): number {
    this.#prune(canonical, owner, source);
    const entry = this.#add(this.#id[canonical]!, block);
    if (source !== NONE) this.#source[entry] = source;
    this.#nextAlias[entry] = this.#nextAlias[canonical]!;
    this.#nextAlias[canonical] = entry;
    return entry;
  }

  /** Removes a series with all its aliases. */
  remove(canonical: number): void {
    for (let entry = canonical; entry !== NONE; ) {
      const next = this.#nextAlias[entry]!;
      this.#index.remove(entry);
      entry = next;
    }
  }

  #add(id: number, block: Uint8Array): number {
    const view = viewOf(block);
    const entry = this.#index.add(view, 0, block.length, hashBytes(view, 0, block.length));
    this.#id = grow(this.#id, entry + 1);
    this.#source = grow(this.#source, entry + 1);
    this.#nextAlias = grow(this.#nextAlias, entry + 1);
    this.#id[entry] = id;
    this.#source[entry] = entry;
    this.#nextAlias[entry] = NONE;
    return entry;
  }

  /** External labels that change with every restart of a sender would pile up: forgets all aliases but those in use. */
  #prune(canonical: number, owner: number, source: number): void {
    let count = 0;
    for (let entry = this.#nextAlias[canonical]!; entry !== NONE; entry = this.#nextAlias[entry]!) count++;
    if (count < MAX_ALIASES) return;
    let kept = canonical;
    for (let entry = this.#nextAlias[canonical]!; entry !== NONE; ) {
      const next = this.#nextAlias[entry]!;
      if (entry === owner || entry === source) {
        this.#nextAlias[kept] = entry;
        kept = entry;
      } else {
        this.#index.remove(entry);
      }
      entry = next;
    }
    this.#nextAlias[kept] = NONE;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
