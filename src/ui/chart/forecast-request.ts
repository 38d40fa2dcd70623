import { liveReach, type ViewRange } from '../lib/view.js';
import type { TimeRange } from './chart.js';

/** What has to be known of a series to know what to ask for. */
export interface SeriesPace {
  readonly step: number;
  /** Infinite as long as it is not known: the server stops at the horizon anyway. */
  readonly horizon: number;
  /** When its history begins, as far as it is known. */
  readonly history_from?: number | null;
}

/** The range of time a view shows at `now`. */
export function resolveRange(range: ViewRange, pace: SeriesPace, now: number): TimeRange {
  if (range.kind === 'fixed') return { start: range.start, end: range.end };
  const { back, ahead } = liveReach(range, pace, now);
  return { start: now - back, end: now + ahead };
}

/**
 * The points to ask for so that `width` pixels get one each: no finer than the series' own step, and on multiples of
 * that distance, so that a forecast asked for again has its points in the same places.
 */
export function pointsFor(
  { start, end }: TimeRange,
  { step }: SeriesPace,
  width: number,
): TimeRange & { step: number } {
  const apart = Math.max(step, Math.ceil((end - start) / Math.max(width, 1)));
  return { start: Math.floor(start / apart) * apart, end: Math.ceil(end / apart) * apart, step: apart };
}

/** How long a live forecast may stay as it is, in milliseconds: until it has moved by about a pixel. */
export function forecastIntervalMs({ start, end }: TimeRange): number {
  return Math.min(Math.max(end - start, 5_000), 60_000);
}
