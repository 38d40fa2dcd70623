import { WireError } from './wire-error.js';

/** Wire types of protobuf (protobuf.dev/programming-guides/encoding); the groups, 3 and 4, are refused. */
export const WireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * Most fields skipped in one body: a body of nothing else then blocks the event loop for a few milliseconds at most.
 */
const MAX_SKIPPED_FIELDS = 2 ** 20;

/**
 * Walks protobuf bytes without building objects. Every read takes the `end` of the message it is in and throws
 * `WireError` rather than pass it. Numbers come back exact up to 2^53, which no length and no time in use exceeds.
 */
export class ProtoCursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  pos = 0;
  #skipped = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Reads a field's tag: its number × 8 + its wire type. */
  tag(end: number): number {
    const byte = this.bytes[this.pos]!;
    if (this.pos < end && byte < 0x80 && byte > 7) {
      this.pos++;
      return byte;
    }
    const tag = this.varint(end);
    if (tag >= 2 ** 32 || tag < 8) throw malformed('a field number is out of range');
    return tag;
  }

  /** Reads the length of a field of wire type `bytes` and returns where the field ends; `pos` is then its first byte. */
  open(end: number): number {
    const byte = this.bytes[this.pos]!;
    let length = byte;
    if (this.pos < end && byte < 0x80) this.pos++;
    else length = this.varint(end);
    if (length > end - this.pos) throw malformed('a field extends beyond its message');
    return this.pos + length;
  }

  /** Reads an unsigned varint of up to 64 bits. */
  varint(end: number): number {
    let value = 0;
    let scale = 1;
    const last = Math.min(end, this.pos + 9);
    while (this.pos < last) {
      const byte = this.bytes[this.pos++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    // The tenth byte has room for the 64th bit only.
    if (this.pos < end && this.bytes[this.pos]! <= 1) return value + this.bytes[this.pos++]! * scale;
    throw malformed('a varint is not terminated');
  }

  /** Reads an int64 varint. */
  int64(end: number): number {
    const start = this.pos;
    const value = this.varint(end);
    // Negative numbers are sent as their two's complement, which takes all ten bytes; a sum of doubles would round it.
    return this.pos - start < 10 ? value : Number(BigInt.asIntN(64, this.#exactVarint(start)));
  }

  /** Skips eight bytes and returns their position. */
  fixed64(end: number): number {
    const start = this.pos;
    if (end - start < 8) throw malformed('a field extends beyond its message');
    this.pos = start + 8;
    return start;
  }

  /**
   * Skips a field that the caller does not read. `known` has a bit for each number that it reads: those have the wrong
   * wire type.
   */
  skip(tag: number, end: number, known: number): void {
    const field = tag >>> 3;
    if (field < 32 && (known >>> field) & 1) throw malformed(`field ${field} has the wrong type`);
    if (++this.#skipped > MAX_SKIPPED_FIELDS) throw malformed(`it has more than ${MAX_SKIPPED_FIELDS} unknown fields`);
    switch (tag & 7) {
      case WireType.varint:
        this.varint(end);
        return;
      case WireType.fixed64:
        this.fixed64(end);
        return;
      case WireType.bytes:
        this.pos = this.open(end);
        return;
      case WireType.fixed32:
        if (end - this.pos < 4) throw malformed('a field extends beyond its message');
        this.pos += 4;
        return;
      default:
        throw malformed(`field ${field} has an unsupported wire type`);
    }
  }

  #exactVarint(start: number): bigint {
    let value = 0n;
    for (let i = start; i < this.pos; i++) value |= BigInt(this.bytes[i]! & 0x7f) << BigInt(7 * (i - start));
    return value;
  }
}

export function malformed(why: string, options?: ErrorOptions): WireError {
  return new WireError('malformed', `the body is not valid protobuf: ${why}`, options);
}
