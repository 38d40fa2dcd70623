import { WireError } from '../core/wire-error.js';
import type { WriteBatch } from '../core/write-batch.js';

/** Bits of a change of delta, by the number of 1s before it (see xor-encoder.ts). */
const DELTA_BITS = [0, 14, 17, 20, 64];
/** A sample takes at most 4 + 64 bits of time and 2 + 5 + 6 + 64 of value; two varints are shorter than twice that. */
const SLACK_BYTES = 40;

/** Decodes Prometheus' XOR chunks, whose format xor-encoder.ts describes. */
export class XorDecoder {
  /** A copy of the chunk, with zeros after it, so that a sample can be read without a bounds check at each bit. */
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  /** Assembles a double. */
  readonly #value = new DataView(new ArrayBuffer(8));
  /** Position in bits. */
  #pos = 0;

  /** Adds the samples of the chunk in bytes [start, end) to `batch`. Throws `WireError`. */
  decode(bytes: Uint8Array, start: number, end: number, batch: WriteBatch): void {
    this.#load(bytes, start, end);
    const endBit = 8 * (end - start);
    const value = this.#value;
    const count = this.#read(16);
    if (count === 0) throw malformed('it has no samples');
    let timeMs = 0;
    let delta = 0;
    let high = 0;
    let low = 0;
    let trailing = 0;
    let bits = 0;
    for (let i = 0; i < count; i++) {
      if (i === 0) {
        const zigzag = this.#varint();
        timeMs = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
        high = this.#read(32);
        low = this.#read(32);
      } else {
        delta = i === 1 ? this.#varint() : delta + this.#deltaChange();
        timeMs += delta;
        if (this.#read(1) === 1) {
          if (this.#read(1) === 1) {
            const leading = this.#read(5);
            bits = this.#read(6);
            // 64 does not fit into six bits and is written as 0.
            if (bits === 0) bits = 64;
            trailing = 64 - leading - bits;
            if (trailing < 0) throw malformed('a value has more than 64 bits');
          } else if (bits === 0) {
            throw malformed('a value has no width');
          }
          if (bits > 32) {
            const top = this.#read(bits - 32);
            const rest = this.#read(32);
            low ^= rest << trailing;
            high ^= (top << trailing) | (trailing === 0 ? 0 : rest >>> (32 - trailing));
          } else {
            const rest = this.#read(bits);
            if (trailing >= 32) high ^= rest << (trailing - 32);
            else {
              low ^= rest << trailing;
              if (trailing > 0) high ^= rest >>> (32 - trailing);
            }
          }
        }
      }
      if (this.#pos > endBit) throw malformed('it is truncated in a sample');
      value.setInt32(0, high);
      value.setInt32(4, low);
      batch.addSample(timeMs, value.getFloat64(0), false);
    }
  }

  #load(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length < 2) throw malformed('it has no sample count');
    if (this.#bytes.length < length + SLACK_BYTES) {
      this.#bytes = new Uint8Array(2 * (length + SLACK_BYTES));
      this.#view = new DataView(this.#bytes.buffer);
    }
    // A loop beats set(subarray()), which makes an object, for the few hundred bytes of most chunks.
    for (let i = 0; i < length; i++) this.#bytes[i] = bytes[start + i]!;
    this.#bytes.fill(0, length, length + SLACK_BYTES);
    this.#pos = 0;
  }

  /** The next 1 ≤ `count` ≤ 32 bits as an unsigned number. */
  #read(count: number): number {
    const pos = this.#pos;
    const at = pos >>> 3;
    const skip = pos & 7;
    this.#pos = pos + count;
    const word = this.#view.getInt32(at) << skip;
    // Fast path: all bits are in one word.
    if (skip + count <= 32) return word >>> (32 - count);
    return (word | (this.#bytes[at + 4]! >>> (8 - skip))) >>> (32 - count);
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 63; scale *= 128) {
      const byte = this.#read(8);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw malformed('a varint is not terminated');
  }

  #deltaChange(): number {
    let ones = 0;
    while (ones < 4 && this.#read(1) === 1) ones++;
    if (ones === 0) return 0;
    const bits = DELTA_BITS[ones]!;
    if (bits === 64) return (this.#read(32) | 0) * 2 ** 32 + this.#read(32);
    const change = this.#read(bits);
    return change > 2 ** (bits - 1) ? change - 2 ** bits : change;
  }
}

function malformed(why: string): WireError {
  return new WireError('malformed', `a chunk is not valid: ${why}`);
}
