import { parseDuration } from '../../lib/durations.js';
import { UsageError } from '../../lib/errors.js';

/**
 * Reads an instant as people write it: RFC 3339 (`2026-01-05T08:00:00Z`, or a date alone), Unix seconds, `now`, or so long
 * ago (`-14d`). Returns Unix milliseconds. Throws `UsageError`.
 */
export function parseInstant(text: string, nowMs: number): number {
  if (text === 'now') return nowMs;
  if (/^-\d/.test(text)) return nowMs - parseDuration(text.slice(1));
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const timeMs = /^\d{4}-\d{2}-\d{2}($|[T ])/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(timeMs)) {
    throw new UsageError(
      `must be a time such as 2026-01-05T08:00:00Z, 1767600000, -14d or now, got ${JSON.stringify(text)}`,
    );
  }
  return timeMs;
}
