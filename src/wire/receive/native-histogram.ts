import { malformed, type ProtoCursor, WireType } from '../core/proto-cursor.js';
import type { WriteBatch } from '../core/write-batch.js';

// Field numbers of Histogram, the same in prompb/types.proto and prompb/io/prometheus/write/v2/types.proto.
const COUNT_INT = (1 << 3) | WireType.varint;
const COUNT_FLOAT = (2 << 3) | WireType.fixed64;
const SUM = (3 << 3) | WireType.fixed64;
const ZERO_COUNT_INT = (6 << 3) | WireType.varint;
const ZERO_COUNT_FLOAT = (7 << 3) | WireType.fixed64;
const NEGATIVE = 8;
const POSITIVE = 11;
// Each side is three fields in a row: spans, then deltas of integer buckets, then counts of float buckets.
const SPANS = 0;
const DELTAS = 1;
const COUNTS = 2;
const SPAN_OFFSET = (1 << 3) | WireType.varint;
const SPAN_LENGTH = (2 << 3) | WireType.varint;
const SPAN_FIELDS = 0b110;

/** The buckets on one side of zero, as far as they have been read. */
interface Side {
  spans: number;
  spanBuckets: number;
  deltas: number;
  counts: number;
  lastCount: number;
  observations: number;
  problem: string;
}

/** Reads one native histogram up to `end` into `batch`, or counts it there as invalid. Throws `WireError` for broken bytes. */
export function readHistogram(cursor: ProtoCursor, end: number, batch: WriteBatch): void {
  const start = cursor.pos;
  batch.addHistogram(checkHistogram(cursor, end), start, end);
}

/**
 * Reads one native histogram up to `end` and returns what is inconsistent in it, or `''`: the rules of Prometheus'
 * Validate (model/histogram/histogram.go, float_histogram.go). Throws `WireError` for broken bytes.
 */
function checkHistogram(cursor: ProtoCursor, end: number): string {
  let isFloat = false;
  let count = 0;
  let zeroCount = 0;
  let sum = 0;
  const negative = emptySide();
  const positive = emptySide();
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    const field = tag >>> 3;
    if (tag === COUNT_INT || tag === ZERO_COUNT_INT) {
      const value = cursor.varint(end);
      if (tag === COUNT_INT) count = value;
      else zeroCount = value;
    } else if (tag === COUNT_FLOAT || tag === ZERO_COUNT_FLOAT || tag === SUM) {
      const value = cursor.view.getFloat64(cursor.fixed64(end), true);
      if (tag === SUM) sum = value;
      else if (tag === ZERO_COUNT_FLOAT) zeroCount = value;
      else {
        count = value;
        isFloat = true;
      }
    } else if (field >= NEGATIVE && field < NEGATIVE + 3) readSide(cursor, tag, field - NEGATIVE, end, negative);
    else if (field >= POSITIVE && field < POSITIVE + 3) readSide(cursor, tag, field - POSITIVE, end, positive);
    else cursor.skip(tag, end, 0b1100_1110);
  }

  const problem = sideProblem(negative, isFloat) || sideProblem(positive, isFloat);
  if (problem !== '') return problem;
  if (!(count >= 0 && zeroCount >= 0)) return `its count ${count} or its zero count ${zeroCount} is negative`;
  // Counts of float histograms are sums that may have been rounded, so Prometheus does not compare them.
  if (isFloat) return '';
  const observations = negative.observations + positive.observations + zeroCount;
  // Observations of NaN are in the count and make the sum NaN, but are in no bucket.
  const agrees = Number.isNaN(sum) ? observations <= count : observations === count;
  return agrees ? '' : `its buckets contain ${observations} observations, but its count is ${count}`;
}

function emptySide(): Side {
  return { spans: 0, spanBuckets: 0, deltas: 0, counts: 0, lastCount: 0, observations: 0, problem: '' };
}

function readSide(cursor: ProtoCursor, tag: number, part: number, end: number, side: Side): void {
  const wireType = tag & 7;
  if (part === SPANS && wireType === WireType.bytes) {
    readSpan(cursor, cursor.open(end), side);
  } else if (part !== SPANS && wireType === WireType.bytes) {
    // Packed: one field holds all the numbers.
    const packedEnd = cursor.open(end);
    while (cursor.pos < packedEnd) readBucket(cursor, part, packedEnd, side);
  } else if ((part === DELTAS && wireType === WireType.varint) || (part === COUNTS && wireType === WireType.fixed64)) {
    readBucket(cursor, part, end, side);
  } else {
    throw malformed(`field ${tag >>> 3} has the wrong type`);
  }
}

function readSpan(cursor: ProtoCursor, end: number, side: Side): void {
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    if (tag === SPAN_OFFSET) {
      if (unzigzag(cursor.varint(end)) < 0 && side.spans > 0) side.problem ||= 'its spans overlap';
    } else if (tag === SPAN_LENGTH) side.spanBuckets += cursor.varint(end);
    else cursor.skip(tag, end, SPAN_FIELDS);
  }
  side.spans++;
}

function readBucket(cursor: ProtoCursor, part: number, end: number, side: Side): void {
  if (part === DELTAS) {
    side.lastCount += unzigzag(cursor.varint(end));
    side.deltas++;
  } else {
    side.lastCount = cursor.view.getFloat64(cursor.fixed64(end), true);
    side.counts++;
  }
  if (side.lastCount < 0) side.problem ||= `a bucket contains ${side.lastCount} observations`;
  side.observations += side.lastCount;
}

function sideProblem(side: Side, isFloat: boolean): string {
  if (side.problem !== '') return side.problem;
  const buckets = isFloat ? side.counts : side.deltas;
  if (side.deltas + side.counts !== buckets) return 'it mixes integer and float buckets';
  return buckets === side.spanBuckets ? '' : `its spans contain ${side.spanBuckets} buckets, but ${buckets} were sent`;
}

/** Decodes a sint64 (zigzag encoding). */
function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
