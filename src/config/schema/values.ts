import { Type } from 'typebox';
import { parseClockTime } from '../../calendar/clock-time.js';
import { CronTimes } from '../../calendar/cron-times.js';
import { MEAN_MONTH_MS } from '../../calendar/months.js';
import { parseDate } from '../../calendar/named-days.js';
import { timeZone } from '../../calendar/time-zone.js';
import { formatDuration, parseDuration } from '../../lib/durations.js';
import { UsageError } from '../../lib/errors.js';
import { METRIC_NAME } from '../../model/labels/labels.js';
import { parseSelector } from '../../model/labels/selector.js';
import { type BuiltInSeasonality, DAY_TYPES, type DayTypes } from '../../model/settings/settings.js';
import { parseFalseAlarms } from './false-alarms.js';
import { parseWeekly } from './weekly.js';

/*
 * Schemas of single values. `parse` and `secret` are keywords of our own (see validate.ts): `parse` is called with the
 * value and refuses it by throwing, `secret` keeps the value out of every message.
 */

/** A text that `parse` takes; `options` are further keywords. */
export function text(what: string, parse: (text: string) => void, options: { secret?: boolean } = {}) {
  return Type.Unsafe<string>({
    ...options,
    parse: (value: unknown) => {
      if (typeof value !== 'string') throw new UsageError(`must be ${what}`);
      parse(value);
    },
  });
}

/** A Prometheus duration within these limits. */
export function duration({ min, max = '292y' }: { min: string; max?: string }) {
  const [minMs, maxMs] = [parseDuration(min), parseDuration(max)];
  return text('a duration such as 30s, 1h30m or 15d', (value) => {
    const ms = parseDuration(value);
    if (ms < minMs) throw new UsageError(`must be at least ${min}`);
    if (ms > maxMs) throw new UsageError(`must be at most ${max}`);
  });
}

/** The period of a season: Prophet counts it in days, which is said where it is a number. */
export const period = Type.Unsafe<string>({
  parse: (value: unknown) => {
    const days =
      typeof value === 'number' || (typeof value === 'string' && /^\d+\.?\d*$/.test(value)) ? Number(value) : 0;
    const ms = Math.round(days * 86_400_000);
    if (Number.isFinite(ms) && ms >= 1000) {
      const [wholeDays, wholeHours] = [ms / 86_400_000, ms / 3_600_000];
      const text = Number.isInteger(wholeDays)
        ? `${wholeDays}d`
        : Number.isInteger(wholeHours)
          ? `${wholeHours}h`
          : formatDuration(ms);
      throw new UsageError(`must be a duration: Prophet’s period of ${days} days is ${text}`);
    }
    if (typeof value !== 'string') throw new UsageError('must be a duration such as 8h or 7d, or month');
    if (parsePeriod(value) < 1000) throw new UsageError('must be at least 1s');
  },
});

/** The period of a season that goes by calendar months. */
export const MONTH = 'month';

/** The period of a season in milliseconds, of a mean month for `month`. Throws `UsageError`. */
export function parsePeriod(text: string): number {
  return text === MONTH ? MEAN_MONTH_MS : parseDuration(text);
}

/** A Prometheus duration of at least `min`, or false. */
export function durationOrFalse({ min }: { min: string }) {
  const minMs = parseDuration(min);
  return Type.Unsafe<string | false>({
    parse: (value: unknown) => {
      if (value === false) return;
      if (typeof value !== 'string') throw new UsageError('must be a duration such as 30s, 1h30m or 15d, or false');
      if (parseDuration(value) < minMs) throw new UsageError(`must be at least ${min}`);
    },
  });
}

/** One number that is not negative, or one for each side; a side that is not named has 0. */
export const bySide = Type.Unsafe<number | { up?: number; down?: number }>({
  parse: (value: unknown) => {
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    const unknown = isMap ? Object.keys(value).find((key) => key !== 'up' && key !== 'down') : undefined;
    if (unknown !== undefined) throw new UsageError(`has an unknown key ${unknown}, known keys are up, down`);
    const numbers = isMap ? Object.values(value) : [value];
    if (numbers.some((number) => typeof number !== 'number' || !(number >= 0)) || numbers.length === 0)
      throw new UsageError('must be a number >= 0, or a map with such a number for up, down or both');
  },
});

/** A figure of another series. */
export interface FigureOfSeries {
  readonly series: string;
  readonly on?: readonly string[];
  readonly ignoring?: readonly string[];
  readonly factor?: number;
}

const FIGURE_KEYS = ['series', 'on', 'ignoring', 'factor'];

