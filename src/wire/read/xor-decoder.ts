import type { WriteBatch } from '../core/write-batch.js';
import { BitReader, malformedChunk } from './bit-reader.js';
import { XorValue } from './xor-value.js';

/** Bits of a change of delta, by the number of 1s before it (see xor-encoder.ts). */
const DELTA_BITS = [0, 14, 17, 20, 64];

/** Decodes Prometheus' XOR chunks, whose format xor-encoder.ts describes. */
export class XorDecoder {
  readonly #reader = new BitReader();
  readonly #value = new XorValue();

  /** Adds the samples of the chunk in bytes [start, end) to `batch`. Throws `WireError`. */
  decode(bytes: Uint8Array, start: number, end: number, batch: WriteBatch): void {
    if (end - start < 2) throw malformedChunk('it has no sample count');
    const reader = this.#reader;
    const value = this.#value;
    reader.load(bytes, start, end);
    const count = reader.read(16);
    if (count === 0) throw malformedChunk('it has no samples');
    let timeMs = 0;
    let delta = 0;
    for (let i = 0; i < count; i++) {
      if (i === 0) {
        timeMs = reader.zigzag();
        value.readFirst(reader);
      } else {
        delta = i === 1 ? reader.varint() : delta + this.#deltaChange();
        timeMs += delta;
        if (reader.read(1) === 1) {
          if (reader.read(1) === 1) value.readWithNewWindow(reader);
          else value.readInWindow(reader);
        }
      }
      reader.checkEnd();
      batch.addSample(timeMs, value.value, false);
    }
  }

  #deltaChange(): number {
    const reader = this.#reader;
    const bits = DELTA_BITS[reader.ones(4)]!;
    if (bits === 0) return 0;
    if (bits === 64) return reader.int64();
    const change = reader.read(bits);
    return change > 2 ** (bits - 1) ? change - 2 ** bits : change;
  }
}
