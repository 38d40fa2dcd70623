import { UsageError } from './errors.js';

/** Milliseconds of a unit, largest first; names and lengths as in Prometheus (prometheus/common model/time.go). */
const UNITS = [
  ['y', 365 * 86_400_000],
  ['w', 7 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** Each unit at most once, in this order. */
const DURATION = new RegExp(`^${UNITS.map(([unit]) => `(?:([0-9]+)${unit})?`).join('')}$`);

/** Prometheus keeps durations as 64-bit nanoseconds; what it refuses is refused here. */
export const MAX_DURATION_MS = 9_223_372_036_854;

/** Reads a duration as Prometheus writes it, such as `1h30m`, `15d` or `250ms`, into milliseconds. Throws `UsageError`. */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  const counts = DURATION.exec(text);
  if (text === '' || counts === null) throw new UsageError('must be a duration such as 30s, 1h30m or 15d');
  const ms = UNITS.reduce((sum, [, unitMs], i) => sum + Number(counts[i + 1] ?? 0) * unitMs, 0);
  if (ms > MAX_DURATION_MS) throw new UsageError('must be a duration of at most 292 years');
  return ms;
}

/** Writes whole milliseconds ≥ 0 as Prometheus does; years and weeks only where nothing is left over: `90d`, not `12w6d`. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = '';
  for (const [unit, unitMs] of UNITS) {
    if ((unit === 'y' || unit === 'w') && rest % unitMs !== 0) continue;
    const count = Math.floor(rest / unitMs);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * unitMs;
  }
  return text === '' ? '0s' : text;
}
