/** A set of 32-bit hashes: open addressing in one typed array, no object per entry. */
export class HashSet {
  /** 0 marks a free place. */
  #slots: Int32Array;
  #size = 0;

  constructor(expectedSize: number) {
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * expectedSize + 2)));
  }

  /** Adds a hash; false where it is in the set already. */
  add(hash: number): boolean {
    if (2 * this.#size >= this.#slots.length) this.#grow();
    const slots = this.#slots;
    const mask = slots.length - 1;
    const key = hash | 0 || 1;
    let at = key & mask;
    for (; slots[at] !== 0; at = (at + 1) & mask) {
      if (slots[at] === key) return false;
    }
    slots[at] = key;
    this.#size++;
    return true;
  }

  clear(): void {
    if (this.#size > 0) this.#slots.fill(0);
    this.#size = 0;
  }

  #grow(): void {
    const keys = this.#slots;
    this.#slots = new Int32Array(2 * keys.length);
    this.#size = 0;
    for (const key of keys) {
      if (key !== 0) this.add(key);
    }
  }
}
