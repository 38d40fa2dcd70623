import { labelsJson } from '../../model/labels/labels.js';
import type { QueryValue } from '../../promql/evaluate.js';
import { listJson } from '../request/list-json.js';
import { formatValue } from './decimal.js';

/** An evaluation timestamp as Prometheus' HTTP API writes it: Unix seconds with at most three decimals. */
export function formatTime(timeMs: number): string {
  return String(timeMs / 1000);
}

/** The `data` of `query`, in pieces. `timeMs` is the one evaluation timestamp. */
export function* instantJson(value: QueryValue, timeMs: number, limit: number): Generator<string> {
  const pair = (number: number) => `[${formatTime(timeMs)},"${formatValue(number)}"]`;
  if (value.type === 'string') {
    yield `{"resultType":"string","result":[${formatTime(timeMs)},${JSON.stringify(value.value)}]}`;
  } else if (value.type === 'scalar') {
    yield `{"resultType":"scalar","result":${pair(value.values[0]!)}}`;
  } else {
    const present = value.series.filter(({ isPresent }) => isPresent[0] === 1).slice(0, limit);
    const json = ({ labels, values }: (typeof present)[number]) =>
      `{"metric":${JSON.stringify(labelsJson(labels))},"value":${pair(values[0]!)}}`;
    yield* listJson('{"resultType":"vector","result":[', present, json, ']}');
  }
}
