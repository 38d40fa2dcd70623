import { UsageError } from '../lib/errors.js';
import type { ClockTime } from '../model/settings/excluded-times.js';
import type { TimeZone } from './time-zone.js';

const CLOCK_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** Reads `2026-11-27`, `2026-11-27 18:00`, or with `Z` or an offset an instant. Throws `UsageError`. */
export function parseClockTime(text: string): ClockTime {
  const [, year, month, day, hour = '00', minute = '00', second = '00', offset] = CLOCK_TIME.exec(text) ?? [];
  const timeMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset ?? 'Z'}`);
  // Date.parse takes 31 November for 1 December.
  const isReal = new Date(Date.parse(`${year}-${month}-${day}T00:00Z`)).getUTCDate() === Number(day);
  if (Number.isNaN(timeMs) || !isReal)
    throw new UsageError('must be a time such as 2026-11-27 18:00, by the clock of the rule, or 2026-11-27T17:00:00Z');
  return { timeMs, isLocal: offset === undefined };
}

/** The instant at which the clock of a zone shows it. */
export function instantOf({ timeMs, isLocal }: ClockTime, zone: TimeZone): number {
  return isLocal ? zone.toInstant(timeMs) : timeMs;
}
