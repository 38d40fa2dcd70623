import { parseDuration } from '../../lib/durations.js';
import { RequestError } from './failure.js';

/** What Go's durations hold: 2⁶³ ns. */
const MAX_DURATION_MS = 2 ** 63 / 1e6;
/** A decimal as Go reads one. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** JavaScript reads other dates too, some of them by the clock of the server. */
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Unix seconds or RFC 3339, as Prometheus' HTTP API takes them; in milliseconds. */
export function timeParam(name: string, text: string | undefined, fallbackMs: number): number {
  if (text === undefined) return fallbackMs;
  const timeMs = DECIMAL.test(text) ? Number(text) * 1000 : RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isFinite(timeMs)) throw badRequest(`invalid parameter "${name}": cannot parse "${text}" to a timestamp`);
  return Math.round(timeMs);
}

/** Seconds or a duration such as `5m`, as Prometheus' HTTP API takes them; in milliseconds. */
export function durationParam(name: string, text: string | undefined, fallbackMs: number): number {
  if (text === undefined) return fallbackMs;
  const durationMs = durationOf(text);
  if (!(durationMs > 0 && durationMs < MAX_DURATION_MS))
    throw badRequest(`invalid parameter "${name}": cannot parse "${text}" to a positive duration`);
  return durationMs;
}

/** NaN if it is malformed. */
function durationOf(text: string): number {
  if (DECIMAL.test(text)) return Number(text) * 1000;
  try {
    return parseDuration(text);
  } catch {
    return Number.NaN;
  }
}

/** A whole number from `min` to `max`. */
export function integerParam(name: string, text: string | undefined, fallback: number, max: number, min = 1): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw badRequest(`invalid parameter "${name}": "${text}" is not a whole number from ${min} to ${max}`);
  }
  return value;
}

/** One of `choices`, of which the first is what an absent parameter means. */
export function choiceParam<T extends string>(
  name: string,
  text: string | undefined,
  choices: readonly [T, ...T[]],
): T {
  const choice = text === undefined ? choices[0] : choices.find((known) => known === text);
  if (choice === undefined) {
    throw badRequest(`invalid parameter "${name}": "${text}" is not one of ${choices.join(', ')}`);
  }
  return choice;
}

export function badRequest(message: string): RequestError {
  return new RequestError('badData', message);
}
