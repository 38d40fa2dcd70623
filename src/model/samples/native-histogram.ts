/** The schema of histograms whose bucket bounds are listed; others are exponential, with bounds 2^(index × 2^−schema). */
export const CUSTOM_BUCKETS = -53;

/** What a sender knows of a counter reset before a histogram; numbered as in Histogram.ResetHint of remote-write. */
export const RESET_HINTS = ['unknown', 'reset', 'no_reset', 'gauge'] as const;
type ResetHint = (typeof RESET_HINTS)[number];

/** Buckets on one side of zero that are not empty, in columns; indexes ascend. */
export interface Buckets {
  readonly indexes: readonly number[];
  readonly counts: readonly number[];
}

/** A native histogram of Prometheus, with integer or float counts. */
export interface NativeHistogram {
  readonly count: number;
  /** NaN where it has observations of NaN. */
  readonly sum: number;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly positive: Buckets;
  readonly negative: Buckets;
  /** Upper bounds of custom buckets, ascending; one more bucket is above the last. */
  readonly bounds: readonly number[];
}

/** One histogram of a series. */
export interface HistogramSample {
  readonly timeMs: number;
  readonly resetHint: ResetHint;
  /** When it began to count; 0 where the sender does not say so. */
  readonly startMs: number;
  /** Undefined for a stale marker, which ends the series. */
  readonly histogram: NativeHistogram | undefined;
}
