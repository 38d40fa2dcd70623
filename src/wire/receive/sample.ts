import { STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/samples/staleness.js';
import { type ProtoCursor, WireType } from '../core/proto-cursor.js';
import type { WriteBatch } from '../core/write-batch.js';

// The same in prompb/types.proto and prompb/io/prometheus/write/v2/types.proto.
const SAMPLE_VALUE = (1 << 3) | WireType.fixed64;
const SAMPLE_TIME = (2 << 3) | WireType.varint;
const SAMPLE_START = (3 << 3) | WireType.varint;
const SAMPLE_FIELDS = 0b1110;

/**
 * Reads a Sample, whose value and timestamp have the same field numbers in both versions; 2.0 adds when its counter began. Other
 * fields are skipped.
 */
export function readSample(cursor: ProtoCursor, end: number, batch: WriteBatch): void {
  let timeMs = 0;
  let value = 0;
  let stale = false;
  let startMs = 0;
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    if (tag === SAMPLE_VALUE) {
      const at = cursor.fixed64(end);
      value = cursor.view.getFloat64(at, true);
      stale =
        Number.isNaN(value) &&
        cursor.view.getUint32(at, true) === STALE_NAN_LOW &&
        cursor.view.getUint32(at + 4, true) === STALE_NAN_HIGH;
    } else if (tag === SAMPLE_TIME) timeMs = cursor.int64(end);
    else if (tag === SAMPLE_START) startMs = cursor.int64(end);
    else cursor.skip(tag, end, SAMPLE_FIELDS);
  }
  batch.addSample(timeMs, value, stale, startMs);
}
