import { LOOKBACK_MS } from '../../model/samples/staleness.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { TrackedSeries } from '../series/tracked-series.js';

/** A stretch of a series' history that has to be read. */
export interface HistoryGap {
  readonly series: TrackedSeries;
  /** Where a coarse bucket begins. */
  readonly startMs: number;
  /** Not included. */
  readonly endMs: number;
  /** From here on, the start of a step, live samples are missing and complete steps are replaced; Infinity: nowhere. */
  readonly repairFromMs: number;
  /** Progress units: a series counts once, for its past; the gap repair that follows it does not count again. */
  readonly units: 0 | 1;
}

/**
 * A gap among the live samples of a series, between the samples at these two times; at first only `fromMs` may be known. The
 * steps of both samples came live in part.
 */
export interface LiveGap extends Pick<HistoryGap, 'units'> {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Everything before the first sample of a series, back to the start of its history; undefined where it has that. */
export function pastGap(store: SeriesStore, series: TrackedSeries, nowMs: number): HistoryGap | undefined {
  const { historyMs, resolutionMs } = store.settings(series.id);
  const firstMs = store.firstSampleMs(series.id);
  const oldestMs = nowMs - historyMs;
  if (firstMs < oldestMs + resolutionMs) return undefined;
  const startMs = floorTo(oldestMs, resolutionMs);
  return { series, startMs, endMs: firstMs, repairFromMs: Number.POSITIVE_INFINITY, units: 1 };
}

/** What has to be read to repair a gap; undefined while the step that it ends in is not over. */
export function repairGap(
  store: SeriesStore,
  series: TrackedSeries,
  { fromMs, toMs, units }: LiveGap,
  nowMs: number,
): HistoryGap | undefined {
  const { historyMs, resolutionMs, stepMs } = store.settings(series.id);
  const lastStepMs = floorTo(toMs, stepMs);
  if (!(store.newestSampleMs(series.id) >= lastStepMs + stepMs)) return undefined;
  const repairFromMs = floorTo(Math.max(fromMs, nowMs - historyMs), stepMs);
  return {
    series,
    // A rate needs the sample before.
    startMs: floorTo(repairFromMs - LOOKBACK_MS, resolutionMs),
    // A sample of the step after shows that the last step is complete.
    endMs: lastStepMs + 2 * stepMs,
    repairFromMs,
    units,
  };
}

function floorTo(timeMs: number, widthMs: number): number {
  return Math.floor(timeMs / widthMs) * widthMs;
}
