import type { LeadMeasures } from '../measure/lead-errors.js';
import type { SeriesResult } from '../task/task.js';
import { fixed, formatColumns, lasting } from './format-table.js';

/** How good forecasts of one lead time were, as medians over the series. */
export interface LeadTotals {
  /** NaN: of all up to a day. */
  readonly leadMs: number;
  readonly series: number;
  /** Mean absolute errors over that of "as a day ago" (Seasonal Naive), which is 1. */
  readonly mase: number;
  readonly nowMase: number;
  readonly linearMase: number;
  /** Mean share of the values within the interval. */
  readonly coverage: number;
}

/** By lead time, the shortest first; none where no series is longer than a day. */
export function totalsByLead(results: readonly SeriesResult[]): LeadTotals[] {
  const byLead = new Map<number, LeadMeasures[]>();
  for (const each of results.flatMap(({ leads }) => leads)) {
    if (!(each.forecasts > 0 && each.dayAgoError > 0)) continue;
    byLead.set(each.leadMs, [...(byLead.get(each.leadMs) ?? []), each]);
  }
  const leads = [...byLead.keys()].sort((a, b) => (Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b));
  return leads.map((leadMs) => {
    const all = byLead.get(leadMs)!;
    const over = (error: (each: LeadMeasures) => number) => median(all.map((each) => error(each) / each.dayAgoError));
    return {
      leadMs,
      series: all.length,
      mase: over(({ error }) => error),
      nowMase: over(({ nowError }) => nowError),
      linearMase: over(({ linearError }) => linearError),
      coverage: all.reduce((sum, { coverage }) => sum + coverage, 0) / all.length,
    };
  });
}

/** The table for people; empty where there is nothing to say. */
export function formatByLead(results: readonly SeriesResult[]): string {
  const totals = totalsByLead(results);
  if (totals.length === 0) return '';
  const header = ['forecast ahead', 'MASE', 'as yesterday', 'as now', 'predict_linear', 'coverage'];
  const rows = totals.map(({ leadMs, mase, nowMase, linearMase, coverage }) => [
    Number.isNaN(leadMs) ? 'all up to a day' : lasting(leadMs),
    fixed(mase, 2),
    '1.00',
    fixed(nowMase, 2),
    fixed(linearMase, 2),
    fixed(coverage, 3),
  ]);
  return `Forecasts by lead time\n${formatColumns([header, ...rows])}`;
}

function median(values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted.length === 0 ? Number.NaN : (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
