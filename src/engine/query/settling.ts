import { MIN_COUNT } from '../../detect/score/tail.js';
import type { SeriesStore } from '../../series/series-store.js';
import { MIN_POINTS } from '../fits/refit-policy.js';
import { MIN_LEVEL_HISTORY_MS } from '../scoring/level-shift-tracker.js';
import { DRIFT_HISTORY_MS } from '../scoring/weekly-drift.js';
import type { TrackedSeries } from '../series/tracked-series.js';

/**
 * From when on a young series is watched in each way, if a value comes in every step; NaN for what it is watched in
 * already.
 */
export interface Settling {
  /** The first forecast. Alarms begin with it, but only for what is very far off. */
  readonly forecastFromMs: number;
  /** From then on a value is compared with what is rare for the series itself. */
  readonly valueFromMs: number;
  readonly stuckFromMs: number;
  /** A new level that stays is accepted. */
  readonly levelFromMs: number;
  readonly driftFromMs: number;
}

/** What is still missing of a series' history; undefined where nothing is. */
export function settlingOf(store: SeriesStore, series: TrackedSeries): Settling | undefined {
  const { id, model, scoredUntilMs, detector, stillness } = series;
  const { stepMs } = store.settings(id);
  const firstMs = store.firstSampleMs(id);
  if (Number.isNaN(firstMs)) return undefined;
  const lastMs = Math.floor(store.newestSampleMs(id) / stepMs) * stepMs;
  const isScored = Number.isFinite(scoredUntilMs);
  // The first score learns from the steps that there are by then.
  const seen = isScored ? 0 : store.readSteps(id, Number.NEGATIVE_INFINITY, lastMs).values.length;
  const after = (steps: number) => (steps > 0 ? lastMs + steps * stepMs : Number.NaN);
  const at = (timeMs: number) => (timeMs > lastMs ? timeMs : Number.NaN);
  const fitMs = Math.ceil((firstMs + MIN_POINTS * stepMs) / stepMs) * stepMs;
  const settling = {
    forecastFromMs: model === undefined ? Math.max(fitMs, lastMs + stepMs) : Number.NaN,
    valueFromMs: after(isScored ? detector.settlingSteps : MIN_COUNT - seen),
    stuckFromMs: after(stillness.settlingSteps(stepMs) - seen),
    levelFromMs: at(firstMs + MIN_LEVEL_HISTORY_MS),
    driftFromMs: at(firstMs + DRIFT_HISTORY_MS),
  };
  return Object.values(settling).every(Number.isNaN) ? undefined : settling;
}
