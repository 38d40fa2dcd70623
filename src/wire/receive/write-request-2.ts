import { METRIC_TYPES } from '../../model/samples/metric-type.js';
import { malformed, ProtoCursor, WireType } from '../core/proto-cursor.js';
import type { WriteBatch } from '../core/write-batch.js';
import { readHistogram } from './native-histogram.js';
import { readSample } from './sample.js';
import type { SymbolBlocks } from './symbol-blocks.js';

// prometheus/prometheus prompb/io/prometheus/write/v2/types.proto.
const REQUEST_SYMBOLS = (4 << 3) | WireType.bytes;
const REQUEST_SERIES = (5 << 3) | WireType.bytes;
const REQUEST_FIELDS = 0b11_0000;
const SERIES_REFS_PACKED = (1 << 3) | WireType.bytes;
const SERIES_REF = (1 << 3) | WireType.varint;
const SERIES_SAMPLES = (2 << 3) | WireType.bytes;
const SERIES_HISTOGRAMS = (3 << 3) | WireType.bytes;
const SERIES_EXEMPLARS = (4 << 3) | WireType.bytes;
const SERIES_METADATA = (5 << 3) | WireType.bytes;
/** Of 2.0-rc.3 and before; since then each sample has its own. */
const SERIES_CREATED = (6 << 3) | WireType.varint;
const SERIES_FIELDS = 0b111_1110;
const METADATA_TYPE = (1 << 3) | WireType.varint;
const METADATA_FIELDS = 0b10;

/**
 * Reads an io.prometheus.write.v2.Request into `batch` and its symbols into `symbols`; in the batch the labels of a
 * series are then its references, varints in `body`. The structure of the whole request is checked: a broken one throws
 * `WireError` and nothing of it is delivered. A reference outside the table only refuses its series (`SymbolBlocks`).
 *
 * Writes to `body` where the references of a series are not adjacent: they are moved together.
 */
export function decodeWriteRequest2(body: Uint8Array, batch: WriteBatch, symbols: SymbolBlocks): void {
  batch.clear();
  symbols.clear(body);
  const cursor = new ProtoCursor(body);
  const end = body.length;
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    if (tag === REQUEST_SERIES) readSeries(cursor, cursor.open(end), batch);
    else if (tag === REQUEST_SYMBOLS) {
      const symbolEnd = cursor.open(end);
      if (symbols.count === 0 && symbolEnd > cursor.pos) throw malformed('the first symbol is not the empty string');
      symbols.addSymbol(cursor.pos, symbolEnd);
      cursor.pos = symbolEnd;
    } else cursor.skip(tag, end, REQUEST_FIELDS);
  }
}

function readSeries(cursor: ProtoCursor, end: number, batch: WriteBatch): void {
  let refsStart = cursor.pos;
  let refsEnd = refsStart;
  let metricType = 0;
  let createdMs = 0;
  const firstSample = batch.sampleCount;
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    if (tag === SERIES_REFS_PACKED || tag === SERIES_REF) {
      const packedEnd = tag === SERIES_REFS_PACKED ? cursor.open(end) : 0;
      const runStart = cursor.pos;
      if (packedEnd === 0) cursor.varint(end);
      while (cursor.pos < packedEnd) cursor.varint(packedEnd);
      if (refsEnd === refsStart) {
        // Fast path: what every known sender writes, all references in one packed field.
        refsStart = runStart;
        refsEnd = cursor.pos;
      } else {
        // Slow path: what lies between has been read or is copied, so the references can take its place.
        batch.keepMessages(cursor.bytes);
        cursor.bytes.copyWithin(refsEnd, runStart, cursor.pos);
        refsEnd += cursor.pos - runStart;
      }
    } else if (tag === SERIES_SAMPLES) {
      readSample(cursor, cursor.open(end), batch);
    } else if (tag === SERIES_HISTOGRAMS) {
      readHistogram(cursor, cursor.open(end), batch);
    } else if (tag === SERIES_EXEMPLARS) {
      const exemplarEnd = cursor.open(end);
      batch.addExemplar(cursor.pos, exemplarEnd);
      cursor.pos = exemplarEnd;
    } else if (tag === SERIES_METADATA) {
      metricType = readMetricType(cursor, cursor.open(end));
    } else if (tag === SERIES_CREATED) {
      createdMs = cursor.int64(end);
    } else {
      cursor.skip(tag, end, SERIES_FIELDS);
    }
  }
  if (createdMs !== 0) batch.setStart(firstSample, createdMs);
  batch.addSeries(refsStart, refsEnd, metricType);
}

function readMetricType(cursor: ProtoCursor, end: number): number {
  let type = 0;
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    if (tag === METADATA_TYPE) type = cursor.varint(end);
    else cursor.skip(tag, end, METADATA_FIELDS);
  }
  return type < METRIC_TYPES.length ? type : 0;
}
