import type { BuiltInSeasonality, ProphetSettings } from '../../model/settings/settings.js';
import { DAY_CONDITIONS } from '../../model/settings/special-days.js';

/**
 * A seasonality as it enters the model: columns sin, cos of 2π·j·t/period for j = 1 … fourierOrder. A holiday is one without
 * these, which has a level within its spans.
 */
export interface Seasonality {
  readonly name: string;
  readonly periodMs: number;
  readonly fourierOrder: number;
  /** Standard deviation of the normal prior on its coefficients. */
  readonly priorScale: number;
  readonly multiplicative: boolean;
  /** On these days of the week alone, as bits from Sunday (Prophet's conditional seasonality); 0: always. */
  readonly weekdays: number;
  /** Whether the days it holds on have a level of their own: a column of ones before the others. */
  readonly hasLevel: boolean;
  /** Goes by calendar months, which are stretched to one length: `periodMs` is that. */
  readonly byMonth?: boolean;
  /** Within these alone, as in `FitHoliday`; absent: always. */
  readonly spans?: Float64Array;
}

/** Number of columns, and of coefficients, of a seasonality. */
export function columnsOf({ fourierOrder, hasLevel }: Pick<Seasonality, 'fourierOrder' | 'hasLevel'>): number {
  return 2 * fourierOrder + (hasLevel ? 1 : 0);
}

/** Whether a seasonality with these `weekdays` holds at a time of the seasons' clock. */
export function holdsOn(weekdays: number, weekTimeMs: number): boolean {
  // 1970-01-01 was a Thursday.
  const weekday = (((Math.floor(weekTimeMs / DAY_MS) + 4) % 7) + 7) % 7;
  return weekdays === 0 || (weekdays & (1 << weekday)) !== 0;
}

export const DAY_MS = 86_400_000;

/**
 * Prophet's own seasonalities; `auto` turns them on from two periods of history, if the samples are closer than one.
 */
const BUILT_IN = [
  { name: 'yearly', periodMs: 365.25 * DAY_MS, fourierOrder: 10, closest: Number.POSITIVE_INFINITY },
  { name: 'weekly', periodMs: 7 * DAY_MS, fourierOrder: 3, closest: 7 * DAY_MS },
  { name: 'daily', periodMs: DAY_MS, fourierOrder: 4, closest: DAY_MS },
] as const;

/**
 * The seasonalities of a fit, as Prophet decides them (forecaster.py `set_auto_seasonalities`): configured ones, then
 * yearly, weekly, daily where they are on. A built-in one that is on by configuration replaces a configured one of its
 * name; one left to `auto` yields to it.
 */
export function chooseSeasonalities(timesMs: Float64Array, prophet: ProphetSettings): Seasonality[] {
  const spanMs = timesMs[timesMs.length - 1]! - timesMs[0]!;
  const closestMs = closestDistance(timesMs);
  const chosen: Seasonality[] = prophet.seasonalities.map(
    ({ name, periodMs, fourierOrder, priorScale, mode, weekdays = 0, byMonth = false }) => ({
      name,
      periodMs,
      fourierOrder,
      priorScale,
      multiplicative: mode === 'multiplicative',
      weekdays,
      hasLevel: false,
      ...(byMonth && { byMonth }),
    }),
  );
  const options = [prophet.yearlySeasonality, prophet.weeklySeasonality, prophet.dailySeasonality];
  BUILT_IN.forEach(({ name, periodMs, fourierOrder, closest }, i) => {
    const configured = chosen.findIndex((seasonality) => seasonality.name === name);
    const option = options[i]!;
    if (option === 'auto' && configured >= 0) return;
    const order = resolveOrder(option, spanMs >= 2 * periodMs && closestMs < closest, fourierOrder);
    if (order === 0) return;
    if (configured >= 0) chosen.splice(configured, 1);
    const season = {
      name,
      periodMs,
      fourierOrder: order,
      priorScale: prophet.seasonalityPriorScale,
      multiplicative: prophet.seasonalityMode === 'multiplicative',
      weekdays: 0,
      hasLevel: false,
    };
    chosen.push(...(name === 'daily' ? byDayType(season, prophet.dayTypes, spanMs) : [season]));
  });
  return chosen;
}

/** The day types of each setting; `auto` is decided before a design is made. */
const KINDS = {
  weekend: ['weekday', 'weekend'],
  saturday_sunday: ['weekday', 'saturday', 'sunday'],
} as const;

/** A daily seasonality for each kind of day, once each kind has been seen: after a week, an hour more or less. */
function byDayType(season: Seasonality, dayTypes: ProphetSettings['dayTypes'], spanMs: number): Seasonality[] {
  if (dayTypes === false || dayTypes === 'auto' || spanMs < 7 * DAY_MS - DAY_MS / 24) return [season];
  return KINDS[dayTypes].map((kind, i) => ({
    ...season,
    name: `daily_${kind}`,
    weekdays: DAY_CONDITIONS[kind],
    // The first kind has the level of the trend.
    hasLevel: i > 0,
  }));
}

function resolveOrder(option: BuiltInSeasonality, isLongEnough: boolean, defaultOrder: number): number {
  if (option === 'auto') return isLongEnough ? defaultOrder : 0;
  if (typeof option === 'boolean') return option ? defaultOrder : 0;
  return option;
}

function closestDistance(timesMs: Float64Array): number {
  let closest = Number.POSITIVE_INFINITY;
  for (let i = 1; i < timesMs.length; i++) {
    const distance = timesMs[i]! - timesMs[i - 1]!;
    if (distance > 0 && distance < closest) closest = distance;
  }
  return closest;
}
