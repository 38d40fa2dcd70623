import type { Bounds } from '../../model/settings/settings.js';
import type { SeriesStore } from '../../series/series-store.js';
import { type Crossing, LIMIT_SIDES, type LimitSide } from '../series/crossings-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { closedBuckets } from './closed-buckets.js';
import { growthOn } from './growth-forecast.js';
import { limitsOf } from './limits.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A series that was at a bound this often comes there by itself. */
const USUAL_TIMES = 3;
/** At a bound is what is nearer to it than this share of the range of the series: history is kept as rounded differences. */
const NEAR_SHARE = 0.001;
/** No further, whatever the history. */
const MAX_HORIZON_MS = 30 * DAY_MS;

/** How far ahead limits are looked for: as far as the model has seen of the past, in whole hours, 30 days at most. */
export function limitHorizonMs({ fittedSpanMs }: Pick<TrackedSeries, 'fittedSpanMs'>): number {
  return Math.min(Math.floor(fittedSpanMs / HOUR_MS) * HOUR_MS, MAX_HORIZON_MS);
}

/**
 * When each limit of a series is reached for the first time after the step that was scored last, if it goes on growing. A bound is what
 * the metric can be, and no reason to worry by itself: one that the series comes to again and again, as a rate comes to 0 at night, is
 * left out, and it is expected to be reached only if the far edge reaches it too.
 */
export function crossingsOf(store: SeriesStore, series: TrackedSeries, limits: Bounds): Crossing[] {
  const { id, scoredUntilMs: nowMs } = series;
  const { stepMs, prophet } = store.settings(id);
  const own = limitsOf(store, series);
  const buckets = closedBuckets(store, id, nowMs);
  const isAsked = (side: LimitSide) =>
    limits[side] !== undefined && (own[side] !== undefined || !isUsual(buckets.values, limits[side], side));
  const sides = LIMIT_SIDES.filter(isAsked);
  if (sides.length === 0) return [];
  const horizonMs = limitHorizonMs(series);
  const { intervalWidth } = prophet;
  const { timesMs, yhat, yhatLower, yhatUpper } = growthOn(buckets, { intervalWidth, scoredUntilMs: nowMs, horizonMs });
  const value = store.stepValue(id, nowMs - stepMs);
  return sides.map((side) => {
    const limit = limits[side]!;
    const sign = side === 'max' ? 1 : -1;
    const from = { timeMs: nowMs, distance: sign * (limit - value) };
    const first = (column: Float64Array) => firstAt(timesMs, column, { limit, sign, from });
    const [near, far] = side === 'max' ? [yhatUpper, yhatLower] : [yhatLower, yhatUpper];
    const isSure = own[side] !== undefined || first(far) < Number.POSITIVE_INFINITY;
    const expectedMs = isSure ? first(yhat) : Number.POSITIVE_INFINITY;
    return { side, expectedMs, earliestMs: Math.min(expectedMs, first(near)) };
  });
}

/** Whether a series came to a bound several times. */
function isUsual(values: Float64Array, bound: number, side: LimitSide): boolean {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const near = NEAR_SHARE * (most - least);
  let [times, wasThere] = [0, false];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    const isThere = side === 'max' ? value >= bound - near : value <= bound + near;
    if (isThere && !wasThere) times++;
    wasThere = isThere;
  }
  return times >= USUAL_TIMES;
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