/** A number, or the series that has it. */
export const figure = Type.Unsafe<number | FigureOfSeries>({
  parse: (value: unknown) => {
    if (typeof value === 'number' && Number.isFinite(value)) return;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new UsageError('must be a number, or a map such as {series: disk_size_bytes, on: [instance]}');
    const unknown = Object.keys(value).find((key) => !FIGURE_KEYS.includes(key));
    if (unknown !== undefined)
      throw new UsageError(`has an unknown key ${unknown}, known keys are ${FIGURE_KEYS.join(', ')}`);
    const { series, on, ignoring, factor = 1 } = value as Record<string, unknown>;
    if (typeof series !== 'string') throw new UsageError('series must be a PromQL selector in quotes');
    if (!parseSelector(series).some(({ name, type }) => name === METRIC_NAME && type === '='))
      throw new UsageError('series must name its metric, as in disk_size_bytes{job="node"}');
    if (on !== undefined && ignoring !== undefined) throw new UsageError('must have on or ignoring, not both');
    for (const [key, names] of Object.entries({ on, ignoring })) {
      if (names !== undefined && !(Array.isArray(names) && names.every(isMatchable)))
        throw new UsageError(`${key} must be a list of label names, without ${METRIC_NAME}, which is never compared`);
    }
    if (typeof factor !== 'number' || !(factor > 0) || factor === Number.POSITIVE_INFINITY)
      throw new UsageError('factor must be a number > 0');
  },
});

function isMatchable(name: unknown): boolean {
  return typeof name === 'string' && /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) && name !== METRIC_NAME;
}

/** How many false alarms are bearable. */
export const falseAlarms = text('a text such as 1 per week', parseFalseAlarms);

export const secret = Type.String({ minLength: 1, secret: true });

export const selector = text('a PromQL selector in quotes', parseSelector);

/** Where a peer listens. Credentials in a URL would show up in logs and metrics. */
export const url = text('an http:// or https:// URL', (value) => {
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') {
    throw new UsageError('must be an http:// or https:// URL');
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new UsageError('must not contain credentials: use basic_auth');
  }
});

/** A proxy, whose credentials have no other place than its URL. */
export const proxyUrl = text('an http:// or https:// URL', (value) => {
  const parsed = URL.canParse(value) ? new URL(value) : undefined;
  if (parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') {
    throw new UsageError('must be an http:// or https:// URL');
  }
});

/** As Prometheus names them. */
export const TLS_VERSIONS = ['TLS10', 'TLS11', 'TLS12', 'TLS13'] as const;

/** A user-id of RFC 7617, which the first colon would end. */
export const username = text('a username', (value) => {
  if (value === '' || value.includes(':')) throw new UsageError('must be a username without a colon');
});

export const labelName = text('a label name', (value) => {
  if (value === '' || value === METRIC_NAME) throw new UsageError(`must be a label name other than ${METRIC_NAME}`);
});

/** The components of a forecast that have their names already. */
const TAKEN = ['trend', 'yearly', 'weekly', 'daily'];

export const seasonName = text('the name of a season', (value) => {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(value)) throw new UsageError('must consist of letters, digits and underscores');
  if (value === 'trend') throw new UsageError('must not be trend, which is a component of every forecast');
  if (TAKEN.includes(value)) {
    throw new UsageError(
      `is the name of Prophet’s own season: set ${value}_seasonality to its Fourier order, or to false and give this season another name`,
    );
  }
});

/** ISO 3166; whether there are holidays of it is asked in config/rules/calendars.ts. */
export const countryCode = text('the code of a country', (value) => {
  if (!/^[A-Z]{2}$/.test(value)) throw new UsageError('must be an ISO 3166 code of two letters such as DE');
});

export const dayTypes = Type.Unsafe<DayTypes>({
  parse: (value: unknown) => {
    if (value !== false && !DAY_TYPES.some((types) => types === value))
      throw new UsageError(`must be ${DAY_TYPES.join(', ')} or false`);
  },
});

export const date = text('a date', (value) => {
  parseDate(value);
});

/** A time by the clock of a rule, or an instant. */
export const clockTime = text('a time', parseClockTime);

export const weekly = text('a day and a time', parseWeekly);

export const cron = text('a cron expression', (value) => {
  if (new CronTimes(value).next(0) === undefined) throw new UsageError('must come at some time');
});

export const zoneName = text('the name of a time zone', (value) => {
  timeZone(value);
});

/** Each Fourier order is two columns of the design matrix, and a fit's cost grows with the square of their number. */
export const MAX_FOURIER_ORDER = 100;

export const builtInSeasonality = Type.Unsafe<BuiltInSeasonality>({
  parse: (value: unknown) => {
    const isOrder = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_FOURIER_ORDER;
    if (value !== 'auto' && typeof value !== 'boolean' && !isOrder) {
      throw new UsageError(`must be auto, true, false or a Fourier order from 1 to ${MAX_FOURIER_ORDER}`);
    }
  },
});
