import { labelsJson } from '../../model/labels/labels.js';
import type { InstantSeries, QueryValue } from '../../promql/evaluate.js';
import { DecimalWriter, lengthsOf, MAX_DECIMAL_BYTES, wordsOf } from './decimal.js';
import { formatTime } from './value-json.js';

/** A piece is handed over when it is this long. */
const PIECE_BYTES = 64 * 1024;
/** `"]` as a number of two bytes. */
const QUOTE_AND_CLOSE = 0x5d22;

/** The `data` of `query_range`, in pieces. */
export function* rangeJson(
  value: Exclude<QueryValue, { type: 'string' }>,
  timesMs: Float64Array,
  limit: number,
): Generator<string | Uint8Array> {
  const series: readonly InstantSeries[] =
    value.type === 'scalar'
      ? [{ labels: [], values: value.values, isPresent: new Uint8Array(timesMs.length).fill(1) }]
      : value.series;
  yield '{"resultType":"matrix","result":[';
  yield* matrixPieces(series, timesMs, limit);
  yield ']}';
}

/**
 * The `result` of a matrix without its brackets, in pieces of about 64 kB that are the caller's own: the first `limit` series that
 * have a value at any of the times.
 */
export function* matrixPieces(
  series: readonly InstantSeries[],
  timesMs: Float64Array,
  limit: number,
): Generator<Uint8Array> {
  const pairs = new PairWriter(timesMs);
  let bytes = piece();
  let at = 0;
  let left = limit;
  let separator = '';
  for (const { labels, values, isPresent } of series) {
    if (left === 0 || !isPresent.includes(1)) continue;
    left--;
    const head = Buffer.from(`${separator}{"metric":${JSON.stringify(labelsJson(labels))},"values":[`);
    separator = ',';
    yield* full(head.length);
    bytes.set(head, at);
    at += head.length;
    pairs.begin(values, isPresent);
    for (;;) {
      at = pairs.write(bytes, at);
      if (pairs.isDone) break;
      yield* full(PIECE_BYTES);
    }
    yield* full(2);
    bytes.set(TAIL, at);
    at += TAIL.length;
  }
  yield bytes.subarray(0, at);

  /** Hands over what there is where `more` bytes would not fit. */
  function* full(more: number): Generator<Uint8Array> {
    if (at + more <= bytes.length) return;
    if (at > 0) yield bytes.subarray(0, at);
    bytes = piece(more);
    at = 0;
  }
}

/** Writes the pairs of a time and a value of one series after the other. */
class PairWriter {
  readonly #decimals = new DecimalWriter();
  /** `,[1764356400,"` of each time, in words of eight bytes, as many for each, and its length in bytes. */
  readonly #words: Float64Array;
  readonly #wordsEach: number;
  readonly #lengths: Uint8Array;
  readonly #pairBytes: number;
  #values: Float64Array = new Float64Array(0);
  #isPresent: Uint8Array = new Uint8Array(0);
  #next = 0;
  #isFirst = true;

  constructor(timesMs: Float64Array) {
    const texts = Array.from(timesMs, (timeMs) => `,[${formatTime(timeMs)},"`);
    this.#lengths = lengthsOf(texts);
    this.#wordsEach = Math.ceil(texts.reduce((most, { length }) => Math.max(most, length), 0) / 8);
    this.#words = wordsOf(texts, this.#wordsEach);
    this.#pairBytes = 8 * this.#wordsEach + MAX_DECIMAL_BYTES + 2;
  }

  begin(values: Float64Array, isPresent: Uint8Array): void {
    this.#values = values;
    this.#isPresent = isPresent;
    this.#next = 0;
    this.#isFirst = true;
  }

  /** Whether all pairs of the series are written. */
  get isDone(): boolean {
    return this.#next === this.#values.length;
  }

  /** Writes pairs at `start` for as long as there is room, and returns where they end. */
  write(bytes: Uint8Array, start: number): number {
    const values = this.#values;
    const isPresent = this.#isPresent;
    const words = this.#words;
    const wordsEach = this.#wordsEach;
    const lengths = this.#lengths;
    const decimals = this.#decimals;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const untilByte = bytes.length - this.#pairBytes;
    let at = start;
    let i = this.#next;
    for (; i < values.length && at <= untilByte; i++) {
      if (isPresent[i] !== 1) continue;
      // A word at a time is faster than bytes; what is too much is written over.
      for (let word = 0; word < wordsEach; word++) {
        view.setFloat64(at + 8 * word, words[i * wordsEach + word]!, true);
      }
      at += lengths[i]!;
      if (this.#isFirst) {
        // The comma is the first byte.
        bytes.copyWithin(at - lengths[i]!, at - lengths[i]! + 1, at);
        at--;
        this.#isFirst = false;
      }
      at = decimals.write(bytes, view, at, values[i]!);
      view.setInt16(at, QUOTE_AND_CLOSE, true);
      at += 2;
    }
    this.#next = i;
    return at;
  }
}

const TAIL = Buffer.from(']}');

function piece(bytes = 0): Uint8Array {
  return Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, bytes));
}
