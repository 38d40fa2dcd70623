import type { Failure } from '../input/find-series.js';
import { precisionOf, recallOf } from '../measure/measures.js';
import type { SeriesResult } from '../task/task.js';
import { totalsByLead } from './by-lead.js';
import { weekly } from './format-table.js';
import { totalsOf, worstFirst } from './totals.js';

/** The whole of a backtest for programs, one JSON object; times in RFC 3339, null where there is nothing to say. */
export function formatJson(results: readonly SeriesResult[], failures: readonly Failure[]): string {
  const { trackedMs, messages, ...totals } = totalsOf(results);
  return JSON.stringify(
    {
      totals: {
        ...snakeCase({ ...totals, alarmsPerWeek: weekly(totals.alarms, trackedMs) }),
        pages: messages.count,
        pages_per_week: weekly(messages.count, trackedMs),
        pages_at_night: messages.atNight,
        longest_page_seconds: messages.longestMs / 1000,
        watched_seconds: trackedMs / 1000,
      },
      by_lead: totalsByLead(results).map(({ leadMs, ...lead }) => ({
        // Null: all lead times up to a day.
        lead_seconds: leadMs / 1000,
        ...snakeCase(lead),
      })),
      series: worstFirst(results).map(({ name, rule, stepMs, intervalWidth, measures, anomalies }) => ({
        series: name,
        rule,
        step_seconds: stepMs / 1000,
        interval_width: intervalWidth,
        watched_seconds: measures.trackedMs / 1000,
        mase: measures.mase,
        coverage: measures.coverage,
        pinball: measures.pinball,
        alarms: measures.alarms,
        alarms_per_week: weekly(measures.alarms, measures.trackedMs),
        precision: precisionOf(measures),
        recall: recallOf(measures),
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
