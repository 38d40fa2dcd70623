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

/** Encodes samples as XOR chunks, one after another. */
export class XorEncoder {
  readonly #out = new BitWriter();
  /** The bits of a double. */
  readonly #bits = new DataView(new ArrayBuffer(8));
  // The last value, and the number of zeros around the last difference that was written with its own width.
  #high = 0;
  #low = 0;
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
    this.#load(values[start]!);
    out.write64(this.#high, this.#low, 64);
    // No difference has set a width yet, so none fits.
    this.#leading = 64;
    let delta = 0;
    for (let i = start + 1; i < end; i++) {
      const newDelta = timesMs[i]! - timesMs[i - 1]!;
      if (i === start + 1) out.varint(newDelta);
      else this.#writeDeltaChange(newDelta - delta);
      delta = newDelta;
      this.#writeValue(values[i]!);
    }
    return out.written;
  }

  #load(value: number): void {
    this.#bits.setFloat64(0, value);
    this.#high = this.#bits.getInt32(0);
    this.#low = this.#bits.getInt32(4);
  }

  #writeDeltaChange(change: number): void {
    const out = this.#out;
    if (change === 0) {
      out.write(0, 1);
      return;
    }
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

  #writeValue(value: number): void {
    const out = this.#out;
    const [highBefore, lowBefore] = [this.#high, this.#low];
    this.#load(value);
    const high = this.#high ^ highBefore;
    const low = this.#low ^ lowBefore;
    if (high === 0 && low === 0) {
      out.write(0, 1);
      return;
    }
    const leading = Math.min(Math.clz32(high), MAX_LEADING);
    const trailing = low === 0 ? 32 + trailingZeros(high) : trailingZeros(low);
    if (leading >= this.#leading && trailing >= this.#trailing) {
      out.write(0b10, 2);
    } else {
      this.#leading = leading;
      this.#trailing = trailing;
      out.write(0b11, 2);
      out.write(leading, 5);
      // 64 does not fit into six bits and is written as 0.
      out.write((64 - leading - trailing) & 63, 6);
    }
    const shift = this.#trailing;
    const bits = 64 - this.#leading - shift;
    if (shift === 0) out.write64(high, low, bits);
    else if (shift < 32) out.write64(high >>> shift, (high << (32 - shift)) | (low >>> shift), bits);
    else out.write64(0, high >>> (shift - 32), bits);
  }
}

/** Of a 32-bit number other than 0. */
function trailingZeros(value: number): number {
  return 31 - Math.clz32(value & -value);
}
