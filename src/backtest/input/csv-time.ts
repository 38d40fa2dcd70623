/** Columns that hold times, the first of which counts: our own, Prophet's, and those that exports have. */
export const TIME_COLUMNS = ['unix_seconds', 'ds', 'timestamp', 'time', 'date', 'datetime'];

/** Numbers beyond it are milliseconds: as seconds it would be the year 5138, as milliseconds it is 1973. */
const MAX_SECONDS = 1e11;

/** `2026-01-05`, `2026-01-05 08:00`, `2026-01-05T08:00:00.000Z`, `2026-01-05 08:00:00+01:00`. */
const DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * Reads a time of a CSV file into Unix milliseconds; NaN where it is none. Numbers are seconds, or milliseconds where as
 * seconds they would be far in the future; `isSeconds` says that they are seconds in any case. A date without an offset is
 * in UTC, as Prophet takes it.
 */
export function parseCsvTime(text: string, isSeconds: boolean): number {
  if (/^-?\d+(\.\d*)?(e\+?\d+)?$/i.test(text)) {
    const number = Number(text);
    return isSeconds || Math.abs(number) < MAX_SECONDS ? number * 1000 : number;
  }
  const parts = DATE.exec(text);
  if (parts === null) return Number.NaN;
  const [, day, time = '00:00', offset = 'Z'] = parts;
  const zone = /^utc$/i.test(offset) ? 'Z' : offset.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  return Date.parse(`${day}T${time}${zone}`);
}
