import { type Buckets, type HistogramSample, RESET_HINTS } from '../../model/samples/native-histogram.js';
import { STALE_NAN_HIGH, STALE_NAN_LOW } from '../../model/samples/staleness.js';
import { ProtoCursor, WireType } from '../core/proto-cursor.js';

// Field numbers of Histogram and BucketSpan, the same in both versions of remote-write (see native-histogram.ts).
const COUNT_INT = 1;
const COUNT_FLOAT = 2;
const SUM = 3;
const SCHEMA = 4;
const ZERO_THRESHOLD = 5;
const ZERO_COUNT_INT = 6;
const ZERO_COUNT_FLOAT = 7;
const NEGATIVE_SPANS = 8;
const NEGATIVE_DELTAS = 9;
const NEGATIVE_COUNTS = 10;
const POSITIVE_SPANS = 11;
const POSITIVE_DELTAS = 12;
const POSITIVE_COUNTS = 13;
const RESET_HINT = 14;
const TIME = 15;
const CUSTOM_VALUES = 16;
/** Of 2.0 alone. */
const START_TIME = 17;
const SPAN_OFFSET = (1 << 3) | WireType.varint;
const SPAN_LENGTH = (2 << 3) | WireType.varint;

/** The buckets on one side as they are sent: runs of adjacent ones, and integer counts as differences to the one before. */
class SideReader {
  readonly #indexes: number[] = [];
  readonly #counts: number[] = [];
  #nextIndex = 0;
  #lastCount = 0;

  readSpan(cursor: ProtoCursor, end: number): void {
    let length = 0;
    while (cursor.pos < end) {
      const tag = cursor.tag(end);
      if (tag === SPAN_OFFSET) this.#nextIndex += unzigzag(cursor.varint(end));
      else if (tag === SPAN_LENGTH) length = cursor.varint(end);
      else cursor.skip(tag, end, 0);
    }
    for (let i = 0; i < length; i++) this.#indexes.push(this.#nextIndex++);
  }

  addDelta(delta: number): void {
    this.#lastCount += delta;
    this.#counts.push(this.#lastCount);
  }

  addCount(count: number): void {
    this.#counts.push(count);
  }

  get buckets(): Buckets {
    const kept = this.#indexes.map((_, i) => i).filter((i) => this.#counts[i] !== 0);
    return { indexes: kept.map((i) => this.#indexes[i]!), counts: kept.map((i) => this.#counts[i]!) };
  }
}

/** Decodes a Histogram of which `readHistogram` has found nothing inconsistent. Throws `WireError`. */
export function decodeHistogram(bytes: Uint8Array): HistogramSample {
  const cursor = new ProtoCursor(bytes);
  const end = bytes.length;
  const { view } = cursor;
  const [positive, negative] = [new SideReader(), new SideReader()];
  const bounds: number[] = [];
  let [count, sum, zeroCount, zeroThreshold, schema, timeMs, hint, startMs] = [0, 0, 0, 0, 0, 0, 0, 0];
  let isStale = false;
  const double = (until: number) => view.getFloat64(cursor.fixed64(until), true);
  /** Reads one number, or all of a packed field. */
  const each = (wireType: number, read: (until: number) => void) => {
    if (wireType !== WireType.bytes) return read(end);
    const until = cursor.open(end);
    while (cursor.pos < until) read(until);
  };
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    switch (tag >>> 3) {
      case COUNT_INT:
        count = cursor.varint(end);
        break;
      case COUNT_FLOAT:
        count = double(end);
        break;
      case SUM: {
        const at = cursor.fixed64(end);
        sum = view.getFloat64(at, true);
        isStale = view.getUint32(at, true) === STALE_NAN_LOW && view.getUint32(at + 4, true) === STALE_NAN_HIGH;
        break;
      }
      case SCHEMA:
        schema = unzigzag(cursor.varint(end));
        break;
      case ZERO_THRESHOLD:
        zeroThreshold = double(end);
        break;
      case ZERO_COUNT_INT:
        zeroCount = cursor.varint(end);
        break;
      case ZERO_COUNT_FLOAT:
        zeroCount = double(end);
        break;
      case NEGATIVE_SPANS:
        negative.readSpan(cursor, cursor.open(end));
        break;
      case POSITIVE_SPANS:
        positive.readSpan(cursor, cursor.open(end));
        break;
      case NEGATIVE_DELTAS:
        each(tag & 7, (until) => negative.addDelta(unzigzag(cursor.varint(until))));
        break;
      case POSITIVE_DELTAS:
        each(tag & 7, (until) => positive.addDelta(unzigzag(cursor.varint(until))));
        break;
      case NEGATIVE_COUNTS:
        each(tag & 7, (until) => negative.addCount(double(until)));
        break;
      case POSITIVE_COUNTS:
        each(tag & 7, (until) => positive.addCount(double(until)));
        break;
      case CUSTOM_VALUES:
        each(tag & 7, (until) => bounds.push(double(until)));
        break;
      case RESET_HINT:
        hint = cursor.varint(end);
        break;
      case TIME:
        timeMs = cursor.int64(end);
        break;
      case START_TIME:
        startMs = cursor.int64(end);
        break;
      default:
        cursor.skip(tag, end, 0);
    }
  }
  const histogram = {
    count,
    sum,
    schema,
    zeroThreshold,
    zeroCount,
    positive: positive.buckets,
    negative: negative.buckets,
    bounds,
  };
  return { timeMs, resetHint: RESET_HINTS[hint] ?? 'unknown', startMs, histogram: isStale ? undefined : histogram };
}

/** Decodes a sint64 (zigzag encoding). */
function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
