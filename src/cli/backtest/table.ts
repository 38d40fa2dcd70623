import type { Measures } from './measures.js';

interface Column {
  readonly title: string;
  readonly text: (measures: Measures) => string;
}

const number = (digits: number, of: (measures: Measures) => number) => (measures: Measures) => {
  const value = of(measures);
  return Number.isFinite(value) ? value.toFixed(digits) : '-';
};

const COLUMNS: readonly Column[] = [
  { title: 'rows', text: number(0, ({ rows }) => rows) },
  { title: 'MASE', text: number(2, ({ mase }) => mase) },
  { title: 'coverage', text: number(3, ({ coverage }) => coverage) },
  { title: 'pinball', text: number(3, ({ pinball }) => pinball) },
  { title: 'alarms', text: number(0, ({ alarms }) => alarms) },
  { title: 'per week', text: number(2, ({ alarmsPerWeek }) => alarmsPerWeek) },
  { title: 'precision', text: number(2, ({ precision }) => precision) },
  { title: 'recall', text: number(2, ({ recall }) => recall) },
];

/** One line per series under a heading, columns aligned; `-` where there is nothing to say. */
export function formatTable(results: readonly { name: string; measures: Measures }[]): string {
  const rows = [
    ['series', ...COLUMNS.map(({ title }) => title)],
    ...results.map(({ name, measures }) => [name, ...COLUMNS.map(({ text }) => text(measures))]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
    )
    .join('\n');
}
