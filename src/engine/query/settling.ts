import { MIN_COUNT } from '../../detect/score/tail.js';
import type { BuiltInSeasonality } from '../../model/settings/settings.js';
import type { SeriesStore } from '../../series/series-store.js';
import { MIN_POINTS } from '../fits/refit-policy.js';
import { MIN_LEVEL_HISTORY_MS } from '../scoring/level-shift-tracker.js';
import { DRIFT_HISTORY_MS } from '../scoring/weekly-drift.js';
import type { TrackedSeries } from '../series/tracked-series.js';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

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
  /** The history is long enough for the rhythm of a day, and of a week, where the settings leave that to the history. */
  readonly dailyFromMs: number;
  readonly weeklyFromMs: number;
}

/** What is still missing of a series' history; undefined where nothing is. */
export function settlingOf(store: SeriesStore, series: TrackedSeries): Settling | undefined {
  const { id, model, scoredUntilMs, detector, stillness } = series;
  const { stepMs, historyMs, prophet } = store.settings(id);
  const firstMs = store.firstSampleMs(id);
  if (Number.isNaN(firstMs)) return undefined;
  const lastMs = Math.floor(store.newestSampleMs(id) / stepMs) * stepMs;
  const isScored = Number.isFinite(scoredUntilMs);
  // The first score learns from the steps that there are by then.
  const seen = isScored ? 0 : store.readSteps(id, Number.NEGATIVE_INFINITY, lastMs).values.length;
  const after = (steps: number) => (steps > 0 ? lastMs + steps * stepMs : Number.NaN);
  const at = (timeMs: number) => (timeMs > lastMs ? timeMs : Number.NaN);
  // Prophet's rule: two periods of history.
  const season = (option: BuiltInSeasonality, periodMs: number) =>
    option === 'auto' && historyMs >= 2 * periodMs ? at(firstMs + 2 * periodMs) : Number.NaN;
  const fitMs = Math.ceil((firstMs + MIN_POINTS * stepMs) / stepMs) * stepMs;
  const settling = {
    forecastFromMs: model === undefined ? Math.max(fitMs, lastMs + stepMs) : Number.NaN,
    valueFromMs: after(isScored ? detector.settlingSteps : MIN_COUNT - seen),
    stuckFromMs: after(stillness.settlingSteps(stepMs) - seen),
    levelFromMs: at(firstMs + MIN_LEVEL_HISTORY_MS),
    driftFromMs: at(firstMs + DRIFT_HISTORY_MS),
    dailyFromMs: season(prophet.dailySeasonality, DAY_MS),
    weeklyFromMs: season(prophet.weeklySeasonality, WEEK_MS),
  };
  return Object.values(settling).every(Number.isNaN) ? undefined : settling;
}
