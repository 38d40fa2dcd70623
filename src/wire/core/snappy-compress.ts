import { ByteWriter } from './byte-writer.js';

// Offsets of copies and the entries of the table take two bytes, so each 64 KiB are compressed on their own.
const FRAGMENT_BYTES = 2 ** 16;
const MIN_TABLE_BITS = 8;
const MAX_TABLE_BITS = 14;
// The search reads words, and looks one step ahead.
const MARGIN_BYTES = 15;
const MIN_MATCH_BYTES = 4;
// From here on the fixed cost of `set` is less than that of a loop.
const BULK_BYTES = 40;
// After every 32 places without a match the search takes a byte more at a time.
const SKIP_BITS = 5;

const LITERAL = 0;
const COPY_SHORT = 1;
const COPY = 2;

/** Where the four bytes of each hash were last seen, counted from the start of the fragment; scratch of `compress`. */
const table = new Uint16Array(2 ** MAX_TABLE_BITS);

/**
 * Compresses into a snappy block (google/snappy format_description.txt) by the greedy search of Google's encoder. As small
 * as snappyjs makes it in a third of the time on remote-write bodies, because it compares words and not bytes.
 */
export function compress(input: Uint8Array): Uint8Array {
  const header = new ByteWriter(8);
  header.varint(input.length);
  // Google's bound: a literal of up to 60 bytes takes one byte more, and a copy is never longer than what it replaces.
  const out = new Uint8Array(32 + input.length + Math.ceil(input.length / 6));
  out.set(header.written);
  const words = new DataView(input.buffer, input.byteOffset, input.length);
  let to = header.length;
  for (let start = 0; start < input.length; start += FRAGMENT_BYTES) {
    to = compressFragment(input, words, start, Math.min(start + FRAGMENT_BYTES, input.length), out, to);
  }
  return out.slice(0, to);
}

/** Compresses bytes [start, end) of `input` to `out` from `to` on; returns where it ended. */
function compressFragment(
  input: Uint8Array,
  words: DataView,
  start: number,
  end: number,
  out: Uint8Array,
  to: number,
): number {
  const shift = 32 - tableBits(end - start);
  table.fill(0, 0, 2 ** (32 - shift));
  const searchEnd = end - MARGIN_BYTES;
  let literalStart = start;
  for (let at = start + 1; ; at++) {
    let candidate: number;
    let word: number;
    for (let skip = 1 << SKIP_BITS; ; at += skip++ >>> SKIP_BITS) {
      if (at > searchEnd) return writeLiteral(input, literalStart, end, out, to);
      word = words.getInt32(at, true);
      const slot = hash(word, shift);
      candidate = start + table[slot]!;
      table[slot] = at - start;
      if (words.getInt32(candidate, true) === word) break;
    }
    to = writeLiteral(input, literalStart, at, out, to);
    do {
      const length = matchLength(input, words, candidate, at, end);
      to = writeCopy(at - candidate, length, out, to);
      at += length;
      literalStart = at;
      if (at >= searchEnd) return writeLiteral(input, literalStart, end, out, to);
      table[hash(words.getInt32(at - 1, true), shift)] = at - 1 - start;
      word = words.getInt32(at, true);
      const slot = hash(word, shift);
      candidate = start + table[slot]!;
      table[slot] = at - start;
    } while (words.getInt32(candidate, true) === word);
  }
}

function tableBits(fragmentBytes: number): number {
  const bits = 31 - Math.clz32(fragmentBytes);
  return Math.min(Math.max(bits, MIN_TABLE_BITS), MAX_TABLE_BITS);
}

function hash(word: number, shift: number): number {
  return Math.imul(word, 0x1e35a7bd) >>> shift;
}

/** How many bytes from `at` on, before `end`, equal those from `candidate` on; the first four are known to. */
function matchLength(input: Uint8Array, words: DataView, candidate: number, at: number, end: number): number {
  let length = MIN_MATCH_BYTES;
  for (; at + length + 4 <= end; length += 4) {
    const difference = words.getInt32(at + length, true) ^ words.getInt32(candidate + length, true);
    // Of the lowest bit that differs: in little endian it is in the first byte that does.
    if (difference !== 0) return length + ((31 - Math.clz32(difference & -difference)) >>> 3);
  }
  while (at + length < end && input[at + length] === input[candidate + length]) length++;
  return length;
}

/** A literal of bytes [from, end) of `input`; none where there are none. */
function writeLiteral(input: Uint8Array, from: number, end: number, out: Uint8Array, to: number): number {
  const length = end - from;
  if (length === 0) return to;
  if (length <= 60) {
    out[to++] = LITERAL | ((length - 1) << 2);
  } else if (length <= 2 ** 8) {
    out[to++] = LITERAL | (60 << 2);
    out[to++] = length - 1;
  } else {
    out[to++] = LITERAL | (61 << 2);
    out[to++] = (length - 1) & 0xff;
    out[to++] = (length - 1) >>> 8;
  }
  if (length >= BULK_BYTES) out.set(input.subarray(from, end), to);
  else for (let i = 0; i < length; i++) out[to + i] = input[from + i]!;
  return to + length;
}

/** Copies of at most 64 bytes each, none shorter than 4. */
function writeCopy(offset: number, length: number, out: Uint8Array, to: number): number {
  for (; length >= 64 + MIN_MATCH_BYTES; length -= 64) to = writeOneCopy(offset, 64, out, to);
  if (length > 64) {
    to = writeOneCopy(offset, 60, out, to);
    length -= 60;
  }
  return writeOneCopy(offset, length, out, to);
}

function writeOneCopy(offset: number, length: number, out: Uint8Array, to: number): number {
  if (length < 12 && offset < 2048) {
    out[to++] = COPY_SHORT | ((length - 4) << 2) | ((offset >>> 8) << 5);
  } else {
    out[to++] = COPY | ((length - 1) << 2);
    out[to++] = offset & 0xff;
    offset >>>= 8;
  }
  out[to++] = offset & 0xff;
  return to;
}
