import { foundAfterOf } from '../measure/measures.js';
import { figureNames, figuresOf, foundAfter } from '../summary/figures.js';
import { fixed, lasting, zoneText } from '../summary/format-table.js';
import { coverageInWords, errorInWords, foundInWords, pagesInWords } from '../summary/plain-words.js';
import { type Totals, totalsOf, worstFirst } from '../summary/totals.js';
import type { SeriesResult } from '../task/task.js';
import { escapeHtml } from './escape.js';
import { STYLE } from './style.js';

/** Of more series the page would take long to open: a picture has some 30 kB. */
const MAX_PICTURES = 200;

/**
 * A page of figures and pictures, worst first: one file that asks for nothing else. `yaml` is a configuration with the rules
 * that were used, to be copied.
 */
export function report(results: readonly SeriesResult[], yaml?: string): string {
  const sorted = worstFirst(results);
  const totals = totalsOf(results);
  const isMarked = results.some(({ measures }) => measures.marked !== undefined);
  const shown = sorted.slice(0, MAX_PICTURES);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Sentio backtest: ${totals.series} series</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Would it have paged me?</h1>
<div class="verdict">${verdict(totals)}</div>
<p>${totals.series} series over ${lasting(totals.trackedMs)}, replayed so that every forecast and score comes from earlier samples only. Times are those of ${escapeHtml(zoneText(results))}. Point at a picture to read it.</p>
<dl class="tiles">${tiles(totals, isMarked)}</dl>
<p class="legend"><i class="k value"></i>value <i class="k yhat"></i>expected <i class="k interval"></i>interval <i class="k alarm"></i>alarm: score over 1${isMarked ? ' <i class="k marked"></i>marked as an anomaly' : ''}</p>
</header>
<main>
${table(sorted, isMarked)}
${yaml === undefined ? '' : `<details><summary>The rules that were used, as <code>sentio.yml</code> has them</summary><pre>${escapeHtml(yaml)}</pre></details>`}
${shown.map((result, i) => card(result, i)).join('\n')}
${sorted.length > shown.length ? `<p>The remaining ${sorted.length - shown.length} series have no picture; their predictions are in the CSV files in the folder of this report.</p>` : ''}
</main>
<footer>Where there are more samples than pixels, each pixel shows the smallest and the largest of its samples, and the widest of its intervals. An interval that reaches beyond the picture is cut off.</footer>
</body>
</html>
`;
}

/** What somebody who is paged asks, in whole sentences. */
function verdict(totals: Totals): string {
  if (totals.trackedMs === 0) return '<p>No forecast was evaluated: no value has a forecast for its time.</p>';
  const error = errorInWords(totals.mase);
  return [
    pagesInWords(totals),
    ...(error === undefined ? [] : [`${error}${totals.series > 1 ? ', in the median of the series' : ''}.`]),
    coverageInWords(totals),
    ...foundInWords(totals),
  ]
    .map((text) => `<p>${text}</p>`)
    .join('');
}

function tiles(totals: Totals, isMarked: boolean): string {
  const tile = (name: string, value: string, more: string) =>
    `<div><dt>${name}</dt><dd>${value}</dd><p>${more}</p></div>`;
  return [
    tile('pages', String(totals.messages.count), `${totals.alarms} alarms of all series, grouped by job`),
    tile('coverage', fixed(totals.coverage, 3), `the interval was meant to hold ${fixed(totals.nominal, 3)}`),
    tile('MASE', fixed(totals.mase, 2), 'median; under 1: better than “as a day ago”'),
    tile('pinball loss', fixed(totals.pinball, 3), 'median, scaled as MASE is'),
    ...(isMarked
      ? [
          tile('precision', fixed(totals.precision, 2), 'of alarms that were right'),
          tile('recall', fixed(totals.recall, 2), 'of marked anomalies that were found'),
          tile(
            'found after',
            foundAfter(totals.foundAfterMs.median),
            `median, from the begin of what is marked; ${foundAfter(totals.foundAfterMs.worst)} at worst`,
          ),
        ]
      : []),
  ].join('');
}

function table(sorted: readonly SeriesResult[], isMarked: boolean): string {
  const head = figureNames(isMarked);
  const rows = sorted.map(({ name, measures }, i) => {
    const cells = figuresOf(measures, isMarked);
    const title = i < MAX_PICTURES ? `<a href="#s${i}">${escapeHtml(name)}</a>` : escapeHtml(name);
    return `<tr><th>${title}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  return `<div class="table"><table><thead><tr><th>series</th>${head.map((title) => `<th>${title}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`;
}

function card({ name, rule, measures, intervalWidth, picture = '' }: SeriesResult, index: number): string {
  const error = errorInWords(measures.mase);
  const figures = [
    `${measures.alarms} ${measures.alarms === 1 ? 'alarm' : 'alarms'} in ${lasting(measures.trackedMs)}${aWeek(measures)}`,
    ...(error === undefined ? [] : [error.replace(/^The forecast error is/, 'forecast error')]),
    `MASE ${fixed(measures.mase, 2)}`,
    `coverage ${fixed(measures.coverage, 3)} of ${fixed(intervalWidth, 3)}`,
    ...foundFigures(measures),
    `rule ${escapeHtml(rule)}`,
  ];
  return `<section id="s${index}"><h2>${escapeHtml(name)}</h2><p class="dim">${figures.join(' · ')}</p>${picture}</section>`;
}

function foundFigures({ marked }: SeriesResult['measures']): string[] {
  if (marked === undefined || marked.events.length === 0) return [];
  const found = foundAfterOf([marked]);
  const late = found.length === 0 ? '' : `, the latest ${lasting(found.at(-1)!)} after its begin`;
  return [`${found.length} of ${marked.events.length} marked anomalies found${late}`];
}

function aWeek({ alarmsPerWeek: rate }: SeriesResult['measures']): string {
  return Number.isNaN(rate) ? '' : `, ${fixed(rate, 2)} a week`;
}
