import { formatDuration, parseDuration } from '../../lib/durations.js';
import { SERIES_DEFAULTS } from '../schema/defaults.js';
import { overlay } from '../schema/layers.js';
import type { RuleFile, SeriesFile } from '../schema/schema.js';

/** A rule in the file's own words, with every key that applies to it filled in. */
export type EffectiveRule = ReturnType<typeof fillRule>;

/**
 * Buckets of a training history unless `resolution` says otherwise. Prophet gains nothing from more, and the cost of a
 * fit and the memory of a series grow with them.
 */
const TRAINING_BUCKETS = 2200;

/** The interval must not be further apart than PromQL's lookback of 5m, less a minute for the way. */
const MAX_PUBLISH_INTERVAL_MS = 4 * 60_000;

const MAX_DEFAULT_PUBLISH_DELAY_MS = 10_000;

/** What applies to a rule: its own keys, else those of `defaults`, else the built-in ones. */
export function fillRule(rule: RuleFile, defaults: SeriesFile) {
  const merged = overlay(SERIES_DEFAULTS, defaults, rule);
  const { prophet } = merged;
  const stepMs = parseDuration(merged.step);
  /** A default that no step may exceed is no mistake of somebody who asks for a longer step. */
  const atLeastStep = (key: 'horizon' | 'refit_interval') =>
    rule[key] === undefined && defaults[key] === undefined && parseDuration(merged[key]) < stepMs
      ? formatDuration(stepMs)
      : merged[key];
  return {
    ...merged,
    horizon: atLeastStep('horizon'),
    refit_interval: atLeastStep('refit_interval'),
    resolution: merged.resolution ?? formatDuration(defaultResolutionMs(parseDuration(merged.history), stepMs)),
    // Remote-write's default batch_send_deadline is 5s; the rest is for scrape offsets and the way.
    publish_delay:
      merged.publish_delay ?? formatDuration(Math.min(MAX_DEFAULT_PUBLISH_DELAY_MS, Math.floor(stepMs / 2))),
    // One publish interval: the prediction interval is published before its step begins.
    lead: merged.lead ?? formatDuration(Math.min(MAX_PUBLISH_INTERVAL_MS, stepMs)),
    prophet: {
      ...prophet,
      seasonalities: prophet.seasonalities.map((season) => ({
        ...season,
        // As in Prophet's add_seasonality().
        prior_scale: season.prior_scale ?? prophet.seasonality_prior_scale,
        mode: season.mode ?? prophet.seasonality_mode,
      })),
    },
  };
}

/** The smallest multiple of the step at which a history needs no more than `TRAINING_BUCKETS`. */
export function defaultResolutionMs(historyMs: number, stepMs: number): number {
  return stepMs * Math.max(1, Math.ceil(historyMs / (TRAINING_BUCKETS * stepMs)));
}
