const DAY_MS = 86_400_000;

/** How many days ago a local time had the same day of a month so many months before; NaN where that has no such day. */
export function daysToMonth(localMs: number, months: number): number {
  const date = new Date(localMs);
  const beforeMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months, date.getUTCDate());
  if (new Date(beforeMs).getUTCDate() !== date.getUTCDate()) return Number.NaN;
  return Math.floor(localMs / DAY_MS) - beforeMs / DAY_MS;
}

/** The same for the day that is as far from the end of its month; NaN where that would be in the month before. */
export function daysToMonthEnd(localMs: number, months: number): number {
  const date = new Date(localMs);
  // Day 0 is the last one of the month before.
  const endOf = (monthsBack: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1 - monthsBack, 0);
  const days = (endOf(0) - endOf(months)) / DAY_MS;
  const beforeMs = Math.floor(localMs / DAY_MS) * DAY_MS - days * DAY_MS;
  return beforeMs > endOf(months + 1) ? days : Number.NaN;
}
