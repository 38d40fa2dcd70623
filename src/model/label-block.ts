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

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Thrown by `decodeLabelBlock` for bytes that are no label block, or labels that no series may have. */
export class LabelError extends Error {
  override name = 'LabelError';
}

/** The canonical block of a series. The returned buffer is the caller's own. */
export function encodeLabelBlock(labels: Labels): Uint8Array {
  const parts = labels.map(({ name, value }) => {
    const nameBytes = Buffer.from(name);
    const valueBytes = Buffer.from(value);
    const body = Buffer.concat([
      fieldHeader(NAME_TAG, nameBytes.length),
      nameBytes,
      fieldHeader(VALUE_TAG, valueBytes.length),
      valueBytes,
    ]);
    return Buffer.concat([fieldHeader(LABELS_TAG, body.length), body]);
  });
  return new Uint8Array(Buffer.concat(parts));
}

/**
 * Reads a label block, in whatever order its labels stand, into sorted labels; empty values are dropped.
 * Throws `LabelError` for malformed bytes, text that is not UTF-8, an empty or a duplicate name, or no labels at all.
 */
export function decodeLabelBlock(bytes: Uint8Array, start = 0, end = bytes.length): Labels {
  const labels: Label[] = [];
  const cursor = { bytes, pos: start };
  while (cursor.pos < end) {
    const labelEnd = openField(cursor, LABELS_TAG, end);
    let name = '';
    let value = '';
    while (cursor.pos < labelEnd) {
      const isName = bytes[cursor.pos] === NAME_TAG;
      const textEnd = openField(cursor, isName ? NAME_TAG : VALUE_TAG, labelEnd);
      const text = decodeText(bytes.subarray(cursor.pos, textEnd));
      if (isName) name = text;
      else value = text;
      cursor.pos = textEnd;
    }
    if (name === '') throw new LabelError('a label name is empty');
    labels.push({ name, value });
  }
  labels.sort((a, b) => compareUtf8(a.name, b.name));
  labels.forEach(({ name }, i) => {
    if (name === labels[i - 1]?.name) throw new LabelError(`label "${name}" stands twice`);
  });
  const present = labels.filter(({ value }) => value !== '');
  if (present.length === 0) throw new LabelError('the series has no labels');
  return present;
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
  if (cursor.pos + length > limit) throw new LabelError('malformed label: a field runs over its end');
  return cursor.pos + length;
}

function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new LabelError('a label is not valid UTF-8', { cause });
  }
}

function fieldHeader(tag: number, length: number): Buffer {
  const header = [tag];
  while (length > 0x7f) {
    header.push((length & 0x7f) | 0x80);
    length >>>= 7;
  }
  header.push(length);
  return Buffer.from(header);
}
