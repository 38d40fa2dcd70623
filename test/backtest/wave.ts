import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const STEP_SECONDS = 900;
const DAY_SECONDS = 86_400;
/** A Monday. */
export const START_SECONDS = Date.UTC(2026, 0, 5) / 1000;

/** A daily wave that somebody shook. */
export function wave(hour: number, row: number): number {
  return 50 + 20 * Math.sin((hour / 24) * 2 * Math.PI) + Math.sin(row * 12.9898) + Math.cos(row * 78.233);
}

/** Writes days of values, by hour of the day and row, as `<folder>/<name>.csv`. */
export function writeSeries(
  folder: string,
  name: string,
  days: number,
  valueAt: (hour: number, row: number) => number,
): void {
  const rows = Array.from({ length: (days * DAY_SECONDS) / STEP_SECONDS }, (_, i) => {
    const time = START_SECONDS + i * STEP_SECONDS;
    return `${time},${valueAt((time % DAY_SECONDS) / 3600, i)}`;
  });
  writeFileSync(join(folder, `${name}.csv`), `unix_seconds,value\n${rows.join('\n')}\n`);
}
