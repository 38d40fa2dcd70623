import type { SeriesStore } from '../series/series-store.js';
import type { WatchedSeries } from './watched-series.js';

/** A stretch of a series' history that is to be read. */
export interface HistoryGap {
  readonly series: WatchedSeries;
  readonly startMs: number;
  /** Not included: what came live begins here. */
  readonly endMs: number;
}

/**
 * What a series lacks: all that is older than its first sample, and what came between `knownUntilMs`, the newest sample it
 * had when it was taken in (from a snapshot; NaN if none), and what has come live since. The start is on a boundary of
 * history slots. Undefined where nothing is missing, 'unknown' where nothing has come live yet.
 */
export function historyGap(
  store: SeriesStore,
  series: WatchedSeries,
  knownUntilMs: number,
  nowMs: number,
): HistoryGap | 'unknown' | undefined {
  const { id } = series;
  const { historyMs, resolutionMs, stepMs } = store.settings(id);
  const [firstMs, newestMs] = [store.firstSampleMs(id), store.newestSampleMs(id)];
  const isNew = Number.isNaN(knownUntilMs);
  if (Number.isNaN(newestMs) || newestMs === knownUntilMs) return 'unknown';
  const endMs = isNew ? firstMs : newestMs;
  const oldestMs = nowMs - historyMs;
  const lacksPast = firstMs >= oldestMs + resolutionMs;
  if (!lacksPast && (isNew || endMs - knownUntilMs <= 2 * stepMs)) return undefined;
  return { series, startMs: Math.floor((lacksPast ? oldestMs : knownUntilMs) / resolutionMs) * resolutionMs, endMs };
}
