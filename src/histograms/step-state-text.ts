import type { Buckets, NativeHistogram } from '../model/samples/native-histogram.js';
import type { StepState } from './step-increase.js';

/** A state as a line of JSON, with the key of its series. */
export function formatState(key: string, state: StepState): string {
  return `${JSON.stringify([key, state], (_, value) => (isOdd(value) ? String(value) : value))}\n`;
}

/** Reads what `formatState` wrote. Throws for anything else. */
export function parseState(line: string): readonly [key: string, state: StepState] {
  const parsed: unknown = JSON.parse(line, (_, value) => (ODD.has(value) ? Number(value) : value));
  if (!Array.isArray(parsed) || typeof parsed[0] !== 'string' || !isState(parsed[1])) {
    throw new Error('it has a line that is no state of a histogram');
  }
  const { previous, step, sum } = parsed[1];
  return [parsed[0], { previous, step, sum }];
}

/** Numbers that JSON does not have, as they are written. */
const ODD: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity']);

function isOdd(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value);
}

function isState(value: unknown): value is StepState {
  if (!isRecord(value)) return false;
  const { previous, step, sum } = value;
  const isPrevious =
    previous === undefined ||
    (isRecord(previous) && typeof previous.timeMs === 'number' && isHistogram(previous.histogram));
  return isPrevious && typeof step === 'number' && (sum === undefined || isHistogram(sum));
}

function isHistogram(value: unknown): value is NativeHistogram {
  if (!isRecord(value)) return false;
  const { count, sum, schema, zeroThreshold, zeroCount, positive, negative, bounds } = value;
  return (
    [count, sum, schema, zeroThreshold, zeroCount].every((field) => typeof field === 'number') &&
    isBuckets(positive) &&
    isBuckets(negative) &&
    isNumbers(bounds)
  );
}

function isBuckets(value: unknown): value is Buckets {
  if (!isRecord(value)) return false;
  const { indexes, counts } = value;
  return isNumbers(indexes) && isNumbers(counts) && indexes.length === counts.length;
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
