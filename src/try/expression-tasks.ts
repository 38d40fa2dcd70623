import type { LiveRange } from '../backtest/input/live-range.js';
import type { PlanOptions } from '../backtest/task/plan.js';
import type { BacktestTask } from '../backtest/task/task.js';
import { formatLabels, type Labels, labelValue, METRIC_NAME } from '../model/labels/labels.js';
import type { Rule } from '../model/settings/settings.js';
import type { RecordedExpression } from './named.js';

/** Prometheus returns at most 11,000 points a series; an answer has some 10 MB. */
const MAX_POINTS_PER_SERIES = 10_000;
const MAX_POINTS = 400_000;

/** Tasks for series that expressions give, evaluated as the service would have. Rejects with `UsageError`. */
export async function* expressionTasks(
  range: LiveRange,
  wanted: readonly Labels[],
  expressions: ReadonlyMap<string, RecordedExpression>,
  { rules, options }: { rules: readonly Rule[]; options: PlanOptions },
): AsyncGenerator<BacktestTask> {
  const { fromMs, untilMs, readFromMs = fromMs, horizonMs } = options;
  for (const { record, expression } of expressions.values()) {
    const series = wanted.filter((labels) => labelValue(labels, METRIC_NAME) === record);
    const rule = rules.find(({ name }) => name === record);
    if (series.length === 0 || rule === undefined) continue;
    const { stepMs } = rule.settings;
    const columns = new Map(series.map((labels) => [key(labels), { times: [] as number[], values: [] as number[] }]));
    const points = Math.max(1, Math.min(MAX_POINTS_PER_SERIES, Math.floor(MAX_POINTS / series.length)));
    const endMs = Math.floor(untilMs / stepMs) * stepMs;
    for (let startMs = Math.ceil(readFromMs / stepMs) * stepMs; startMs < endMs; startMs += points * stepMs) {
      const lastMs = Math.min(endMs, startMs + points * stepMs) - stepMs;
      for (const { labels, samples } of await range.evaluate(expression, { startMs, endMs: lastMs, stepMs })) {
        const column = columns.get(key(labels));
        if (column === undefined) continue;
        column.times.push(...samples.timesMs);
        column.values.push(...samples.values);
      }
    }
    for (const labels of series) {
      const { times, values } = columns.get(key(labels))!;
      yield {
        name: formatLabels(labels),
        labels,
        recording: {
          samples: { timesMs: Float64Array.from(times), values: Float64Array.from(values) },
          labels: undefined,
        },
        rule,
        stepMs,
        horizonMs,
        fromMs,
        untilMs,
        predictions: undefined,
        picture: true,
      };
    }
  }
}

/** The labels beside the name, which most functions take away. */
function key(labels: Labels): string {
  return formatLabels(labels.filter(({ name }) => name !== METRIC_NAME));
}
