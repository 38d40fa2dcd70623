const DAY_MS = 86_400_000;
/** A mean month of the Gregorian calendar, which has 146,097 days in 400 years. */
export const MEAN_MONTH_MS = (146_097 / 4800) * DAY_MS;

/**
 * A local time on a scale on which every month is a mean one: the first midnight of a month is a multiple of `MEAN_MONTH_MS`, and
 * so is its end, so that first days lie on first days and last days on last ones. Allocates nothing.
 */
export function monthTime(localMs: number): number {
  const day = Math.floor(localMs / DAY_MS);
  // The date of a day number: H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days. Years begin in March.
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const firstDay = Math.floor((153 * month + 2) / 5);
  const isLeap = (yearOfEra + 1) % 4 === 0 && ((yearOfEra + 1) % 100 !== 0 || (yearOfEra + 1) % 400 === 0);
  // February is the last month of such a year.
  const length = month === 11 ? (isLeap ? 29 : 28) : Math.floor((153 * (month + 1) + 2) / 5) - firstDay;
  const passed = (dayOfYear - firstDay + (localMs / DAY_MS - day)) / length;
  return (12 * (era * 400 + yearOfEra) + month + passed) * MEAN_MONTH_MS;
}

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
