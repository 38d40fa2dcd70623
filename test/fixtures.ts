import type { ProphetSettings, SeriesSettings } from '#src/model/settings/settings.js';

/** Durations in milliseconds. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

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
    dayTypes: false,
    seasonalityMode: 'additive',
    seasonalityPriorScale: 10,
    scaling: 'absmax',
    intervalWidth: 0.8,
    optimizer: 'auto',
    outliers: 'learn',
    ...changes,
  };
}

/** Steps of a minute, coarse buckets of ten, two days of them; with changes. */
export function makeSettings(changes: Partial<SeriesSettings> = {}): SeriesSettings {
  return {
    timezone: 'UTC',
    specialDays: [],
    exclude: [],
    stepMs: MINUTE,
    historyMs: 2 * DAY,
    resolutionMs: 10 * MINUTE,
    aggregate: 'mean',
    horizonMs: DAY,
    horizons: [],
    refitIntervalMs: HOUR,
    publishDelayMs: 10 * SECOND,
    leadMs: MINUTE,
    prophet: prophetSettings({ intervalWidth: 0.95 }),
    interval: 'prophet',
    bounds: {},
    limits: {},
    acceptAfterMs: 2 * HOUR,
    publishesKind: true,
    severity: 'ticket',
    missingAfterMs: 10 * MINUTE,
    anomaly: {
      direction: 'both',
      minDeviation: { up: 0, down: 0 },
      minRelativeDeviation: { up: 0, down: 0 },
      falseAlarmsPerWeek: 1,
    },
    ...changes,
  };
}
