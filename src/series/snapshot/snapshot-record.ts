/** Thrown for bytes that are no snapshot, or a damaged one. */
export class SnapshotError extends Error {
  override name = 'SnapshotError';
}

const MIN_CAPACITY_BYTES = 64 * 1024;

/** Puts the fields of records behind each other in one buffer, little-endian, as `RecordReader` takes them. */
export class RecordWriter {
  #bytes = new Uint8Array(MIN_CAPACITY_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Everything so far; valid until the next field. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Starts over in the same buffer. */
  clear(): void {
    this.#length = 0;
  }

  u32(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
  }

  f64(value: number): void {
    const at = this.#grow(8);
    this.#view.setFloat64(at, value, true);
  }

  /** Bytes alone; the reader must know how many. */
  raw(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Bytes after their number. */
  bytes(bytes: Uint8Array): void {
    this.u32(bytes.length);
    this.raw(bytes);
  }

  text(text: string): void {
    this.bytes(Buffer.from(text));
  }

  /** What `write` writes, after the number of its bytes. */
  record(write: (record: RecordWriter) => void): void {
    const start = this.#grow(4);
    write(this);
    this.#view.setUint32(start, this.#length - start - 4, true);
  }

  /** Makes room, perhaps in another buffer, and returns where it starts. */
  #grow(bytes: number): number {
    const start = this.#length;
    this.#length += bytes;
    if (this.#length > this.#bytes.length) {
      const longer = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      longer.set(this.#bytes);
      this.#bytes = longer;
      this.#view = new DataView(longer.buffer);
    }
    return start;
  }
}

/** Takes the fields of records one after the other. Throws `SnapshotError` where they end early. */
export class RecordReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A reader of the same record, from its beginning. */
  again(): RecordReader {
    return new RecordReader(this.#bytes);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  u32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#skip(8), true);
  }

  /** A view of the bytes, as long-lived as the record. */
  raw(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** A view, as long-lived as the record. */
  bytes(): Uint8Array {
    return this.raw(this.u32());
  }

  text(): string {
    return Buffer.from(this.bytes()).toString();
  }

  record(): RecordReader {
    return new RecordReader(this.bytes());
  }

  /** Moves on and returns from where. */
  #skip(bytes: number): number {
    const start = this.#at;
    if (start + bytes > this.#bytes.length) throw new SnapshotError('a record is truncated');
    this.#at += bytes;
    return start;
  }
}
