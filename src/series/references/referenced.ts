import { LOOKBACK_MS } from '../../model/samples/staleness.js';

/** A series to which rules refer. */
export interface Referenced {
  /** Its last value; NaN before the first. */
  readonly value: number;
  /** When that was. */
  readonly timeMs: number;
  /** A stale marker came after it. */
  readonly isEnded: boolean;
}

/** The value of a match; `none` where no series with a value matches, `several` where those that do differ. */
export type Match = number | 'none' | 'several';

/**
 * The last value of the series with matching labels. Where one was replaced by another, as after a restart, it is that of
 * the newer one: series that ended, or have been silent for longer than PromQL looks back, do not count beside it.
 */
export function matchOf(series: readonly Referenced[]): Match {
  if (series.length === 1) return Number.isNaN(series[0]!.value) ? 'none' : series[0]!.value;
  const known = series.filter(({ value }) => !Number.isNaN(value));
  const newestMs = known.reduce((newest, { timeMs }) => Math.max(newest, timeMs), Number.NEGATIVE_INFINITY);
  const present = known.filter(({ timeMs, isEnded }) => !isEnded && newestMs - timeMs <= LOOKBACK_MS);
  const counting = present.length > 0 ? present : known.filter(({ timeMs }) => timeMs === newestMs);
  if (counting.length === 0) return 'none';
  const [{ value }] = counting as [Referenced];
  return counting.every((each) => each.value === value) ? value : 'several';
}
