import { compareUtf8, type Label, type Labels } from './labels.js';

/*
 * A label block is how a series is found without making a string: the bytes of the consecutive `labels` fields of a
 * remote-write 1.0 TimeSeries (each: tag 0x0a, length, then name = field 1 and value = field 2). A canonical block has
 * sorted unique names, no empty name or value, minimal varints; senders mostly send just that, so the bytes on the
 * wire are usually the canonical block itself.
 */

const LABELS_TAG = 0x0a;
const NAME_TAG = 0x0a;
const VALUE_TAG = 0x12;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Thrown by `decodeLabelBlock` for bytes that are no label block, or labels that no series may have. */
export class LabelError extends Error {
  override name = 'LabelError';
}

/** The canonical block of a series. The returned buffer is the caller's own. */
export function encodeLabelBlock(labels: Labels): Uint8Array {
  // Sizes first, then one buffer: 2 µs for nine labels, a buffer per part would take 14 µs.
  let blockBytes = 0;
  const bodyBytes = labels.map(({ name, value }) => {
    const body = fieldBytes(Buffer.byteLength(name)) + fieldBytes(Buffer.byteLength(value));
    blockBytes += fieldBytes(body);
    return body;
  });
  const block = Buffer.allocUnsafeSlow(blockBytes);
  let pos = 0;
  labels.forEach(({ name, value }, i) => {
    pos = writeHeader(block, pos, LABELS_TAG, bodyBytes[i]!);
    pos = writeText(block, pos, NAME_TAG, name);
    pos = writeText(block, pos, VALUE_TAG, value);
  });
  return new Uint8Array(block.buffer);
}

/**
 * Reads a label block, whatever the order of its labels, into sorted labels; empty values are dropped.
 * Throws `LabelError` for malformed bytes, text that is not UTF-8, an empty or a duplicate name, or no labels at all.
 */
export function decodeLabelBlock(bytes: Uint8Array, start = 0, end = bytes.length): Labels {
  const { labels, problem } = readLabelBlock(bytes, start, end);
  if (problem !== undefined) throw problem;
  return labels;
}

/** Labels as far as they can be read, sorted, the first of each name; and what is wrong with them, if anything is. */
export interface ReadLabels {
  readonly labels: Labels;
  readonly problem: LabelError | undefined;
}

/** Reads the first `maxLabels` labels of a block that may be none which a series may have. Never throws. */
export function readLabelBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
  maxLabels = Number.POSITIVE_INFINITY,
): ReadLabels {
  const labels: Label[] = [];
  let problem: LabelError | undefined;
  try {
    readLabels(bytes, start, end, labels, maxLabels, (error) => {
      problem ??= error;
    });
  } catch (error) {
    if (!(error instanceof LabelError)) throw error;
    problem ??= error;
  }
  labels.sort((a, b) => compareUtf8(a.name, b.name));
  const present = labels.filter(({ name, value }, i) => {
    if (name !== labels[i - 1]?.name) return value !== '';
    problem ??= new LabelError(`duplicate label "${name}"`);
    return false;
  });
  if (present.length === 0) problem ??= new LabelError('the series has no labels');
  return { labels: present, problem };
}

function readLabels(
  bytes: Uint8Array,
  start: number,
  end: number,
  labels: Label[],
  maxLabels: number,
  onProblem: (problem: LabelError) => void,
): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const cursor = { bytes, pos: start };
  const read = (from: number, to: number) => {
    const read = decodeText(text, from, to);
    if (read === undefined) onProblem(new LabelError('a label is not valid UTF-8'));
    return read ?? text.toString('utf8', from, to);
  };
  while (cursor.pos < end && labels.length < maxLabels) {
    const labelEnd = openField(cursor, LABELS_TAG, end);
    let name = '';
    let value = '';
    while (cursor.pos < labelEnd) {
      const isName = bytes[cursor.pos] === NAME_TAG;
      const textEnd = openField(cursor, isName ? NAME_TAG : VALUE_TAG, labelEnd);
      if (isName) name = read(cursor.pos, textEnd);
      else value = read(cursor.pos, textEnd);
      cursor.pos = textEnd;
    }
    if (name === '') onProblem(new LabelError('a label name is empty'));
    else labels.push({ name, value });
  }
}

function openField(cursor: { bytes: Uint8Array; pos: number }, tag: number, limit: number): number {
  if (cursor.bytes[cursor.pos++] !== tag) throw new LabelError('malformed label: unexpected field');
  let length = 0;
  let shift = 0;
  for (;;) {
    const byte = cursor.pos < limit ? cursor.bytes[cursor.pos++] : undefined;
    if (byte === undefined || shift > 28) throw new LabelError('malformed label: bad length');
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
    shift += 7;
  }
  if (cursor.pos + length > limit) throw new LabelError('malformed label: a field extends beyond its end');
  return cursor.pos + length;
}

/** Undefined for what is not UTF-8. */
function decodeText(bytes: Buffer, start: number, end: number): string | undefined {
  const text = bytes.toString('utf8', start, end);
  // Broken UTF-8 shows as U+FFFD; the strict decoder, three times slower, is used only where there is one.
  if (!text.includes('\ufffd')) return text;
  try {
    return utf8.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

/** Bytes of a field with a body of `length` bytes. */
function fieldBytes(length: number): number {
  let header = 2;
  for (let rest = length; rest > 0x7f; rest >>>= 7) header++;
  return header + length;
}

function writeHeader(block: Buffer, pos: number, tag: number, length: number): number {
  block[pos++] = tag;
  for (; length > 0x7f; length >>>= 7) block[pos++] = (length & 0x7f) | 0x80;
  block[pos++] = length;
  return pos;
}

function writeText(block: Buffer, pos: number, tag: number, text: string): number {
  const length = Buffer.byteLength(text);
  pos = writeHeader(block, pos, tag, length);
  if (length !== text.length) return pos + block.write(text, pos, length, 'utf8');
  // ASCII, as mostly: the way into C++ takes longer than a short loop.
  for (let i = 0; i < length; i++) block[pos++] = text.charCodeAt(i);
  return pos;
}

/** A label block as the key of a map: its bytes in Latin-1. */
export function blockKey(block: Uint8Array): string {
  return Buffer.from(block.buffer, block.byteOffset, block.length).toString('latin1');
}
