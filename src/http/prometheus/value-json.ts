import type { Labels } from '../../model/labels/labels.js';
import type { InstantSeries, QueryValue } from '../../promql/evaluate.js';

/**
 * A value as Prometheus' HTTP API writes it (prometheus/prometheus util/jsonutil, MarshalFloat): the shortest decimal that
 * is the same number, with an exponent below 1e-6 and from 1e21 on, as in JavaScript, but of two digits at least.
 */
function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  if (Object.is(value, -0)) return '-0';
  return String(value).replace(/e([+-])(\d)$/, (_, sign, digit) => `e${sign}0${digit}`);
}

/** An evaluation timestamp as Prometheus' HTTP API writes it: Unix seconds with at most three decimals. */
function formatTime(timeMs: number): string {
  return String(timeMs / 1000);
}

export function labelsJson(labels: Labels): Record<string, string> {
  return Object.fromEntries(labels.map(({ name, value }) => [name, value]));
}

/** The `data` of `query`, in pieces of one series each. `timeMs` is the one evaluation timestamp. */
export function* instantJson(value: QueryValue, timeMs: number, limit: number): Generator<string> {
  const pair = (number: number) => `[${formatTime(timeMs)},"${formatValue(number)}"]`;
  if (value.type === 'string') {
    yield `{"resultType":"string","result":[${formatTime(timeMs)},${JSON.stringify(value.value)}]}`;
  } else if (value.type === 'scalar') {
    yield `{"resultType":"scalar","result":${pair(value.values[0]!)}}`;
  } else {
    const pieces = value.series
      .filter(({ isPresent }) => isPresent[0] === 1)
      .slice(0, limit)
      .map(({ labels, values }) => `{"metric":${JSON.stringify(labelsJson(labels))},"value":${pair(values[0]!)}}`);
    yield* listJson('{"resultType":"vector","result":[', pieces, ']}');
  }
}

/** The `data` of `query_range`, in pieces of one series each. */
export function* rangeJson(
  value: Exclude<QueryValue, { type: 'string' }>,
  timesMs: Float64Array,
  limit: number,
): Generator<string> {
  const series: readonly InstantSeries[] =
    value.type === 'scalar'
      ? [{ labels: [], values: value.values, isPresent: new Uint8Array(timesMs.length).fill(1) }]
      : value.series;
  yield* listJson('{"resultType":"matrix","result":[', matrixPieces(series, timesMs, limit), ']}');
}

function* matrixPieces(series: readonly InstantSeries[], timesMs: Float64Array, limit: number): Generator<string> {
  let left = limit;
  for (const { labels, values, isPresent } of series) {
    if (left === 0 || !isPresent.includes(1)) continue;
    left--;
    const pairs: string[] = [];
    values.forEach((value, i) => {
      if (isPresent[i] === 1) pairs.push(`[${formatTime(timesMs[i]!)},"${formatValue(value)}"]`);
    });
    yield `{"metric":${JSON.stringify(labelsJson(labels))},"values":[${pairs.join(',')}]}`;
  }
}

/** A list in pieces of one item each. */
export function* listJson(opening: string, pieces: Iterable<string>, closing: string): Generator<string> {
  let separator = opening;
  for (const piece of pieces) {
    yield separator + piece;
    separator = ',';
  }
  yield (separator === opening ? opening : '') + closing;
}
