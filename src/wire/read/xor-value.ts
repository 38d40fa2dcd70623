import { STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/samples/staleness.js';
import { type BitReader, malformedChunk } from './bit-reader.js';

/** A value of a chunk, which is written as the bits that differ from the value before, in a window between zeros. */
export class XorValue {
  /** Assembles a double. */
  readonly #view = new DataView(new ArrayBuffer(8));
  #high = 0;
  #low = 0;
  /** The window: its bits, and the zeros after it; no bits before the first window. */
  #bits = 0;
  #trailing = 0;

  get value(): number {
    this.#view.setInt32(0, this.#high);
    this.#view.setInt32(4, this.#low);
    return this.#view.getFloat64(0);
  }

  /** Reads the 64 bits of the first value of a chunk. */
  readFirst(reader: BitReader): void {
    this.#bits = 0;
    this.#high = reader.read(32);
    this.#low = reader.read(32);
  }

  /** Whether it is the stale marker; as a double it would be any NaN. */
  get isStale(): boolean {
    return (this.#high | 0) === STALE_NAN_HIGH && this.#low === STALE_NAN_LOW;
  }

  /** Makes it 0. */
  clear(): void {
    this.#high = 0;
    this.#low = 0;
  }

  readWithNewWindow(reader: BitReader): void {
    const leading = reader.read(5);
    this.#bits = reader.read(6);
    // 64 does not fit into six bits and is written as 0.
    if (this.#bits === 0) this.#bits = 64;
    this.#trailing = 64 - leading - this.#bits;
    if (this.#trailing < 0) throw malformedChunk('a value has more than 64 bits');
    this.readInWindow(reader);
  }

  readInWindow(reader: BitReader): void {
    const bits = this.#bits;
    const trailing = this.#trailing;
    if (bits === 0) throw malformedChunk('a value has no width');
    if (bits > 32) {
      const top = reader.read(bits - 32);
      const rest = reader.read(32);
      this.#low ^= rest << trailing;
      this.#high ^= (top << trailing) | (trailing === 0 ? 0 : rest >>> (32 - trailing));
      return;
    }
    const rest = reader.read(bits);
    if (trailing >= 32) this.#high ^= rest << (trailing - 32);
    else {
      this.#low ^= rest << trailing;
      if (trailing > 0) this.#high ^= rest >>> (32 - trailing);
    }
  }
}
