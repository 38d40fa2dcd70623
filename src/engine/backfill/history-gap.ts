import { LOOKBACK_MS } from '../../model/staleness.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';

/** A stretch of a series' history that is to be read. */
export interface HistoryGap {
  readonly series: TrackedSeries;
  /** On a boundary of coarse buckets. */
  readonly startMs: number;
  /** Not included. */
  readonly endMs: number;
  /** From here on, the start of a step, what came live has holes, and steps are taken over whole; Infinity: nowhere. */
  readonly mendFromMs: number;
  /** How many series it counts for where progress is told: a series whose past was read counts no more for its seam. */
  readonly weight: 0 | 1;
}

/**
 * Where samples of a series are missing among those that came live: those between these two, of which the first may be the
 * only one that is known. The steps of both were live in part.
 */
export interface Seam extends Pick<HistoryGap, 'weight'> {
  readonly fromMs: number;
  readonly toMs: number;
}

/** All that is older than the first sample of a series, as far back as its history goes; undefined where it has that. */
export function pastGap(store: SeriesStore, series: TrackedSeries, nowMs: number): HistoryGap | undefined {
  const { historyMs, resolutionMs } = store.settings(series.id);
  const firstMs = store.firstSampleMs(series.id);
  const oldestMs = nowMs - historyMs;
  if (firstMs < oldestMs + resolutionMs) return undefined;
  const startMs = floorTo(oldestMs, resolutionMs);
  return { series, startMs, endMs: firstMs, mendFromMs: Number.POSITIVE_INFINITY, weight: 1 };
}

/** What mends a seam; undefined while the step that it ends in is not over. */
export function seamGap(
  store: SeriesStore,
  series: TrackedSeries,
  { fromMs, toMs, weight }: Seam,
  nowMs: number,
): HistoryGap | undefined {
  const { historyMs, resolutionMs, stepMs } = store.settings(series.id);
  const lastStepMs = floorTo(toMs, stepMs);
  if (!(store.newestSampleMs(series.id) >= lastStepMs + stepMs)) return undefined;
  const mendFromMs = floorTo(Math.max(fromMs, nowMs - historyMs), stepMs);
  return {
    series,
    // A rate needs the sample before.
    startMs: floorTo(mendFromMs - LOOKBACK_MS, resolutionMs),
    // A sample of the step after tells that the last one is whole.
    endMs: lastStepMs + 2 * stepMs,
    mendFromMs,
    weight,
  };
}

function floorTo(timeMs: number, widthMs: number): number {
  return Math.floor(timeMs / widthMs) * widthMs;
}
