/** Appends bits to a buffer that grows and is reused; the highest bit of a byte comes first. */
export class BitWriter {
  #bytes = new Uint8Array(1024);
  /** Bits written. */
  #length = 0;

  /** What is written so far, the last byte filled up with zeros; valid until more is. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, (this.#length + 7) >>> 3);
  }

  clear(): void {
    this.written.fill(0);
    this.#length = 0;
  }

  /** The lowest `count` bits of `value`, 1 ≤ `count` ≤ 32. */
  write(value: number, count: number): void {
    let at = this.#length >>> 3;
    if (at + 5 > this.#bytes.length) this.#grow();
    const bytes = this.#bytes;
    let free = 8 - (this.#length & 7);
    this.#length += count;
    for (; count > free; free = 8) {
      count -= free;
      bytes[at] = bytes[at]! | ((value >>> count) & ((1 << free) - 1));
      at++;
    }
    bytes[at] = bytes[at]! | ((value << (free - count)) & ((1 << free) - 1));
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
    const grown = new Uint8Array(2 * this.#bytes.length);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
