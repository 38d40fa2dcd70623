import { BandCalibration } from '../detect/band-calibration.js';
import { Detector } from '../detect/detector.js';
import { Horizon } from '../detect/horizon.js';
import type { FittedModel } from '../forecast/fitted-model.js';
import type { ProphetSettings, SeriesSettings } from '../model/settings.js';
import { LOOKBACK_MS } from '../model/staleness.js';

/** Most series have none: they share it. */
const NO_HORIZONS: readonly Horizon[] = [];

/**
 * What the engine keeps of one series beside its rings: the model, and what was last published of it. `id` is the
 * store's; a new series that gets a freed id gets a new object, so identity tells a late result from a wanted one.
 */
export class WatchedSeries {
  readonly id: number;
  /** What has been learnt of how the series strays from its forecasts; it outlives the models. */
  readonly detector = new Detector();
  readonly calibration = new BandCalibration();
  model: FittedModel | undefined;
  /** How the model was made, for people. */
  fit: { readonly optimizer: string; readonly points: number; readonly fittedAtMs: number } | undefined;
  /** Why the last fit failed, until one succeeds. */
  fitError: string | undefined;
  /** Failures in a row; they stretch the time to the next try. */
  fitFailures = 0;
  /** Newest sample when the model was fitted, and the span of the history then, in ms. */
  fittedUntilMs = Number.NEGATIVE_INFINITY;
  fittedSpanMs = 0;
  /** The options the model was made with. */
  fittedWith: ProphetSettings | undefined;
  /** Timestamps of what was last published; nothing is ever published at or before them again. */
  lastBandMs = Number.NEGATIVE_INFINITY;
  lastScoreMs = Number.NEGATIVE_INFINITY;
  /** End of the step that was scored last. */
  scoredUntilMs = Number.NEGATIVE_INFINITY;
  /** Score of that step; NaN where it had no value. */
  score = Number.NaN;
  /** How far that step was from yhat, in σ; NaN where it had no value. */
  deviation = Number.NaN;
  /** What is forecast for fixed times ahead. */
  horizons: readonly Horizon[] = NO_HORIZONS;
  /** What is being published of it, and has to be ended one day. */
  published: PublishedAs | undefined;

  /** `before`: what was watched under these labels until now; what it published stays published. */
  constructor(id: number, before?: WatchedSeries) {
    this.id = id;
    if (before === undefined) return;
    this.lastBandMs = before.lastBandMs;
    this.lastScoreMs = before.lastScoreMs;
  }

  /** The horizon so long ahead, from its first use on. */
  horizon(ms: number): Horizon {
    const known = this.horizons.find((each) => each.ms === ms);
    if (known !== undefined) return known;
    const made = new Horizon(ms);
    this.horizons = [...this.horizons, made];
    return made;
  }
}

/** The names under which a series is published. */
export interface PublishedAs {
  /** What stands between the name of the source and the suffixes. */
  readonly quantity: string;
  readonly horizons: SeriesSettings['horizons'];
}

/** Whether a source has ended as PromQL sees it: a stale marker came last, or nothing came within the lookback. */
export function hasEnded(endedAtMs: number, newestSampleMs: number, nowMs: number): boolean {
  return !Number.isNaN(endedAtMs) || newestSampleMs < nowMs - LOOKBACK_MS;
}
