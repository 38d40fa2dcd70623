/** Appends bits to a buffer that grows and is reused; the highest bit of a byte comes first. */
export class BitWriter {
  #view = new DataView(new ArrayBuffer(1024));
  /** Whole words written, in bytes. */
  #length = 0;
  /** The bits after them, from the highest on, and their number, 0 to 31. */
  #word = 0;
  #used = 0;

  clear(): void {
    this.#length = 0;
    this.#word = 0;
    this.#used = 0;
  }

  /** What is written so far, the last byte filled up with zeros; valid until more is. */
  get written(): Uint8Array {
    this.#view.setInt32(this.#length, this.#word);
    return new Uint8Array(this.#view.buffer, 0, this.#length + Math.ceil(this.#used / 8));
  }

  /** The lowest `count` bits of `value`, 1 ≤ `count` ≤ 32. */
  write(value: number, count: number): void {
    const bits = value << (32 - count);
    const used = this.#used + count;
    this.#word |= bits >>> this.#used;
    if (used < 32) {
      this.#used = used;
      return;
    }
    this.#view.setInt32(this.#length, this.#word);
    this.#length += 4;
    if (this.#length + 4 > this.#view.byteLength) this.#grow();
    this.#used = used - 32;
    // What did not fit; a shift by 32 would be one by 0.
    this.#word = used === 32 ? 0 : bits << (count - (used - 32));
  }

  /** The lowest `count` bits of a 64-bit number in two halves, 1 ≤ `count` ≤ 64. */
  write64(high: number, low: number, count: number): void {
    if (count > 32) {
      this.write(high, count - 32);
      this.write(low, 32);
    } else {
      this.write(low, count);
    }
  }

  /** An unsigned varint, 0 ≤ `value` ≤ 2⁵³. */
  varint(value: number): void {
    for (; value > 0x7f; value = Math.floor(value / 0x80)) this.write((value % 0x80) | 0x80, 8);
    this.write(value, 8);
  }

  #grow(): void {
    const grown = new Uint8Array(2 * this.#view.byteLength);
    grown.set(new Uint8Array(this.#view.buffer));
    this.#view = new DataView(grown.buffer);
  }
}
