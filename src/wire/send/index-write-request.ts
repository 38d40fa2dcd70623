/**
 * Where the series are in a remote-write 1.0 request written by `WriteRequestEncoder`; no other layout is
 * understood. All columns have one entry a series; positions are into `bytes`.
 */
export interface WriteRequestIndex {
  readonly bytes: Uint8Array;
  readonly seriesCount: number;
  /** The whole field, its tag included: [fieldStarts[i], fieldEnds[i]). */
  readonly fieldStarts: Uint32Array;
  readonly fieldEnds: Uint32Array;
  /** The label block: [labelsStarts[i], labelsEnds[i]); the sample follows it. */
  readonly labelsStarts: Uint32Array;
  readonly labelsEnds: Uint32Array;
  readonly timesMs: Float64Array;
}

const LABELS_TAG = 0x0a;
// Before the timestamp of a sample: its tag and length, tag and 8 bytes of the value, and the tag of the timestamp.
const SAMPLE_TIME_OFFSET = 1 + 1 + 1 + 8 + 1;

/** Finds the `seriesCount` series of a request. `bytes` is kept by the index, not copied. */
export function indexWriteRequest(bytes: Uint8Array, seriesCount: number): WriteRequestIndex {
  const index = {
    bytes,
    seriesCount,
    fieldStarts: new Uint32Array(seriesCount),
    fieldEnds: new Uint32Array(seriesCount),
    labelsStarts: new Uint32Array(seriesCount),
    labelsEnds: new Uint32Array(seriesCount),
    timesMs: new Float64Array(seriesCount),
  };
  const cursor = { bytes, pos: 0 };
  for (let i = 0; i < seriesCount; i++) {
    index.fieldStarts[i] = cursor.pos++;
    const length = readVarint(cursor);
    index.labelsStarts[i] = cursor.pos;
    index.fieldEnds[i] = cursor.pos + length;
    while (bytes[cursor.pos] === LABELS_TAG) {
      cursor.pos++;
      const labelLength = readVarint(cursor);
      cursor.pos += labelLength;
    }
    index.labelsEnds[i] = cursor.pos;
    cursor.pos += SAMPLE_TIME_OFFSET;
    index.timesMs[i] = readVarint(cursor);
  }
  return index;
}

/** Puts the fields of some series behind one another: a request with just these. The returned buffer is the caller's own. */
export function selectSeries(index: WriteRequestIndex, series: readonly number[]): Uint8Array {
  let length = 0;
  for (const i of series) length += index.fieldEnds[i]! - index.fieldStarts[i]!;
  const selected = new Uint8Array(length);
  let pos = 0;
  for (const i of series) {
    selected.set(index.bytes.subarray(index.fieldStarts[i]!, index.fieldEnds[i]!), pos);
    pos += index.fieldEnds[i]! - index.fieldStarts[i]!;
  }
  return selected;
}

/** Reads an integer of up to 53 bits. */
export function readVarint(cursor: { bytes: Uint8Array; pos: number }): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = cursor.bytes[cursor.pos++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 0x80;
  }
}
