import type { BuiltInSeasonality, ProphetSettings } from '../../model/settings/settings.js';

/** A seasonality as it enters the model: columns sin, cos of 2π·j·t/period for j = 1 … fourierOrder. */
export interface Seasonality {
  readonly name: string;
  readonly periodMs: number;
  readonly fourierOrder: number;
  /** Standard deviation of the normal prior on its coefficients. */
  readonly priorScale: number;
  readonly multiplicative: boolean;
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
  const chosen: Seasonality[] = prophet.seasonalities.map(({ name, periodMs, fourierOrder, priorScale, mode }) => ({
    name,
    periodMs,
    fourierOrder,
    priorScale,
    multiplicative: mode === 'multiplicative',
  }));
  const options = [prophet.yearlySeasonality, prophet.weeklySeasonality, prophet.dailySeasonality];
  BUILT_IN.forEach(({ name, periodMs, fourierOrder, closest }, i) => {
    const configured = chosen.findIndex((seasonality) => seasonality.name === name);
    const option = options[i]!;
    if (option === 'auto' && configured >= 0) return;
    const order = resolveOrder(option, spanMs >= 2 * periodMs && closestMs < closest, fourierOrder);
    if (order === 0) return;
    if (configured >= 0) chosen.splice(configured, 1);
    chosen.push({
      name,
      periodMs,
      fourierOrder: order,
      priorScale: prophet.seasonalityPriorScale,
      multiplicative: prophet.seasonalityMode === 'multiplicative',
    });
  });
  return chosen;
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
