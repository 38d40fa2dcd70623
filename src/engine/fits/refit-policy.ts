import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';

/** Prophet needs this many points (fit.ts refuses fewer). */
export const MIN_POINTS = 10;
/** A young series is refitted when its history has grown by this factor since the last fit. */
export const GROWTH = 1.25;
/** Refits come after refit_interval ± this share. */
export const JITTER = 0.1;

/**
 * Whether enough of a series is new for a fit: a first one at ten steps, then one for every quarter by which a young history
 * grows, then one every refit_interval.
 */
export function wantsFit(store: SeriesStore, { id, fittedUntilMs, fittedSpanMs }: TrackedSeries): boolean {
  const { stepMs, refitIntervalMs } = store.settings(id);
  const newestMs = store.newestSampleMs(id);
  const spanMs = newestMs - store.firstSampleMs(id);
  return (
    spanMs >= MIN_POINTS * stepMs &&
    (newestMs - fittedUntilMs >= refitIntervalMs * (1 - JITTER) || spanMs >= GROWTH * fittedSpanMs)
  );
}
