import { WireError } from '../core/wire-error.js';

/** A sample takes at most 69 bits of time, 78 of value and 72 of start timestamp; three varints are shorter than twice that. */
const SLACK_BYTES = 40;

/** Reads the bits of one chunk after another; the highest bit of a byte comes first. */
export class BitReader {
  /** A copy of the chunk, with zeros after it, so that a sample can be read without a bounds check at each bit. */
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  /** Positions in bits. */
  #pos = 0;
  #end = 0;

  /** Begins the chunk in bytes [start, end). */
  load(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.#bytes.length < length + SLACK_BYTES) {
      this.#bytes = new Uint8Array(2 * (length + SLACK_BYTES));
      this.#view = new DataView(this.#bytes.buffer);
    }
    // A loop beats set(subarray()), which makes an object, for the few hundred bytes of most chunks.
    for (let i = 0; i < length; i++) this.#bytes[i] = bytes[start + i]!;
    this.#bytes.fill(0, length, length + SLACK_BYTES);
    this.#pos = 0;
    this.#end = 8 * length;
  }

  /** Throws `WireError` where more was read than there is; to be asked after each sample. */
  checkEnd(): void {
    if (this.#pos > this.#end) throw malformedChunk('it is truncated in a sample');
  }

  /** The next 1 ≤ `count` ≤ 32 bits as an unsigned number. */
  read(count: number): number {
    const pos = this.#pos;
    const at = pos >>> 3;
    const skip = pos & 7;
    this.#pos = pos + count;
    const word = this.#view.getInt32(at) << skip;
    // Fast path: all bits are in one word.
    if (skip + count <= 32) return word >>> (32 - count);
    return (word | (this.#bytes[at + 4]! >>> (8 - skip))) >>> (32 - count);
  }

  /** How many 1s come before the next 0, which is read too, up to `max`: after that many no 0 follows. */
  ones(max: number): number {
    let ones = 0;
    while (ones < max && this.read(1) === 1) ones++;
    return ones;
  }

  /** An integer of 64 bits; exact up to 53. */
  int64(): number {
    return (this.read(32) | 0) * 2 ** 32 + this.read(32);
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 63; scale *= 128) {
      const byte = this.read(8);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw malformedChunk('a varint is not terminated');
  }

  /** A varint whose lowest bit is the sign. */
  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

export function malformedChunk(why: string): WireError {
  return new WireError('malformed', `a chunk is not valid: ${why}`);
}
