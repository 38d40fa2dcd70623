import type { SeriesReport } from '../engine/query/series-report.js';
import { scoreText } from '../lib/score-text.js';
import { formatLabels, type Label, labelValue } from '../model/labels/labels.js';

const COLUMNS = ['series', 'value', 'expected (interval)', 'score', 'anomalies'] as const;
const LABELS_OF_NO_NEWS = new Set(['job', 'instance']);

/** A report of a series with the number of anomalous steps seen so far. */
export interface TableRow {
  readonly report: SeriesReport;
  readonly anomalies: number;
}

/**
 * The live table as lines of text; with `color`, anomalous series are red. Where it is wider than `columns`, labels
 * that all series share are left out.
 */
export function renderTable(
  rows: readonly TableRow[],
  { color, columns }: { color: boolean; columns: number },
): string[] {
  const isNews = ({ name }: Label) => !LABELS_OF_NO_NEWS.has(name);
  const lines = layOut(rows, isNews, '   ');
  const fitting =
    Math.max(...lines.map(({ length }) => length)) <= columns
      ? lines
      : layOut(rows, (label) => isNews(label) && !isShared(label, rows), '  ');
  return fitting.map((line, i) => {
    const isAnomalous = i > 0 && rows[i - 1]!.report.last.score > 1;
    return isAnomalous && color ? `\u001b[31m${line}\u001b[0m` : line;
  });
}

function isShared({ name, value }: Label, rows: readonly TableRow[]): boolean {
  return rows.every(({ report }) => labelValue(report.labels, name) === value);
}

/** A line of titles, and one for each row. */
function layOut(rows: readonly TableRow[], isShown: (label: Label) => boolean, gap: string): string[] {
  const cells = rows.map(({ report, anomalies }) => {
    const { last, state } = report;
    const waiting = state === 'learning' ? 'learning …' : '–';
    return [
      formatLabels(report.labels.filter(isShown)) + (report.aggregate === 'rate' ? '  (rate)' : ''),
      formatValue(last.value),
      Number.isNaN(last.yhat)
        ? waiting
        : `${formatValue(last.yhat)}  (${formatValue(last.yhatLower)} … ${formatValue(last.yhatUpper)})`,
      Number.isNaN(last.score) ? '–' : scoreText(last.score),
      String(anomalies),
    ];
  });
  const widths = COLUMNS.map((title, c) => Math.max(title.length, ...cells.map((row) => row[c]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, c) => cell.padEnd(widths[c]!))
      .join(gap)
      .trimEnd();
  return [
    line(COLUMNS),
    ...cells.map((row, r) => `${line(row)}${rows[r]!.report.last.score > 1 ? `${gap}◀ anomaly` : ''}`),
  ];
}

/** Four significant digits, with a unit prefix for large numbers: `3.412G`, `21.54`, `0.1203`. */
function formatValue(value: number): string {
  if (Number.isNaN(value)) return '–';
  for (const [factor, prefix] of PREFIXES) {
    if (Math.abs(value) >= factor) return `${Number((value / factor).toPrecision(4))}${prefix}`;
  }
  return String(Number(value.toPrecision(4)));
}

const PREFIXES = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;
