import { UsageError } from '../lib/errors.js';
import { parseDate } from './named-days.js';
import type { TimeZone } from './time-zone.js';

const WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** Reads `2026-01-31`, the midnight at which that day begins in a zone, or `2026-01-31T18:00:00Z`. Throws `UsageError`. */
export function parseInstant(text: string, zone: TimeZone): number {
  const timeMs = WITH_ZONE.test(text) ? Date.parse(text) : localMidnight(text, zone);
  if (Number.isNaN(timeMs))
    throw new UsageError('must be a date such as 2026-01-31, or a time such as 2026-01-31T18:00:00Z');
  return timeMs;
}

function localMidnight(text: string, zone: TimeZone): number {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return Number.NaN;
  const { year, month, day } = parseDate(text);
  return zone.toInstant(Date.UTC(year!, month - 1, day));
}
