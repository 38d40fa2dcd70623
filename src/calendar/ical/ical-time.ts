import { UsageError } from '../../lib/errors.js';

/** Years of UTC, both included. */
export interface Years {
  readonly first: number;
  readonly last: number;
}

/** A date or a time as it is written, in ms of a UTC clock with that reading. */
export interface IcalReading {
  readonly localMs: number;
  readonly isDate: boolean;
  /** Written with a Z: the reading is that of UTC. */
  readonly isUtc: boolean;
}

const READING = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?$/;
const DURATION = /^([+-])?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** Reads `20261224` or `20261224T180000`, the latter also with a Z (RFC 5545, 3.3.4 and 3.3.5). Throws `UsageError`. */
export function readingOf(text: string): IcalReading {
  const [, year, month, day, hour, minute, second, zulu] = READING.exec(text) ?? [];
  const dayMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // A day that there is not, such as 31 April, would be one of the next month.
  if (new Date(dayMs).getUTCDate() !== Number(day)) throw new UsageError(`has a time ${JSON.stringify(text)}`);
  const timeMs = hour === undefined ? 0 : 1000 * (3600 * Number(hour) + 60 * Number(minute) + Number(second));
  return { localMs: dayMs + timeMs, isDate: hour === undefined, isUtc: zulu !== undefined };
}

/** The length of a duration such as `P1DT2H`, in ms (RFC 5545, 3.3.6). Throws `UsageError`. */
export function durationOf(text: string): number {
  const [whole, sign, weeks, days, hours, minutes, seconds] = DURATION.exec(text) ?? [];
  if (whole === undefined) throw new UsageError(`has a duration ${JSON.stringify(text)}`);
  const parts = [weeks, days, hours, minutes, seconds].map((part) => Number(part ?? 0));
  const lengths = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000];
  return (sign === '-' ? -1 : 1) * parts.reduce((sum, part, i) => sum + part * lengths[i]!, 0);
}
