import type { Anomaly } from '../measure/anomalies.js';
import type { SeriesResult } from '../task/task.js';
import { formatByLead } from './by-lead.js';
import { figureNames, figuresOf } from './figures.js';
import { abridge, fixed, formatColumns, lasting, minute, short } from './format-table.js';
import { type Totals, totalsOf, worstFirst } from './totals.js';

const MAX_NAME = 60;
/** More of them scroll the worst ones away. */
const MAX_ROWS = 40;
const MAX_ALARMS = 15;

/** What a person wants to read of a backtest: the series that would have called most often first, then the worst alarms. */
export function formatSummary(results: readonly SeriesResult[]): string {
  const sorted = worstFirst(results);
  const totals = totalsOf(results);
  const isMarked = results.some(({ measures }) => measures.marked !== undefined);
  const table = [
    ['series', ...figureNames(isMarked)],
    ...sorted
      .slice(0, MAX_ROWS)
      .map(({ name, measures }) => [abridge(name, MAX_NAME), ...figuresOf(measures, isMarked)]),
    [
      `all ${totals.series} series`,
      fixed(totals.mase, 2),
      fixed(totals.coverage, 3),
      fixed(totals.pinball, 3),
      String(totals.alarms),
      fixed(totals.alarmsPerWeek, 2),
      ...(isMarked ? [fixed(totals.precision, 2), fixed(totals.recall, 2)] : []),
    ],
  ];
  const parts = [formatColumns(table)];
  if (sorted.length > MAX_ROWS)
    parts[0] += `\n(${sorted.length - MAX_ROWS} more series, none worse; --json has them all)`;
  parts.push(
    totals.trackedMs > 0
      ? verdict(totals, isMarked)
      : 'No forecast was evaluated: no value has a forecast for its time.',
  );
  const byLead = formatByLead(results);
  if (byLead !== '') parts.push(byLead);
  const alarms = worstAlarms(results);
  if (alarms !== '') parts.push(alarms);
  return parts.join('\n\n');
}

function verdict(totals: Totals, isMarked: boolean): string {
  const { trackedMs, alarms, alarmsPerWeek, nominal, coverage, f1 } = totals;
  return [
    `Over ${lasting(trackedMs)} you would have been paged ${alarms === 1 ? 'once' : `${alarms} times`}, ${fixed(alarmsPerWeek, 1)} times a week.`,
    `The interval was meant to hold ${fixed(nominal, 3)} of the samples and held ${fixed(coverage, 3)}.`,
    ...(isMarked ? [`F1 over marked anomalies: ${fixed(f1, 2)}.`] : []),
  ].join(' ');
}

function worstAlarms(results: readonly SeriesResult[]): string {
  const all = results.flatMap(({ name, stepMs, anomalies }) =>
    anomalies.map((anomaly) => ({ name, anomaly, lastedMs: anomaly.endMs - anomaly.startMs + stepMs })),
  );
  if (all.length === 0) return '';
  all.sort((a, b) => b.anomaly.peakScore - a.anomaly.peakScore);
  const title = all.length > MAX_ALARMS ? `The ${MAX_ALARMS} worst alarms (UTC)` : 'Alarms, worst first (UTC)';
  const rows = all
    .slice(0, MAX_ALARMS)
    .map(({ name, anomaly, lastedMs }) => [
      `${minute(anomaly.startMs)}  ${lasting(lastedMs).padStart(6)}  ${abridge(name, MAX_NAME)}`,
      fixed(anomaly.peakScore, 2),
      short(anomaly.value),
      expectation(anomaly),
      ...(anomaly.isMarked === undefined ? [''] : [anomaly.isMarked ? 'marked' : '']),
    ]);
  return `${title}\n${formatColumns([['start               lasted  series', 'score', 'value', 'expected', ''], ...rows])}`;
}

/** `1.2 (0.8 … 1.9)`. */
export function expectation({ yhat, yhatLower, yhatUpper }: Anomaly): string {
  return `${short(yhat)} (${short(yhatLower)} … ${short(yhatUpper)})`;
}
