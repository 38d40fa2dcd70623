import { MAX_DURATION_MS, parseDuration } from '../lib/durations.js';
import { UsageError } from '../lib/errors.js';

/** The value of a number in PromQL's grammar: decimal or hexadecimal, with `_` between digits, `Inf`, `NaN`, or a duration in seconds. */
export function parseNumberLiteral(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[+-]\s*/, '').replaceAll('_', '');
  if (/^inf$/i.test(digits)) return sign * Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(digits)) return Number.NaN;
  return sign * (/[a-wyz]$/i.test(digits) && !/^0x/i.test(digits) ? parseDuration(digits) / 1000 : Number(digits));
}

/**
 * Milliseconds of the duration behind `offset`, which may have signs and parentheses; undefined for one that has to be computed.
 * Throws `UsageError` for one that Prometheus has no room for.
 */
export function parseDurationLiteral(text: string): number | undefined {
  const match = /^([-+\s(]*)([0-9a-zA-Z._]+)[\s)]*$/.exec(text);
  if (match === null || /^(step|range|min_of|max_of)$/i.test(match[2]!)) return undefined;
  const isNegative = match[1]!.split('-').length % 2 === 0;
  const ms = Math.round(parseNumberLiteral(match[2]!) * 1000);
  if (!(ms <= MAX_DURATION_MS)) throw new UsageError('must be a duration of at most 292 years');
  return isNegative ? -ms : ms;
}
