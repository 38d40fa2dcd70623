import type { LiveRange } from '../backtest/input/live-range.js';
import { UsageError } from '../lib/errors.js';
import { escapeExpression } from '../model/labels/escape-expression.js';
import { type Labels, labelValue, METRIC_NAME } from '../model/labels/labels.js';
import type { Matcher } from '../model/labels/matcher.js';
import { formatSelector } from '../model/labels/selector.js';
import { isSyntheticName } from '../model/settings/synthetic.js';
import { likelyAggregate } from '../series/metric-types.js';
import { COARSE_STEP_MS, type CoarseSeries, onGrid } from './coarse-series.js';

/** Series that are looked at without being named: half a minute of a Prometheus, and 300 MB of JSON. */
const MAX_LOOKED = 30_000;
/** Series of one question: 336 hours of 28 bytes each make 14 MB. */
const SERIES_PER_QUERY = 1_500;
/** Of a metric that has more, so many: evenly over all of them. */
const MAX_PER_METRIC = 1_500;
/** An expression of more names takes long to match. */
const NAMES_PER_QUERY = 200;

/** Names of what nobody watches: parts of histograms, dates, constants, and what Prometheus notes about scrapes and alerts. */
const INTERNAL =
  /(_bucket|_created|_info|_build|_timestamp_seconds|_time_seconds)$|^(ALERTS|ALERTS_FOR_STATE|up)$|^scrape_(duration_seconds|samples_scraped|samples_post_metric_relabeling|series_added|timeout_seconds|sample_limit|body_size_bytes)$/;

/** A question that is asked for several metrics, and how many series its answer has. */
interface Batch {
  readonly selector: readonly Matcher[];
  readonly series: number;
}

/** What there is to look at. */
export interface Survey {
  readonly series: number;
  readonly metrics: number;
  /** About scraping, or parts of histograms. */
  readonly internal: number;
  /** Beyond what is looked at without being named. */
  readonly beyond: number;
  readonly batches: readonly Batch[];
  /** Metrics of which only some series are looked at. */
  readonly crowded: readonly { readonly name: string; readonly series: number }[];
}

/** Which metrics there are at `nowMs`, and how they are asked for. Rejects with `UsageError`, also where there is none. */
export async function survey(range: LiveRange, nowMs: number): Promise<Survey> {
  const counts = (await range.instant('count by (__name__) ({__name__!=""})', nowMs))
    .map(({ labels, samples }) => ({ name: labelValue(labels, METRIC_NAME), series: samples.values[0] ?? 0 }))
    .filter(({ name }) => name !== '' && !isSyntheticName(name));
  if (counts.length === 0) {
    throw new UsageError(
      `${range.shownUrl} has no series now: does it scrape anything? Its page /targets says so; of a database that is filled by others, name a selector.`,
    );
  }
  const total = counts.reduce((sum, { series }) => sum + series, 0);
  const own = counts.filter(({ name }) => !INTERNAL.test(name));
  // Metrics of few series first: they are read together, and are more often of a kind of their own.
  own.sort((a, b) => a.series - b.series || (a.name < b.name ? -1 : 1));
  const batches: Batch[] = [];
  const crowded: { name: string; series: number }[] = [];
  let [names, series, looked, beyond]: [string[], number, number, number] = [[], 0, 0, 0];
  const close = () => {
    if (names.length > 0) batches.push({ selector: ofNames(names), series });
    [names, series] = [[], 0];
  };
  for (const metric of own) {
    const count = Math.min(metric.series, MAX_PER_METRIC);
    if (looked + count > MAX_LOOKED) {
      beyond += metric.series;
      continue;
    }
    looked += count;
    beyond += metric.series - count;
    if (metric.series > MAX_PER_METRIC) {
      crowded.push(metric);
      continue;
    }
    if (series + count > SERIES_PER_QUERY || names.length === NAMES_PER_QUERY) close();
    names.push(metric.name);
    series += count;
  }
  close();
  const internal = total - own.reduce((sum, metric) => sum + metric.series, 0);
  return { series: total, metrics: counts.length, internal, beyond, batches, crowded };
}

/** The hours of the series that a selector matches, from `startMs` on until `endMs`. Rejects with `UsageError`. */
export async function readCoarse(
  range: LiveRange,
  selector: readonly Matcher[],
  { startMs, endMs }: { startMs: number; endMs: number },
): Promise<CoarseSeries[]> {
  const answer = await range.evaluate(formatSelector(selector), { startMs, endMs, stepMs: COARSE_STEP_MS });
  const count = Math.round((endMs - startMs) / COARSE_STEP_MS) + 1;
  return answer.map(({ labels, samples }) => {
    const isCounter = likelyAggregate(labelValue(labels, METRIC_NAME)) === 'rate';
    return { labels, values: onGrid(samples, { startMs, count, isCounter }) };
  });
}

/** Selectors for some series of a metric that has too many of them, evenly over all. Rejects with `UsageError`. */
export async function someOf(range: LiveRange, name: string, endMs: number): Promise<Batch[]> {
  const all = await range.list([ofNames([name])], endMs - COARSE_STEP_MS, endMs);
  const some = Array.from(
    { length: Math.min(all.length, MAX_PER_METRIC) },
    (_, i) => all[Math.floor((i * all.length) / Math.min(all.length, MAX_PER_METRIC))]!,
  );
  const label = distinguishing(some);
  if (label === undefined) return [];
  const values = [...new Set(some.map((labels) => labelValue(labels, label)))];
  return Array.from({ length: Math.ceil(values.length / NAMES_PER_QUERY) }, (_, i) => {
    const part = values.slice(i * NAMES_PER_QUERY, (i + 1) * NAMES_PER_QUERY);
    const value = part.map(escapeExpression).join('|');
    return { selector: [...ofNames([name]), { name: label, type: '=~', value }], series: part.length };
  });
}

/** The label that has the most values. */
function distinguishing(series: readonly Labels[]): string | undefined {
  const values = new Map<string, Set<string>>();
  for (const labels of series) {
    for (const { name, value } of labels) {
      if (name === METRIC_NAME) continue;
      const known = values.get(name);
      if (known === undefined) values.set(name, new Set([value]));
      else known.add(value);
    }
  }
  return [...values].sort(([, a], [, b]) => b.size - a.size)[0]?.[0];
}

function ofNames(names: readonly string[]): Matcher[] {
  if (names.length === 1) return [{ name: METRIC_NAME, type: '=', value: names[0]! }];
  return [{ name: METRIC_NAME, type: '=~', value: names.map(escapeExpression).join('|') }];
}
