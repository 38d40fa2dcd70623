import { type Unit, withUnit } from '../../model/samples/unit.js';
import type { Anomaly } from '../measure/anomalies.js';
import type { SeriesResult } from '../task/task.js';
import { formatByLead } from './by-lead.js';
import { figureNames, figuresOf, foundAfter } from './figures.js';
import { abridge, fixed, formatColumns, lasting, minute, zoneText } from './format-table.js';
import { coverageInWords, errorInWords, foundInWords, pagesInWords } from './plain-words.js';
import { type Totals, totalsOf, worstFirst } from './totals.js';

const MAX_NAME = 60;
/** More of them scroll the worst ones away. */
const MAX_ROWS = 40;
const MAX_ALARMS = 15;

/** What a person wants to read of a backtest: how often it would have paged, the worst alarms, then each series' measures. */
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
      ...(isMarked
        ? [fixed(totals.precision, 2), fixed(totals.recall, 2), foundAfter(totals.foundAfterMs.median)]
        : []),
    ],
  ];
  const parts = [
    totals.trackedMs > 0 ? verdict(totals) : 'No forecast was evaluated: no value has a forecast for its time.',
  ];
  const alarms = worstAlarms(results);
  if (alarms !== '') parts.push(alarms);
  const more = `\n(${sorted.length - MAX_ROWS} more series, none worse; --json has them all)`;
  parts.push(`${formatColumns(table)}${sorted.length > MAX_ROWS ? more : ''}`);
  const byLead = formatByLead(results);
  if (byLead !== '') parts.push(byLead);
  return parts.join('\n\n');
}

/** What somebody who is paged asks, in whole sentences. */
function verdict(totals: Totals): string {
  const { series, mase } = totals;
  const error = errorInWords(mase);
  return [
    pagesInWords(totals),
    ...(error === undefined ? [] : [`${error}${series > 1 ? ', in the median of the series' : ''}.`]),
    coverageInWords(totals),
    ...foundInWords(totals),
  ].join('\n');
}

function worstAlarms(results: readonly SeriesResult[]): string {
  const all = results.flatMap(({ name, unit, timezone, stepMs, anomalies }) =>
    anomalies.map((anomaly) => ({ name, unit, timezone, anomaly, lastedMs: anomaly.endMs - anomaly.startMs + stepMs })),
  );
  if (all.length === 0) return '';
  all.sort((a, b) => b.anomaly.peakScore - a.anomaly.peakScore);
  const which = all.length > MAX_ALARMS ? `The ${MAX_ALARMS} worst alarms` : 'Alarms, worst first';
  const title = `${which} (${zoneText(results)})`;
  const rows = all
    .slice(0, MAX_ALARMS)
    .map(({ name, unit, timezone, anomaly, lastedMs }) => [
      `${minute(anomaly.startMs, timezone)}  ${lasting(lastedMs).padStart(6)}  ${abridge(name, MAX_NAME)}`,
      fixed(anomaly.peakScore, 2),
      withUnit(anomaly.value, unit),
      expectation(anomaly, unit),
      ...(anomaly.isMarked === undefined ? [''] : [anomaly.isMarked ? 'marked' : '']),
    ]);
  return `${title}\n${formatColumns([['start               lasted  series', 'score', 'value', 'expected', ''], ...rows])}`;
}

/** `1.2 s (0.8 s … 1.9 s)`. */
export function expectation({ yhat, yhatLower, yhatUpper }: Anomaly, unit: Unit): string {
  return `${withUnit(yhat, unit)} (${withUnit(yhatLower, unit)} … ${withUnit(yhatUpper, unit)})`;
}
