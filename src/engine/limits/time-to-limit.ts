import type { TimeGrid } from '../../forecast/design/time-grid.js';
import type { Bounds } from '../../model/settings/settings.js';
import type { SeriesStore } from '../../series/series-store.js';
import { type Crossing, LIMIT_SIDES } from '../series/crossings-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { growthOn } from './growth-forecast.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Spacing of the times that are looked at: fine where an hour more or less matters, then fine enough for the peaks of a day. */
const NEAR_SPACING_MS = HOUR_MS / 4;
const FAR_SPACING_MS = HOUR_MS;
/** No further, whatever the history: 24 days at the far spacing. */
const MAX_HORIZON_MS = 30 * DAY_MS;

/** How far ahead limits are looked for: as far as the model has seen of the past, in whole hours, 30 days at most. */
export function limitHorizonMs({ fittedSpanMs }: Pick<TrackedSeries, 'fittedSpanMs'>): number {
  return Math.min(Math.floor(fittedSpanMs / HOUR_MS) * HOUR_MS, MAX_HORIZON_MS);
}

/** The times that are looked at, ascending: whole multiples of the near spacing after `afterMs`, up to `horizonMs` later. */
export function limitTimes(afterMs: number, horizonMs: number): Float64Array {
  const times: number[] = [];
  let timeMs = (Math.floor(afterMs / NEAR_SPACING_MS) + 1) * NEAR_SPACING_MS;
  while (timeMs <= afterMs + horizonMs) {
    times.push(timeMs);
    timeMs += timeMs - afterMs < DAY_MS ? NEAR_SPACING_MS : FAR_SPACING_MS;
  }
  return Float64Array.from(times);
}

/**
 * When each limit of a series is reached for the first time, if it goes on growing. `grid`:
 * `limitTimes` after the step that was scored last; the series must have a model and a score.
 */
export function crossingsOf(store: SeriesStore, series: TrackedSeries, limits: Bounds, grid: TimeGrid): Crossing[] {
  const { timesMs, yhat, yhatLower, yhatUpper } = growthOn(store, series, grid);
  const { stepMs } = store.settings(series.id);
  const nowMs = series.scoredUntilMs;
  const value = store.stepValue(series.id, nowMs - stepMs);
  return LIMIT_SIDES.filter((side) => limits[side] !== undefined).map((side) => {
    const limit = limits[side]!;
    const sign = side === 'max' ? 1 : -1;
    const from = { timeMs: nowMs, distance: sign * (limit - value) };
    const first = (column: Float64Array) => firstAt(timesMs, column, { limit, sign, from });
    const expectedMs = first(yhat);
    return { side, expectedMs, earliestMs: Math.min(expectedMs, first(side === 'max' ? yhatUpper : yhatLower)) };
  });
}

/** When a column first reaches the limit, between two of the times; `from` is where the series is now. */
function firstAt(
  timesMs: Float64Array,
  column: Float64Array,
  { limit, sign, from }: { limit: number; sign: 1 | -1; from: { timeMs: number; distance: number } },
): number {
  let { timeMs, distance } = from;
  if (distance <= 0) return timeMs;
  for (let i = 0; i < timesMs.length; i++) {
    const next = sign * (limit - column[i]!);
    // A distance that is not known, as where the newest step has no value, is no point to interpolate from.
    if (next <= 0) return distance > 0 ? timeMs + ((timesMs[i]! - timeMs) * distance) / (distance - next) : timesMs[i]!;
    timeMs = timesMs[i]!;
    distance = next;
  }
  return Number.POSITIVE_INFINITY;
}
