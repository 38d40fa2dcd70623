import type { Failure } from '../input/find-series.js';
import { precisionOf, recallOf } from '../measure/measures.js';
import { weeklyRate } from '../measure/weekly-rate.js';
import type { SeriesResult } from '../task/task.js';
import { totalsByLead } from './by-lead.js';
import { totalsOf, worstFirst } from './totals.js';

/** The whole of a backtest for programs, one JSON object; times in RFC 3339, null where there is nothing to say. */
export function formatJson(results: readonly SeriesResult[], failures: readonly Failure[]): string {
  const { trackedMs, messages, foundAfterMs, ...totals } = totalsOf(results);
  return JSON.stringify(
    {
      totals: {
        ...snakeCase(totals),
        found_after_median_seconds: foundAfterMs.median / 1000,
        found_after_worst_seconds: foundAfterMs.worst / 1000,
        pages: messages.count,
        pages_per_week: weeklyRate(messages.count, trackedMs),
        pages_at_night: messages.atNight,
        longest_page_seconds: messages.longestMs / 1000,
        watched_seconds: trackedMs / 1000,
      },
      by_lead: totalsByLead(results).map(({ leadMs, ...lead }) => ({
        // Null: all lead times up to a day.
        lead_seconds: leadMs / 1000,
        ...snakeCase(lead),
      })),
      series: worstFirst(results).map(({ name, rule, timezone, stepMs, intervalWidth, measures, anomalies }) => ({
        series: name,
        rule,
        timezone,
        step_seconds: stepMs / 1000,
        interval_width: intervalWidth,
        watched_seconds: measures.trackedMs / 1000,
        mase: measures.mase,
        coverage: measures.coverage,
        pinball: measures.pinball,
        alarms: measures.alarms,
        alarms_per_week: measures.alarmsPerWeek,
        precision: precisionOf(measures),
        recall: recallOf(measures),
        // Absent where nobody marked anything; null: not found.
        marked: measures.marked?.events.map(({ startMs, endMs, foundAfterMs: afterMs }) => ({
          start: new Date(startMs),
          end: new Date(endMs),
          found_after_seconds: afterMs === undefined ? null : afterMs / 1000,
        })),
        anomalies: anomalies.map((anomaly) => ({
          start: new Date(anomaly.startMs),
          end: new Date(anomaly.endMs),
          peak: new Date(anomaly.peakMs),
          score: anomaly.peakScore,
          value: anomaly.value,
          yhat: anomaly.yhat,
          yhat_lower: anomaly.yhatLower,
          yhat_upper: anomaly.yhatUpper,
          marked: anomaly.isMarked,
        })),
      })),
      failures: failures.map(({ name, error }) => ({ series: name, error })),
    },
    undefined,
    2,
  );
}

function snakeCase(record: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}
