import { knownLimits } from '../../model/settings/known-figures.js';
import type { Bounds } from '../../model/settings/settings.js';
import type { SeriesStore } from '../../series/series-store.js';
import { noteScore } from '../series/score-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';

/*
 * Limits are what a rule says of its metric: a value beyond is an alarm, whatever was learnt, and from the first step
 * on.
 */

/** What a value beyond a limit scores at least: clearly an alarm, and no more than what is unheard of in the series. */
export const LIMIT_SCORE = 2;
/** What a step within the limits scores while a series has no model. */
const WITHIN_SCORE = 0;

/** The limits of a series at present: of those that another series says, the ones that are known. */
export function limitsOf(store: SeriesStore, { id }: Pick<TrackedSeries, 'id'>): Bounds {
  return knownLimits(store.settings(id).limits, (reference) => store.match(id, reference));
}

/** What a series may reach: its limits, and on a side without one the bound of its rule. */
export function limitsAhead(store: SeriesStore, series: Pick<TrackedSeries, 'id'>): Bounds {
  const { bounds, limits } = store.settings(series.id);
  const { min, max } = bounds;
  // A limit that is not known yet is no reason to go by the bound.
  return {
    ...(limits.min === undefined && min !== undefined && { min }),
    ...(limits.max === undefined && max !== undefined && { max }),
    ...limitsOf(store, series),
  };
}

/** Whether a series can be scored before it has a model. */
export function hasLimits(store: SeriesStore, series: Pick<TrackedSeries, 'id'>): boolean {
  const { min, max } = limitsOf(store, series);
  return min !== undefined || max !== undefined;
}

/** 1 above the upper of the two, −1 below the lower, 0 within, and for NaN. */
export function sideBeyond(value: number, { min, max }: Bounds): 1 | -1 | 0 {
  if (max !== undefined && value > max) return 1;
  return min !== undefined && value < min ? -1 : 0;
}

/** Scores a step before the series has a model; `side` is where the value is beyond a limit. */
export function scoreByLimits(
  series: TrackedSeries,
  value: number,
  { side, stepEndMs, stepMs }: { side: 1 | -1 | 0; stepEndMs: number; stepMs: number },
): void {
  if (Number.isNaN(value)) noteScore(series, Number.NaN);
  else if (side === 0) noteScore(series, WITHIN_SCORE);
  else noteScore(series, series.alarms.judge(LIMIT_SCORE, { side, kind: 'limit', stepEndMs, stepMs, isForced: true }));
}
