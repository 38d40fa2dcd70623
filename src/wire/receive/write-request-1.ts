import { METRIC_TYPES } from '../../model/samples/metric-type.js';
import { ProtoCursor, WireType } from '../core/proto-cursor.js';
import type { WriteBatch } from '../core/write-batch.js';
import { readHistogram } from './native-histogram.js';
import { readSample } from './sample.js';

// prometheus/prometheus prompb/remote.proto and types.proto.
const REQUEST_SERIES = (1 << 3) | WireType.bytes;
const REQUEST_METADATA = (3 << 3) | WireType.bytes;
const REQUEST_FIELDS = 0b1010;
const SERIES_LABELS = (1 << 3) | WireType.bytes;
const SERIES_SAMPLES = (2 << 3) | WireType.bytes;
const SERIES_EXEMPLARS = (3 << 3) | WireType.bytes;
const SERIES_HISTOGRAMS = (4 << 3) | WireType.bytes;
const SERIES_FIELDS = 0b1_1110;
const METADATA_TYPE = (1 << 3) | WireType.varint;
const METADATA_FAMILY = (2 << 3) | WireType.bytes;
const METADATA_FIELDS = 0b110;

/**
 * Reads a prometheus.WriteRequest into `batch`, in which the labels of a series are then its label block in `body`. The
 * structure of the whole request is checked: a broken one throws `WireError` and nothing of it is delivered. Labels
 * are checked when a block is resolved, once per series rather than once per request.
 *
 * Writes to `body` where the labels of a series are not adjacent: they are moved together.
 */
export function decodeWriteRequest1(body: Uint8Array, batch: WriteBatch): void {
  batch.clear();
  const cursor = new ProtoCursor(body);
  const end = body.length;
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    if (tag === REQUEST_SERIES) readSeries(cursor, cursor.open(end), batch);
    else if (tag === REQUEST_METADATA) readMetadata(cursor, cursor.open(end), batch);
    else cursor.skip(tag, end, REQUEST_FIELDS);
  }
}

/** Reads one TimeSeries into `batch`, as `decodeWriteRequest1` reads each. */
export function readSeries(cursor: ProtoCursor, end: number, batch: WriteBatch): void {
  const labelsStart = cursor.pos;
  let labelsEnd = labelsStart;
  while (cursor.pos < end) {
    const fieldStart = cursor.pos;
    const tag = cursor.tag(end);
    if (tag === SERIES_LABELS) {
      cursor.pos = cursor.open(end);
      if (fieldStart === labelsEnd) {
        // Fast path: what every known sender writes, all labels and then the rest.
        labelsEnd = cursor.pos;
      } else {
        // Slow path: what lies between has been read or is copied, so the label can take its place.
        batch.keepMessages(cursor.bytes);
        cursor.bytes.copyWithin(labelsEnd, fieldStart, cursor.pos);
        labelsEnd += cursor.pos - fieldStart;
      }
    } else if (tag === SERIES_SAMPLES) {
      readSample(cursor, cursor.open(end), batch);
    } else if (tag === SERIES_EXEMPLARS) {
      const exemplarEnd = cursor.open(end);
      batch.addExemplar(cursor.pos, exemplarEnd);
      cursor.pos = exemplarEnd;
    } else if (tag === SERIES_HISTOGRAMS) {
      readHistogram(cursor, cursor.open(end), batch);
    } else {
      cursor.skip(tag, end, SERIES_FIELDS);
    }
  }
  batch.addSeries(labelsStart, labelsEnd);
}

function readMetadata(cursor: ProtoCursor, end: number, batch: WriteBatch): void {
  let type = 0;
  let familyStart = 0;
  let familyEnd = 0;
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    if (tag === METADATA_TYPE) type = cursor.varint(end);
    else if (tag === METADATA_FAMILY) {
      familyEnd = cursor.open(end);
      familyStart = cursor.pos;
      cursor.pos = familyEnd;
    } else cursor.skip(tag, end, METADATA_FIELDS);
  }
  batch.addMetadata(type < METRIC_TYPES.length ? type : 0, familyStart, familyEnd);
}
