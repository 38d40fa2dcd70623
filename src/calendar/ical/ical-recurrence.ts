import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { UsageError } from '../../lib/errors.js';
import { readingOf, type Years } from './ical-time.js';

/** Daily for 27 years: whatever recurs more often is no calendar of days, and takes a second to count. */
const MAX_ITERATIONS = 10_000;
const UNTIL = /(?<=UNTIL=)\w+/;
const DAY_MS = 86_400_000;

/**
 * When a rule (RFC 5545, 3.3.10) recurs after its first time and within these years, as readings of its own clock in ms of a UTC
 * clock. `toLocal` has what that clock shows at an instant, which `UNTIL` may be. Throws `UsageError` for a rule that is none, and for one that recurs too often.
 */
export function recurrences(
  rule: string,
  firstMs: number,
  { first, last }: Years,
  toLocal = (utcMs: number) => utcMs,
): number[] {
  const start = Temporal.Instant.fromEpochMilliseconds(firstMs).toZonedDateTimeISO('UTC');
  const until = (text: string) => {
    const { localMs, isDate, isUtc } = readingOf(text);
    const untilMs = isDate ? localMs + DAY_MS - 1000 : isUtc ? toLocal(localMs) : localMs;
    return `${new Date(untilMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  };
  try {
    const found = new RRuleTemporal({
      temporal: Temporal,
      rruleString: `RRULE:${rule.replace(UNTIL, until)}`,
      dtstart: start,
      maxIterations: MAX_ITERATIONS,
      maxCandidateEvaluations: MAX_ITERATIONS,
      cache: false,
    }).between(new Date(Date.UTC(first, 0, 1)), new Date(Date.UTC(last + 1, 0, 1) - 1), true);
    return found.map(({ epochMilliseconds }) => epochMilliseconds).filter((timeMs) => timeMs > firstMs);
  } catch (cause) {
    throw new UsageError(
      `has a recurrence ${JSON.stringify(rule)} that cannot be followed: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}
