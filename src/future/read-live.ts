import type { LiveRange } from '../backtest/input/live-range.js';
import type { RecordedSeries } from '../backtest/input/recorded-series.js';
import { formatDuration } from '../lib/durations.js';
import { UsageError } from '../lib/errors.js';
import { formatLabels, type Labels, labelValue, METRIC_NAME } from '../model/labels/labels.js';
import { formatSelector, parseSelector, SelectorError } from '../model/labels/selector.js';

/** Series of one command. */
const MAX_SERIES = 100;
/** Prometheus returns at most 11,000 points a series; an answer has some 10 MB. */
const MAX_POINTS_PER_SERIES = 10_000;
const MAX_POINTS = 400_000;
/** A rate takes two samples: those of two steps, or of five minutes where steps are shorter. */
const MIN_RATE_MS = 5 * 60_000;

export interface LiveSeries {
  /** As PromQL writes the series; of an expression its text, and the labels of the result. */
  readonly name: string;
  readonly labels: Labels;
  readonly isRate: boolean;
  readonly recorded: RecordedSeries;
}

/**
 * Reads what a selector or an expression gives between two instants, a value a step: means of gauges, rates of counters, which
 * `isCounter` says of the labels of a series, an expression as it is. Rejects with `UsageError`.
 */
export async function readLive(
  range: LiveRange,
  text: string,
  {
    startMs,
    endMs,
    stepMs,
    isCounter,
  }: { startMs: number; endMs: number; stepMs: number; isCounter: (labels: Labels) => boolean },
): Promise<LiveSeries[]> {
  const matchers = matchersOf(text);
  const found = await range.instant(text, endMs);
  if (found.length === 0)
    throw new UsageError(`${text} gives no series now: look for its name at ${range.shownUrl}graph`);
  if (found.length > MAX_SERIES) {
    throw new UsageError(`${text} gives ${found.length} series, more than ${MAX_SERIES}: name fewer`);
  }
  if (matchers === undefined) {
    const results = await read(range, text, { startMs, endMs, stepMs, series: found.length });
    return results.map(({ labels, recorded }) => {
      const rest = labels.filter(({ name }) => name !== METRIC_NAME);
      return {
        name: rest.length === 0 ? text : `${text} ${formatLabels(rest)}`,
        // A rule for every name takes it, too.
        labels: [{ name: METRIC_NAME, value: text }, ...rest],
        isRate: false,
        recorded,
      };
    });
  }
  const series: LiveSeries[] = [];
  for (const metric of new Set(found.map(({ labels }) => labelValue(labels, METRIC_NAME)))) {
    const named = found.filter(({ labels }) => labelValue(labels, METRIC_NAME) === metric);
    // Those of one metric are read together.
    const isRate = isCounter(named[0]!.labels);
    const selector = formatSelector([
      ...matchers.filter(({ name }) => name !== METRIC_NAME),
      { name: METRIC_NAME, type: '=', value: metric },
    ]);
    const expression = isRate
      ? `rate(${selector}[${formatDuration(Math.max(2 * stepMs, MIN_RATE_MS))}])`
      : `avg_over_time(${selector}[${formatDuration(stepMs)}])`;
    for (const each of await read(range, expression, { startMs, endMs, stepMs, series: named.length })) {
      const labels = [{ name: METRIC_NAME, value: metric }, ...each.labels.filter(({ name }) => name !== METRIC_NAME)];
      series.push({ name: formatLabels(labels), labels, isRate, recorded: each.recorded });
    }
  }
  return series;
}

async function read(
  range: LiveRange,
  expression: string,
  { startMs, endMs, stepMs, series }: { startMs: number; endMs: number; stepMs: number; series: number },
): Promise<Pick<LiveSeries, 'labels' | 'recorded'>[]> {
  const columns = new Map<string, { labels: Labels; times: number[]; values: number[] }>();
  const points = Math.max(1, Math.min(MAX_POINTS_PER_SERIES, Math.floor(MAX_POINTS / series)));
  const untilMs = Math.floor(endMs / stepMs) * stepMs;
  for (let fromMs = Math.ceil(startMs / stepMs) * stepMs; fromMs <= untilMs; fromMs += points * stepMs) {
    const lastMs = Math.min(untilMs, fromMs + (points - 1) * stepMs);
    for (const { labels, samples } of await range.evaluate(expression, { startMs: fromMs, endMs: lastMs, stepMs })) {
      const name = formatLabels(labels);
      const column = columns.get(name) ?? { labels, times: [], values: [] };
      columns.set(name, column);
      for (let i = 0; i < samples.timesMs.length; i++) {
        column.times.push(samples.timesMs[i]!);
        column.values.push(samples.values[i]!);
      }
    }
  }
  return Array.from(columns.values(), ({ labels, times, values }) => ({
    labels,
    recorded: {
      samples: { timesMs: Float64Array.from(times), values: Float64Array.from(values) },
      labels: undefined,
    },
  }));
}

function matchersOf(text: string) {
  try {
    return parseSelector(text);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}
