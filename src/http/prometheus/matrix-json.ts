import type { InstantSeries, QueryValue } from '../../promql/evaluate.js';
import { DecimalWriter, MAX_DECIMAL_BYTES } from './decimal.js';
import { formatTime, labelsJson } from './value-json.js';

/** A piece is handed over when it is this long. */
const PIECE_BYTES = 64 * 1024;
const QUOTE = 0x22;
const CLOSE = 0x5d;

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
  const decimals = new DecimalWriter();
  const { prefixes, ends } = prefixesOf(timesMs);
  const longest = ends.reduce((most, end, i) => Math.max(most, end - (ends[i - 1] ?? 0)), 0);
  const pairBytes = longest + MAX_DECIMAL_BYTES + 2;
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
    let isFirst = true;
    for (let i = 0; i < values.length; i++) {
      if (isPresent[i] !== 1) continue;
      if (at + pairBytes > bytes.length) yield* full(pairBytes);
      // The comma is the first byte of the prefix.
      for (let j = (i === 0 ? 0 : ends[i - 1]!) + (isFirst ? 1 : 0); j < ends[i]!; j++) bytes[at++] = prefixes[j]!;
      isFirst = false;
      at = decimals.write(bytes, at, values[i]!);
      bytes[at++] = QUOTE;
      bytes[at++] = CLOSE;
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

const TAIL = Buffer.from(']}');

/** `,[1764356400,"` of each time, one after the other, and where each ends. */
function prefixesOf(timesMs: Float64Array): { prefixes: Uint8Array; ends: Int32Array } {
  const texts = Array.from(timesMs, (timeMs) => `,[${formatTime(timeMs)},"`);
  let length = 0;
  const ends = Int32Array.from(texts, (text) => {
    length += text.length;
    return length;
  });
  return { prefixes: Buffer.from(texts.join('')), ends };
}

function piece(bytes = 0): Uint8Array {
  return Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, bytes));
}
