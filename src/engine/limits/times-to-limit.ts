import type { SeriesStore } from '../../series/series-store.js';
import { type Crossing, LIMIT_SIDES, noteCrossings } from '../series/crossings-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { limitsAhead } from './limits.js';
import { crossingsOf, limitHorizonMs } from './time-to-limit.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 1_440 * MINUTE_MS;
/** What is a day away is worked out anew this often, what is further away every hour: it takes a millisecond or two. */
const NEAR_REFRESH_MS = 5 * MINUTE_MS;
const FAR_REFRESH_MS = 60 * MINUTE_MS;
/** When the horizon of a young series has grown by this factor, a limit may be within it that was not before. */
const MUCH_FURTHER = 1.5;
/** Series of a snapshot have their first turn within this time, not all of them at once. */
const SPREAD_SECONDS = 300;
const NONE: readonly Crossing[] = [];

/** Keeps when series reach their limits, and works that out anew from time to time. */
export class TimesToLimit {
  readonly #store: SeriesStore;

  constructor(store: SeriesStore) {
    this.#store = store;
  }

  /** When a series reaches its limits, as far as that is known; to be called at each evaluation. */
  of(series: TrackedSeries, evaluationMs: number): readonly Crossing[] {
    const limits = limitsAhead(this.#store, series);
    if (limits.min === undefined && limits.max === undefined) return NONE;
    const { model, scoredUntilMs, crossings } = series;
    const horizonMs = limitHorizonMs(series);
    if (crossings === undefined) {
      // A model that is there at the first evaluation is of a snapshot.
      const dueMs = evaluationMs + (model === undefined ? 0 : (series.id % SPREAD_SECONDS) * SECOND_MS);
      noteCrossings(series, { limits, horizonMs, dueMs, found: NONE });
    }
    const { found, dueMs, limits: before, horizonMs: reached } = series.crossings!;
    const isSame = LIMIT_SIDES.every((side) => before[side] === limits[side]) && horizonMs <= MUCH_FURTHER * reached;
    if (model === undefined || !Number.isFinite(scoredUntilMs) || (isSame && evaluationMs < dueMs)) return found;
    const now = crossingsOf(this.#store, series, limits);
    // By what is expected: the near edge of what is noisy and near 0 is always at its bound within a day.
    const soonestMs = Math.min(...now.map(({ expectedMs }) => expectedMs));
    const refreshMs = soonestMs - evaluationMs < DAY_MS ? NEAR_REFRESH_MS : FAR_REFRESH_MS;
    noteCrossings(series, { limits, horizonMs, dueMs: evaluationMs + refreshMs, found: now });
    return now;
  }
}
