import { ringIndex, storedBuckets } from '../../model/samples/ring-view.js';
import type { SeriesStore } from '../../series/series-store.js';

/** Means of equal buckets in order of time, NaN where nothing came; the first and the last one have a value. */
export interface ClosedBuckets {
  readonly values: Float64Array;
  /** Midpoint of the last one. */
  readonly newestMs: number;
  readonly widthMs: number;
}

/** The coarse buckets of a series that were closed at a time. */
export function closedBuckets(store: SeriesStore, id: number, untilMs: number): ClosedBuckets {
  const view = store.historyView(id);
  const { capacity, base, widthMs, newestBucket } = view;
  const stored = storedBuckets(view);
  const oldest = newestBucket - capacity + 1;
  const at = (bucket: number) => stored[ringIndex(bucket, capacity)]!;
  let newest = Math.min(newestBucket, Math.floor(untilMs / widthMs) - 1);
  while (newest >= oldest && Number.isNaN(at(newest))) newest--;
  let first = oldest;
  while (first <= newest && Number.isNaN(at(first))) first++;
  const values = Float64Array.from({ length: newest - first + 1 }, (_, i) => base + at(first + i));
  return { values, newestMs: (newest + 0.5) * widthMs, widthMs };
}
