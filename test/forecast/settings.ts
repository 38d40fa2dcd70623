import type { ProphetSettings } from '#src/model/settings.js';

/** Prophet's defaults, with changes. */
export function prophetSettings(changes: Partial<ProphetSettings> = {}): ProphetSettings {
  return {
    growth: 'linear',
    nChangepoints: 25,
    changepointRange: 0.8,
    changepointPriorScale: 0.05,
    yearlySeasonality: 'auto',
    weeklySeasonality: 'auto',
    dailySeasonality: 'auto',
    seasonalities: [],
    seasonalityMode: 'additive',
    seasonalityPriorScale: 10,
    scaling: 'absmax',
    intervalWidth: 0.8,
    optimizer: 'auto',
    outliers: 'learn',
    ...changes,
  };
}
