import { grow } from '../../lib/grow.js';
import { LabelArena } from './label-arena.js';

const NONE = -1;
const MIN_SLOTS = 128;

/**
 * Finds label blocks by their bytes: an open-addressing hash table (linear probing) over a `LabelArena`. A block's entry
 * is its number in the arena; callers keep what belongs to it in columns of their own, indexed by entry. Bytes are
 * always compared, a hash alone never decides.
 */
export class LabelIndex {
  readonly #arena = new LabelArena();
  /** Pairs (hash, entry); entry `NONE` marks an empty slot. */
  #table = emptyTable(MIN_SLOTS);
  #mask = MIN_SLOTS - 1;
  #size = 0;
  /** Per entry, the entry that was asked for after it: senders repeat their order. */
  #follower = new Int32Array(0);
  #last = NONE;

  get size(): number {
    return this.#size;
  }

  /** Entries are below this. */
  get top(): number {
    return this.#arena.top;
  }

  /** Bytes of the blocks that live here. */
  get liveBytes(): number {
    return this.#arena.liveBytes;
  }

  /** Memory held, used or not. */
  get capacityBytes(): number {
    return this.#arena.capacityBytes + this.#table.byteLength + this.#follower.byteLength;
  }

  /** The entry that followed the last one found the time before, if it is this block; −1 says nothing about other entries. */
  follow(view: DataView, start: number, end: number): number {
    // Fast path: no hash and no random access; 110 ns against 400 ns by the table (100,000 blocks of 250 bytes).
    const guess = this.#last === NONE ? NONE : this.#follower[this.#last]!;
    if (guess === NONE || !this.#arena.equals(guess, view, start, end)) return NONE;
    this.#last = guess;
    return guess;
  }

  /** The entry of a block, or −1. `hash` is that of `hashBytes`. */
  find(view: DataView, start: number, end: number, hash: number): number {
    const table = this.#table;
    for (let slot = hash & this.#mask; table[2 * slot + 1] !== NONE; slot = (slot + 1) & this.#mask) {
      const entry = table[2 * slot + 1]!;
      if (table[2 * slot] === hash && this.#arena.equals(entry, view, start, end)) {
        this.#remember(entry);
        return entry;
      }
    }
    return NONE;
  }

  /** Adds a block that `find` did not find. */
  add(view: DataView, start: number, end: number, hash: number): number {
    if (4 * (this.#size + 1) > 3 * (this.#mask + 1)) this.#rehash(2 * (this.#mask + 1));
    const entry = this.#arena.add(view, start, end);
    place(this.#table, this.#mask, hash, entry);
    this.#size++;
    if (entry >= this.#follower.length) this.#follower = grow(this.#follower, entry + 1);
    this.#follower[entry] = NONE;
    this.#remember(entry);
    return entry;
  }

  /** A copy of an entry's block, the caller's own. */
  block(entry: number): Uint8Array {
    return this.#arena.block(entry);
  }

  /** Removes an entry; its number may be given out again. */
  remove(entry: number): void {
    const table = this.#table;
    let hole = this.#arena.hash(entry) & this.#mask;
    while (table[2 * hole + 1] !== entry) hole = (hole + 1) & this.#mask;
    // Moves later pairs of the run up (Knuth vol. 3, 6.4, algorithm R), so no tombstones pile up under churn.
    for (let slot = (hole + 1) & this.#mask; table[2 * slot + 1] !== NONE; slot = (slot + 1) & this.#mask) {
      const home = table[2 * slot]! & this.#mask;
      if (((slot - home) & this.#mask) < ((slot - hole) & this.#mask)) continue;
      table[2 * hole] = table[2 * slot]!;
      table[2 * hole + 1] = table[2 * slot + 1]!;
      hole = slot;
    }
    table[2 * hole + 1] = NONE;
    this.#arena.remove(entry);
    this.#size--;
    if (this.#last === entry) this.#last = NONE;
  }

  /** Forgets everything and gives the memory back. */
  clear(): void {
    this.#arena.clear();
    this.#table = emptyTable(MIN_SLOTS);
    this.#mask = MIN_SLOTS - 1;
    this.#size = 0;
    this.#follower = new Int32Array(0);
    this.#last = NONE;
  }

  #remember(entry: number): void {
    if (this.#last !== NONE) this.#follower[this.#last] = entry;
    this.#last = entry;
  }

  #rehash(slots: number): void {
    const table = emptyTable(slots);
    for (let i = 0; i < this.#table.length; i += 2) {
      if (this.#table[i + 1] !== NONE) place(table, slots - 1, this.#table[i]!, this.#table[i + 1]!);
    }
    this.#table = table;
    this.#mask = slots - 1;
  }
}

function emptyTable(slots: number): Int32Array {
  return new Int32Array(2 * slots).fill(NONE);
}

function place(table: Int32Array, mask: number, hash: number, entry: number): void {
  let slot = hash & mask;
  while (table[2 * slot + 1] !== NONE) slot = (slot + 1) & mask;
  table[2 * slot] = hash;
  table[2 * slot + 1] = entry;
}
