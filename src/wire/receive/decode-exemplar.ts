import { decodeLabelBlock, LabelError } from '../../model/labels/label-block.js';
import { type Label, type Labels, makeLabels } from '../../model/labels/labels.js';
import type { Exemplar } from '../../model/samples/exemplar.js';
import { malformed, ProtoCursor, WireType } from '../core/proto-cursor.js';

// Fields of Exemplar: its labels are messages in 1.0 (prompb/types.proto), references in 2.0 (io/prometheus/write/v2/types.proto).
const LABELS = (1 << 3) | WireType.bytes;
const LABEL_REF = (1 << 3) | WireType.varint;
const VALUE = (2 << 3) | WireType.fixed64;
const TIME = (3 << 3) | WireType.varint;
const FIELDS = 0b1110;

/**
 * Decodes an Exemplar. `symbol` returns the text of a reference, undefined where there is none; it is absent
 * for 1.0. Throws `WireError`.
 */
export function decodeExemplar(bytes: Uint8Array, symbol: ((ref: number) => string | undefined) | undefined): Exemplar {
  const cursor = new ProtoCursor(bytes);
  const end = bytes.length;
  const labels: Label[] = [];
  const texts: string[] = [];
  let value = 0;
  let timeMs = 0;
  const readRef = (until: number) => {
    const text = symbol?.(cursor.varint(until));
    if (text === undefined) throw malformed('a label of an exemplar is in no symbol table');
    texts.push(text);
  };
  while (cursor.pos < end) {
    const fieldStart = cursor.pos;
    const tag = cursor.tag(end);
    if (tag === LABELS && symbol === undefined) {
      cursor.pos = cursor.open(end);
      labels.push(...labelsIn(bytes, fieldStart, cursor.pos));
    } else if (tag === LABELS) {
      const packedEnd = cursor.open(end);
      while (cursor.pos < packedEnd) readRef(packedEnd);
    } else if (tag === LABEL_REF) readRef(end);
    else if (tag === VALUE) value = cursor.view.getFloat64(cursor.fixed64(end), true);
    else if (tag === TIME) timeMs = cursor.int64(end);
    else cursor.skip(tag, end, FIELDS);
  }
  for (let i = 1; i < texts.length; i += 2) labels.push({ name: texts[i - 1]!, value: texts[i]! });
  return { labels: sorted(labels), value, timeMs };
}

function labelsIn(bytes: Uint8Array, start: number, end: number): Labels {
  try {
    return decodeLabelBlock(bytes, start, end);
  } catch (error) {
    if (error instanceof LabelError) throw malformed(error.message, { cause: error });
    throw error;
  }
}

function sorted(labels: readonly Label[]): Labels {
  // The last of a name wins: exemplars identify nothing.
  return makeLabels(new Map(labels.filter(({ name }) => name !== '').map(({ name, value }) => [name, value])));
}
