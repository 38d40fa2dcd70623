import { UsageError } from '../lib/errors.js';
import type { NamedDays } from '../model/settings/special-days.js';
import type { Holiday } from './country-holidays.js';

const DAY_MS = 86_400_000;
const DATE = /^(?:(\d{4})-)?(\d\d)-(\d\d)$/;
/** Has a 29 February. */
const LEAP_YEAR = 2024;

/** The parts of a date; without a year it comes every year. */
interface ParsedDate {
  readonly year: number | undefined;
  readonly month: number;
  readonly day: number;
}

/** Reads `YYYY-MM-DD` or `MM-DD`. Throws `UsageError`. */
export function parseDate(text: string): ParsedDate {
  const [, year, month, day] = DATE.exec(text) ?? [];
  const date = { year: year === undefined ? undefined : Number(year), month: Number(month), day: Number(day) };
  if (Number.isNaN(localDay(date, LEAP_YEAR)))
    throw new UsageError('must be a date such as 2026-12-24, or 12-24 for every year');
  return date;
}

/** The days that begin in a year. A range whose end is before its beginning goes on into the next year. */
export function namedDaysIn({ name, from, to }: NamedDays, year: number): Holiday[] {
  const first = parseDate(from);
  if (first.year !== undefined && first.year !== year) return [];
  const fromLocalMs = localDay(first, year);
  const last = parseDate(to);
  let lastMs = localDay(last, year);
  // 29 February in a common year, which ends a range a day earlier.
  if (Number.isNaN(lastMs)) lastMs = Date.UTC(year, 1, 28);
  if (last.year === undefined && lastMs < fromLocalMs) lastMs = localDay(last, year + 1);
  if (!(lastMs >= fromLocalMs)) return [];
  return [{ name, fromLocalMs, toLocalMs: lastMs + DAY_MS }];
}

/** The beginning of a date, of `year` if it has none of its own; NaN where there is no such day. */
function localDay({ year: own, month, day }: ParsedDate, year: number): number {
  const timeMs = Date.UTC(own ?? year, month - 1, day);
  return new Date(timeMs).getUTCDate() === day && month >= 1 && month <= 12 ? timeMs : Number.NaN;
}
