import { UsageError } from '../../lib/errors.js';

const DAYS = { day: 1, week: 7, month: 365.25 / 12, quarter: 365.25 / 4, year: 365.25 } as const;

/** From one a year to one a day: what was measured (docs/accuracy.md). */
const [LEAST_PER_WEEK, MOST_PER_WEEK] = [7 / DAYS.year, 7 / DAYS.day];

/** How many false alarms a week a text such as `1 per month` or `3 per week` bears. Throws `UsageError`. */
export function parseFalseAlarms(text: string): number {
  const [, count, per] = /^(\d+(?:\.\d+)?) per (day|week|month|quarter|year)$/.exec(text) ?? [];
  if (per === undefined)
    throw new UsageError('must be a number per day, week, month, quarter or year, such as 1 per month');
  const perWeek = (Number(count) * 7) / DAYS[per as keyof typeof DAYS];
  if (!(perWeek >= LEAST_PER_WEEK)) throw new UsageError('must be at least 1 per year');
  if (!(perWeek <= MOST_PER_WEEK)) throw new UsageError('must be at most 1 per day');
  return perWeek;
}
