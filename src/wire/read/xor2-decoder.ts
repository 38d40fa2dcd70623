import type { WriteBatch } from '../core/write-batch.js';
import { BitReader, malformedChunk } from './bit-reader.js';
import { XorValue } from './xor-value.js';

/*
 * Prometheus' XOR2 chunks (prometheus/prometheus tsdb/chunkenc/xor2.go, since 3.14): as XOR chunks, but time and value share
 * their control bits, stale markers have one of their own, and a start timestamp may follow each sample: as the time from it to the
 * sample before, of which the differences are written.
 */

/** What the 1s at the beginning of a sample mean, by their number: five are a stale marker at the delta before. */
const SAME_VALUE = 0;
const NEW_VALUE = 1;
const STALE = 5;
/** Bits of the change of delta after two, three and four 1s. */
const DELTA_BITS = [0, 0, 13, 20, 64];
/** Bits of a start timestamp, by the 1s before it. */
const START_BITS = [0, 3, 6, 9, 12, 18, 25, 56, 64];
const FIRST_START_KNOWN = 0x80;

/** Decodes XOR2 chunks. */
export class Xor2Decoder {
  readonly #reader = new BitReader();
  readonly #value = new XorValue();

  /**
   * Adds the samples of the chunk in bytes [start, end) to `batch`, with their start timestamps; a stale marker as NaN. Throws
   * `WireError`.
   */
  decode(bytes: Uint8Array, start: number, end: number, batch: WriteBatch): void {
    if (end - start < 3) throw malformedChunk('it has no sample count');
    const reader = this.#reader;
    const value = this.#value;
    reader.load(bytes, start, end);
    const count = reader.read(16);
    if (count === 0) throw malformedChunk('it has no samples');
    const header = reader.read(8);
    /** The number of the sample from which on each has a start timestamp; 0 if none has. */
    const startsFrom = header & 0x7f;
    let timeMs = 0;
    let delta = 0;
    let startMs = 0;
    let sinceStart = 0;
    for (let i = 0; i < count; i++) {
      let isStale = false;
      if (i === 0) {
        timeMs = reader.zigzag();
        value.readFirst(reader);
        isStale = value.isStale;
        // The next value differs from the last one that was no stale marker, or from 0.
        if (isStale) value.clear();
        if (header & FIRST_START_KNOWN) startMs = timeMs - reader.zigzag();
      } else if (i === 1) {
        delta = reader.varint();
        isStale = this.#readValue();
      } else {
        const control = reader.ones(STALE);
        if (control >= 2 && control < STALE) {
          delta += this.#deltaChange(DELTA_BITS[control]!);
          isStale = this.#readValue();
        } else if (control === NEW_VALUE) {
          if (reader.read(1) === 1) value.readWithNewWindow(reader);
          else value.readInWindow(reader);
        } else {
          isStale = control !== SAME_VALUE;
        }
      }
      if (startsFrom > 0 && i >= startsFrom) {
        sinceStart += this.#readStartChange();
        startMs = timeMs - sinceStart;
      }
      timeMs += delta;
      reader.checkEnd();
      batch.addSample(timeMs, isStale ? Number.NaN : value.value, false, startMs);
    }
  }

  /** Reads a value that has its own control bits; returns whether it is a stale marker, which leaves the value as it was. */
  #readValue(): boolean {
    switch (this.#reader.ones(3)) {
      case 0:
        return false;
      case 1:
        this.#value.readInWindow(this.#reader);
        return false;
      case 2:
        this.#value.readWithNewWindow(this.#reader);
        return false;
      default:
        return true;
    }
  }

  #deltaChange(bits: number): number {
    if (bits === 64) return this.#reader.int64();
    const change = this.#reader.read(bits);
    return change >= 2 ** (bits - 1) ? change - 2 ** bits : change;
  }

  #readStartChange(): number {
    const bits = START_BITS[this.#reader.ones(START_BITS.length - 1)]!;
    if (bits === 0) return 0;
    if (bits === 64) return this.#reader.int64();
    const high = bits > 32 ? this.#reader.read(bits - 32) : 0;
    const change = high * 2 ** 32 + this.#reader.read(Math.min(bits, 32));
    // Unlike the change of a delta, the largest number is positive.
    return change > 2 ** (bits - 1) ? change - 2 ** bits : change;
  }
}
