import { type Labels, METRIC_NAME } from '../model/labels/labels.js';
import type { Binary, Expression, Selector } from './expression.js';
import { ARITHMETIC, COMPARISON, isComparison } from './operators.js';
import { PromqlError } from './promql-error.js';

/** The value of a query at each of its evaluation timestamps. */
export type QueryValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'scalar'; readonly values: Float64Array }
  | { readonly type: 'vector'; readonly series: readonly InstantSeries[] };

/** One series of a vector: its value at each evaluation timestamp at which it has one, where `isPresent` is 1. */
export interface InstantSeries {
  readonly labels: Labels;
  readonly values: Float64Array;
  readonly isPresent: Uint8Array;
}

/** What selectors select from: the series that match, with a value at each of the times, NaN where there is none. */
export type SelectSeries = (
  selector: Pick<Selector, 'matchers'>,
  timesMs: Float64Array,
) => Promise<readonly { readonly labels: Labels; readonly values: Float64Array }[]>;

/** Awaited before each series that an operator takes; may throw, to end the evaluation. */
type Pause = () => Promise<void>;

/**
 * Evaluates a query at ascending evaluation timestamps, in Unix milliseconds, at least one. Throws `PromqlError` where series
 * are no longer distinct without their names, and whatever `select` and `pause` throw.
 */
export async function evaluateQuery(
  expression: Expression,
  timesMs: Float64Array,
  select: SelectSeries,
  pause: Pause = async () => {},
): Promise<QueryValue> {
  switch (expression.kind) {
    case 'string':
      return { type: 'string', value: expression.value };
    case 'number':
      return { type: 'scalar', values: new Float64Array(timesMs.length).fill(expression.value) };
    case 'selector':
      return { type: 'vector', series: await evaluateSelector(expression, timesMs, select) };
    case 'negation':
      return negate(await evaluateQuery(expression.operand, timesMs, select, pause), pause);
    case 'binary':
      return combine(
        expression,
        await evaluateQuery(expression.left, timesMs, select, pause),
        await evaluateQuery(expression.right, timesMs, select, pause),
        pause,
      );
  }
}

async function evaluateSelector(
  selector: Selector,
  timesMs: Float64Array,
  select: SelectSeries,
): Promise<InstantSeries[]> {
  const { at, offsetMs } = selector;
  const fixedMs = at === 'start' ? timesMs[0]! : at === 'end' ? timesMs.at(-1)! : at;
  const sourceTimesMs = (fixedMs === undefined ? timesMs : Float64Array.of(fixedMs)).map((timeMs) => timeMs - offsetMs);
  const selected = await select(selector, sourceTimesMs);
  const everywhere = new Uint8Array(timesMs.length).fill(1);
  return selected.map(({ labels, values }) => {
    const all = fixedMs === undefined ? values : new Float64Array(timesMs.length).fill(values[0]!);
    return { labels, values: all, isPresent: presenceOf(all, everywhere) };
  });
}

/** 1 where there is a value: `everywhere`, which series share, where they all are. */
function presenceOf(values: Float64Array, everywhere: Uint8Array): Uint8Array {
  let present = 0;
  while (present < values.length && !Number.isNaN(values[present]!)) present++;
  if (present === values.length) return everywhere;
  const isPresent = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i]!)) isPresent[i] = 1;
  return isPresent;
}

async function negate(value: QueryValue, pause: Pause): Promise<QueryValue> {
  await pause();
  if (value.type === 'scalar') return { type: 'scalar', values: value.values.map((x) => -x) };
  if (value.type === 'string') return value;
  return {
    type: 'vector',
    series: await eachUnique(
      value.series,
      (one) => ({ ...one, labels: withoutName(one.labels), values: one.values.map((x) => -x) }),
      pause,
    ),
  };
}

async function combine(binary: Binary, left: QueryValue, right: QueryValue, pause: Pause): Promise<QueryValue> {
  await pause();
  if (left.type === 'scalar' && right.type === 'scalar') {
    const result = numberOperator(binary);
    return { type: 'scalar', values: left.values.map((a, i) => result(a, right.values[i]!)) };
  }
  if (left.type === 'vector' && right.type === 'scalar') {
    return { type: 'vector', series: await combineVector(binary, left.series, right.values, false, pause) };
  }
  if (left.type === 'scalar' && right.type === 'vector') {
    return { type: 'vector', series: await combineVector(binary, right.series, left.values, true, pause) };
  }
  throw new TypeError(
    `Cannot evaluate "${binary.operator}" between ${left.type} and ${right.type}: the parser lets none through`,
  );
}

/** A comparison without `bool` keeps what meets it, name and all; every other result is another quantity, without a name. */
async function combineVector(
  binary: Binary,
  series: readonly InstantSeries[],
  scalars: Float64Array,
  isScalarLeft: boolean,
  pause: Pause,
): Promise<InstantSeries[]> {
  const { operator, returnsBool } = binary;
  if (isComparison(operator) && !returnsBool) {
    const holds = COMPARISON[operator];
    const kept: InstantSeries[] = [];
    for (const one of series) {
      await pause();
      const isPresent = one.isPresent.map((isPresent, i) => {
        const [value, scalar] = [one.values[i]!, scalars[i]!];
        return isPresent === 1 && (isScalarLeft ? holds(scalar, value) : holds(value, scalar)) ? 1 : 0;
      });
      kept.push({ ...one, isPresent });
    }
    return kept;
  }
  const result = numberOperator(binary);
  return eachUnique(
    series,
    (one) => ({
      labels: withoutName(one.labels),
      values: one.values.map((value, i) => (isScalarLeft ? result(scalars[i]!, value) : result(value, scalars[i]!))),
      isPresent: one.isPresent,
    }),
    pause,
  );
}

function numberOperator({ operator }: Binary): (a: number, b: number) => number {
  if (!isComparison(operator)) return ARITHMETIC[operator];
  const holds = COMPARISON[operator];
  return (a, b) => (holds(a, b) ? 1 : 0);
}

function withoutName(labels: Labels): Labels {
  return labels.filter(({ name }) => name !== METRIC_NAME);
}

/**
 * What `map` makes of each series. Series that differed in nothing but their names become one where at most one of them has a value at a time, and an
 * error otherwise, as in Prometheus.
 */
async function eachUnique(
  series: readonly InstantSeries[],
  map: (one: InstantSeries) => InstantSeries,
  pause: Pause,
): Promise<InstantSeries[]> {
  const byLabels = new Map<string, InstantSeries>();
  for (const before of series) {
    await pause();
    const one = map(before);
    const key = JSON.stringify(one.labels.map(({ name, value }) => [name, value]));
    const same = byLabels.get(key);
    byLabels.set(key, same === undefined ? one : merged(same, one));
  }
  return [...byLabels.values()];
}

function merged(a: InstantSeries, b: InstantSeries): InstantSeries {
  if (a.isPresent.some((isPresent, i) => isPresent === 1 && b.isPresent[i] === 1)) {
    throw new PromqlError('execution', 'vector cannot contain metrics with the same labelset');
  }
  return {
    labels: a.labels,
    values: a.values.map((value, i) => (a.isPresent[i] === 1 ? value : b.values[i]!)),
    isPresent: a.isPresent.map((isPresent, i) => isPresent | b.isPresent[i]!),
  };
}
