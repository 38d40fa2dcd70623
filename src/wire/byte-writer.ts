/** Tag and length, 9 bytes of value, a tag and 8 bytes of time. */
const MAX_SAMPLE_BYTES = 20;
/** Up to here a loop is faster than `set(subarray())`, which makes an object; with 190 bytes it takes five times as long. */
const LOOP_BYTES = 32;

/** Appends protobuf fields to a buffer that grows and is reused. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  /** Bytes written; may be set back to forget the last ones. */
  length = 0;

  /** What is written so far; valid until more is. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** A one-byte tag and a varint: the head of a length-delimited or of a varint field. `value` ≥ 0. */
  header(tag: number, value: number): void {
    this.#reserve(9);
    this.#bytes[this.length++] = tag;
    this.varint(value);
  }

  /** An integer from 0 to 2⁵³. */
  varint(value: number): void {
    this.#reserve(8);
    const bytes = this.#bytes;
    let pos = this.length;
    for (; value >= 2 ** 31; value = Math.floor(value / 0x80)) bytes[pos++] = (value % 0x80) | 0x80;
    let rest = value | 0;
    for (; rest > 0x7f; rest >>>= 7) bytes[pos++] = rest | 0x80;
    bytes[pos++] = rest;
    this.length = pos;
  }

  /** A `double` field. */
  double(tag: number, value: number): void {
    this.#reserve(9);
    this.#bytes[this.length] = tag;
    this.#view.setFloat64(this.length + 1, value, true);
    this.length += 9;
  }

  /** A `fixed64` or `double` field of just these bits. */
  bits64(tag: number, high: number, low: number): void {
    this.#reserve(9);
    this.#bytes[this.length] = tag;
    this.#view.setUint32(this.length + 1, low, true);
    this.#view.setUint32(this.length + 5, high, true);
    this.length += 9;
  }

  /** Bytes [start, end) of `from`. */
  copy(from: Uint8Array, start = 0, end = from.length): void {
    const length = end - start;
    this.#reserve(length);
    if (length > LOOP_BYTES) {
      this.#bytes.set(from.subarray(start, end), this.length);
    } else {
      for (let i = 0; i < length; i++) this.#bytes[this.length + i] = from[start + i]!;
    }
    this.length += length;
  }

  /** The `samples` fields (number 2) of a TimeSeries: value = field 1, time = field 2. Times are from 0 to 2⁵³. */
  samples(timesMs: Float64Array, values: Float64Array): void {
    this.#reserve(MAX_SAMPLE_BYTES * timesMs.length);
    const bytes = this.#bytes;
    const view = this.#view;
    let pos = this.length;
    for (let i = 0; i < timesMs.length; i++) {
      const start = pos;
      bytes[start] = 0x12;
      bytes[start + 2] = 0x09;
      view.setFloat64(start + 3, values[i]!, true);
      bytes[start + 11] = 0x10;
      pos = start + 12;
      // The low 28 bits by integers; only what is left of a time needs the slow division.
      let time = timesMs[i]!;
      if (time >= 2 ** 28) {
        const low = time % 2 ** 28;
        bytes[pos++] = low | 0x80;
        bytes[pos++] = (low >>> 7) | 0x80;
        bytes[pos++] = (low >>> 14) | 0x80;
        bytes[pos++] = (low >>> 21) | 0x80;
        time = Math.floor(time / 2 ** 28);
      }
      for (; time > 0x7f; time = Math.floor(time / 0x80)) bytes[pos++] = (time % 0x80) | 0x80;
      bytes[pos++] = time;
      bytes[start + 1] = pos - start - 2;
    }
    this.length = pos;
  }

  /** A 32-bit hash of what is written from `start` on, for telling things apart that are not chosen to collide. */
  hash(start: number): number {
    const view = this.#view;
    let hash = 0x811c9dc5;
    let pos = start;
    // FNV-1a taken by words, which is faster, with a shift that brings their upper bits down, which that then needs.
    for (; pos + 4 <= this.length; pos += 4) {
      hash = Math.imul(hash ^ view.getInt32(pos, true), 0x01000193);
      hash ^= hash >>> 15;
    }
    for (; pos < this.length; pos++) hash = Math.imul(hash ^ view.getUint8(pos), 0x01000193);
    return hash;
  }

  #reserve(byteCount: number): void {
    const needed = this.length + byteCount;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Bytes that a varint takes. */
export function varintSize(value: number): number {
  let size = 1;
  for (; value >= 2 ** 31; value = Math.floor(value / 0x80)) size++;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size++;
  return size;
}

/** Size of a length-delimited field whose tag takes one byte. */
export function fieldSize(length: number): number {
  return 1 + varintSize(length) + length;
}
