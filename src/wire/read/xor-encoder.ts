import { BitWriter } from './bit-writer.js';

/*
 * Prometheus' XOR chunks (prometheus/prometheus tsdb/chunkenc/xor.go), after Facebook's Gorilla: a big-endian uint16 with
 * the number of samples; the first sample as a zigzag varint and 64 bits; then per sample the time as the change of its
 * delta, and the value as the bits that differ from the value before.
 */

/** How a change of delta is written: in `bits` bits after a prefix, smallest first; larger ones take 64. */
const DELTA_WIDTHS = [
  { bits: 14, prefix: 0b10, prefixBits: 2 },
  { bits: 17, prefix: 0b110, prefixBits: 3 },
  { bits: 20, prefix: 0b1110, prefixBits: 4 },
] as const;

/** The number of leading zeros is written in five bits. */
const MAX_LEADING = 31;
/** Where the upper half of a double is, in the order of the machine. */
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** Encodes samples as XOR chunks, one after another. */
export class XorEncoder {
  readonly #out = new BitWriter();
  // The number of zeros around the last difference that was written with its own width.
  #leading = 0;
  #trailing = 0;

  /**
   * Samples [start, end), at least one and at most 65,535 of them, as a chunk: valid until the next one is encoded. Times
   * are integers, ascending.
   */
  encode(timesMs: Float64Array, values: Float64Array, start: number, end: number): Uint8Array {
    const out = this.#out;
    out.clear();
    out.write(end - start, 16);
    const firstMs = timesMs[start]!;
    out.varint(firstMs < 0 ? -2 * firstMs - 1 : 2 * firstMs);
    // The halves of each value.
    const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
    const upper = HIGH_WORD;
    const lower = 1 - HIGH_WORD;
    let high = words[2 * start + upper]!;
    let low = words[2 * start + lower]!;
    out.write64(high, low, 64);
    // No difference has set a width yet, so none fits.
    this.#leading = 64;
    let delta = 0;
    for (let i = start + 1; i < end; i++) {
      const newDelta = timesMs[i]! - timesMs[i - 1]!;
      const isRegular = newDelta === delta && i > start + 1;
      if (i === start + 1) out.varint(newDelta);
      else if (!isRegular) this.#writeDeltaChange(newDelta - delta);
      delta = newDelta;
      const newHigh = words[2 * i + upper]!;
      const newLow = words[2 * i + lower]!;
      this.#writeDifference(newHigh ^ high, newLow ^ low, isRegular ? 1 : 0);
      high = newHigh;
      low = newLow;
    }
    return out.written;
  }

  #writeDeltaChange(change: number): void {
    const out = this.#out;
    for (const { bits, prefix, prefixBits } of DELTA_WIDTHS) {
      // Unlike two's complement, the range reaches one further up than down.
      if (change < -(2 ** (bits - 1)) + 1 || change > 2 ** (bits - 1)) continue;
      out.write(prefix, prefixBits);
      out.write(change, bits);
      return;
    }
    out.write(0b1111, 4);
    out.write64(Math.floor(change / 2 ** 32), change % 2 ** 32, 64);
  }

  /** Writes how a value differs from the one before, after `zeros` zeros: few writes take much less time than many. */
  #writeDifference(high: number, low: number, zeros: number): void {
    const out = this.#out;
    if (high === 0 && low === 0) {
      out.write(0, zeros + 1);
      return;
    }
    const leading = Math.min(Math.clz32(high), MAX_LEADING);
    const trailing = low === 0 ? 32 + trailingZeros(high) : trailingZeros(low);
    let head = 0b10;
    let headBits = zeros + 2;
    if (leading < this.#leading || trailing < this.#trailing) {
      this.#leading = leading;
      this.#trailing = trailing;
      // 64 does not fit into six bits and is written as 0.
      head = (0b11 << 11) | (leading << 6) | ((64 - leading - trailing) & 63);
      headBits = zeros + 13;
    }
    const shift = this.#trailing;
    const bits = 64 - this.#leading - shift;
    const lowest = shift === 0 ? low : shift < 32 ? (high << (32 - shift)) | (low >>> shift) : high >>> (shift - 32);
    if (headBits + bits <= 32) {
      out.write((head << bits) | lowest, headBits + bits);
      return;
    }
    out.write(head, headBits);
    out.write64(shift < 32 ? high >>> shift : 0, lowest, bits);
  }
}

/** Of a 32-bit number other than 0. */
function trailingZeros(value: number): number {
  return 31 - Math.clz32(value & -value);
}
