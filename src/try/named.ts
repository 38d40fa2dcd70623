import type { LiveRange } from '../backtest/input/live-range.js';
import { UsageError } from '../lib/errors.js';
import { labelValue, METRIC_NAME, makeLabels } from '../model/labels/labels.js';
import { formatSelector, parseSelector, SelectorError } from '../model/labels/selector.js';
import { isSyntheticName } from '../model/settings/synthetic.js';
import { COARSE_STEP_MS, type CoarseSeries, onGrid } from './coarse-series.js';
import { readCoarse } from './look.js';

/** Series of one selector or expression; 336 hours each make 14 MB of JSON. */
const MAX_NAMED = 1_500;

/** An expression that is no selector, and the name that its results get. */
export interface RecordedExpression {
  readonly expression: string;
  readonly record: string;
}

/** What somebody named. */
export interface Named {
  readonly series: CoarseSeries[];
  /** Expressions, by the name that their series bear here. */
  readonly expressions: ReadonlyMap<string, RecordedExpression>;
}

/** The hours of what selectors and expressions give, the same series once. Rejects with `UsageError`, also where one gives nothing. */
export async function readNamed(
  range: LiveRange,
  texts: readonly string[],
  { startMs, endMs }: { startMs: number; endMs: number },
): Promise<Named> {
  const series = new Map<string, CoarseSeries>();
  const expressions = new Map<string, RecordedExpression>();
  for (const [i, text] of texts.entries()) {
    const selector = selectorOf(text);
    // A name in braces without __name__ is unknown to Prometheus before 3.0.
    const asked = selector === undefined ? text : formatSelector(selector);
    const [count] = await range.instant(`count(${asked})`, endMs);
    const found = count?.samples.values[0] ?? 0;
    if (found === 0) {
      throw new UsageError(`${text} gives no series now: look for its name at ${range.shownUrl}graph`);
    }
    if (found > MAX_NAMED) throw new UsageError(`${text} gives ${found} series, more than ${MAX_NAMED}: name fewer`);
    if (selector !== undefined) {
      for (const each of await readCoarse(range, selector, { startMs, endMs })) {
        if (!isSyntheticName(labelValue(each.labels, METRIC_NAME))) series.set(JSON.stringify(each.labels), each);
      }
      continue;
    }
    const record = recordName(text, i + 1);
    expressions.set(record, { expression: text, record });
    const count2 = Math.round((endMs - startMs) / COARSE_STEP_MS) + 1;
    for (const { labels, samples } of await range.evaluate(text, { startMs, endMs, stepMs: COARSE_STEP_MS })) {
      const named = makeLabels([
        ...labels.filter(({ name }) => name !== METRIC_NAME).map(({ name, value }) => [name, value] as const),
        [METRIC_NAME, record] as const,
      ]);
      series.set(JSON.stringify(named), {
        labels: named,
        values: onGrid(samples, { startMs, count: count2, isCounter: false }),
      });
    }
  }
  return { series: [...series.values()], expressions };
}

function selectorOf(text: string) {
  try {
    return parseSelector(text);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

/** `sum by (job) (rate(m[5m]))` is called `try:sum_by_job_rate_m_5m`; `number` where nothing of it is a word. */
function recordName(expression: string, number: number): string {
  const words = (expression.match(/[a-zA-Z_]\w*|\d+[a-z]+/g) ?? [String(number)]).join('_').slice(0, 80);
  return `try:${words}`;
}
