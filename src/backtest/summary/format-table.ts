import { timeZone } from '../../calendar/time-zone.js';

/** Rows of cells in aligned columns: the first to the left, the others to the right. */
export function formatColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `-` where there is nothing to say. */
export function fixed(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '-';
}

/** A text cut in its middle where it is longer: series differ by the ends of their labels. */
export function abridge(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = Math.ceil((max - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (max - 1 - head))}`;
}

/** `2026-01-05 08:00`, by the clock of a zone. */
export function minute(timeMs: number, zone: string): string {
  return new Date(timeZone(zone).toLocal(timeMs)).toISOString().slice(0, 16).replace('T', ' ');
}

/** How long something lasted, in its largest unit. */
export function lasting(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 2 * 3_600_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 2 * 86_400_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

/** Whose clock the times of these results are of: the zone that all their rules have, or that there are several. */
export function zoneText(results: readonly { readonly timezone: string }[]): string {
  const [zone = 'UTC', ...others] = new Set(results.map(({ timezone }) => timezone));
  return others.length === 0 ? zone : 'the zone of each rule';
}
