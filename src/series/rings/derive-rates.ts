import type { RingView } from '../../model/samples/ring-view.js';
import { ringIndex, storedBuckets } from '../../model/samples/ring-view.js';

/**
 * Turns the means of a counter into its rates, in place: the rate of a bucket is the difference of its mean from the one before,
 * by the time between them. What a reset makes fall, and the oldest bucket, have none.
 */
export function deriveRates(view: RingView, maxGapMs: number): void {
  const { capacity, base, widthMs, newestBucket } = view;
  const stored = storedBuckets(view);
  let before = Number.NaN;
  let beforeBucket = Number.NaN;
  for (let bucket = newestBucket - capacity + 1; bucket <= newestBucket; bucket++) {
    const index = ringIndex(bucket, capacity);
    const value = stored[index]! + base;
    if (Number.isNaN(value)) continue;
    const gapMs = (bucket - beforeBucket) * widthMs;
    stored[index] =
      gapMs <= Math.max(maxGapMs, widthMs) && value >= before ? (1000 * (value - before)) / gapMs : Number.NaN;
    before = value;
    beforeBucket = bucket;
  }
}
