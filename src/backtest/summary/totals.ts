import { foundAfterOf, type Measures, precisionOf, recallOf } from '../measure/measures.js';
import { weeklyRate } from '../measure/weekly-rate.js';
import type { SeriesResult } from '../task/task.js';
import { type Messages, messagesOf } from './messages.js';

/** All series together. */
export interface Totals extends MeasuresTotals {
  readonly series: number;
  /** What the intervals were made to hold. */
  readonly nominal: number;
  readonly messages: Messages;
}

interface MeasuresTotals {
  /** Of the series that was tracked longest. */
  readonly trackedMs: number;
  /** Medians over the series: one that never varies would drown a mean. */
  readonly mase: number;
  readonly pinball: number;
  /** Mean over the series. */
  readonly coverage: number;
  readonly alarms: number;
  /** Of all series together; NaN for less than a week. */
  readonly alarmsPerWeek: number;
  /** Of all marked series together; NaN where nobody marked anything. */
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** How long after its begin a marked anomaly was found that was; NaN where none was. */
  readonly foundAfterMs: { readonly median: number; readonly worst: number };
}

export function totalsOf(results: readonly SeriesResult[]): Totals {
  return {
    series: results.length,
    nominal: mean(results.map(({ intervalWidth }) => intervalWidth)),
    messages: messagesOf(results),
    ...totalsOfMeasures(results.map(({ measures }) => measures)),
  };
}

/** The same where there are measures alone. */
export function totalsOfMeasures(all: readonly Measures[]): MeasuresTotals {
  const longestMs = all.reduce((longest, { trackedMs }) => Math.max(longest, trackedMs), 0);
  const marked = all.filter((measures) => measures.marked !== undefined);
  const pooled = {
    alarms: sum(marked, ({ alarms }) => alarms),
    marked: {
      events: marked.flatMap((measures) => measures.marked!.events),
      right: sum(marked, (measures) => measures.marked!.right),
    },
  };
  const precision = precisionOf(pooled);
  const recall = recallOf(pooled);
  const found = foundAfterOf([pooled.marked]);
  return {
    trackedMs: longestMs,
    mase: median(all.map(({ mase }) => mase)),
    pinball: median(all.map(({ pinball }) => pinball)),
    coverage: mean(all.map(({ coverage }) => coverage)),
    alarms: sum(all, ({ alarms }) => alarms),
    alarmsPerWeek: weeklyRate(
      sum(all, ({ alarms }) => alarms),
      longestMs,
    ),
    precision,
    recall,
    f1: precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : precision + recall,
    foundAfterMs: { median: median(found), worst: found.at(-1) ?? Number.NaN },
  };
}

/** Those that would have called most often first, of these the worst alarms. */
export function worstFirst(results: readonly SeriesResult[]): SeriesResult[] {
  const rate = ({ measures }: SeriesResult) => (measures.alarms === 0 ? 0 : measures.alarms / measures.trackedMs);
  const peak = ({ anomalies }: SeriesResult) =>
    anomalies.reduce((highest, { peakScore }) => Math.max(highest, peakScore), 0);
  return results.toSorted((a, b) => rate(b) - rate(a) || peak(b) - peak(a) || (a.name < b.name ? -1 : 1));
}

function sum(all: readonly Measures[], of: (measures: Measures) => number): number {
  return all.reduce((total, measures) => total + of(measures), 0);
}

function mean(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  return finite.reduce((total, value) => total + value, 0) / finite.length;
}

export function median(values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
