import { fitRobustly } from '../../forecast/fit/robust-fit.js';
import type { BuiltInSeasonality } from '../../model/settings/settings.js';

const DAY_MS = 86_400_000;

/**
 * Fits as the service does, but seasons come on at two periods of history even where the settings have them on at once:
 * what such models say in their first days teaches the alarm levels for weeks, and would be all that a trial is about.
 * Who changes a rule has series with a history.
 */
export const fitSettled: typeof fitRobustly = (samples, prophet, options) => {
  const { timesMs } = samples;
  const spanMs = timesMs.at(-1)! - timesMs[0]!;
  const settled = (season: BuiltInSeasonality, periodMs: number) =>
    season !== false && spanMs < 2 * periodMs ? 'auto' : season;
  const dailySeasonality = settled(prophet.dailySeasonality, DAY_MS);
  const weeklySeasonality = settled(prophet.weeklySeasonality, 7 * DAY_MS);
  return fitRobustly(samples, { ...prophet, dailySeasonality, weeklySeasonality }, options);
};
