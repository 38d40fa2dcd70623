import { CUSTOM_BUCKETS, type NativeHistogram } from '../model/samples/native-histogram.js';
import { type Bucket, bucketsOf } from './buckets.js';

/**
 * The quantile of a histogram as Prometheus' histogram_quantile() has it (promql/quantile.go, HistogramQuantile): within a
 * bucket interpolated on a logarithmic scale, linearly around zero and in custom buckets. 0 < `quantile` < 1; NaN where
 * nothing was observed.
 */
export function histogramQuantile(histogram: NativeHistogram, quantile: number): number {
  const { count: total, sum } = histogram;
  if (!(total > 0)) return Number.NaN;
  // From the nearer end, because sums of counts lose digits; observations of NaN are beyond the upper end.
  const isFromBelow = Number.isNaN(sum) || quantile < 0.5;
  const buckets = isFromBelow ? bucketsOf(histogram) : bucketsOf(histogram).reverse();
  const rank = (isFromBelow ? quantile : 1 - quantile) * total;
  let count = 0;
  let found: Bucket | undefined;
  for (const bucket of buckets) {
    found = bucket;
    count += bucket.count;
    if (count >= rank) break;
  }
  if (found === undefined) return Number.NaN;
  const { lower, upper } = withoutEmptySide(histogram, found);
  if (lower === Number.NEGATIVE_INFINITY) return upper;
  if (upper === Number.POSITIVE_INFINITY) return lower;
  count = Math.min(count, total);
  if (count < rank) return Number.isNaN(sum) ? Number.NaN : upper;
  const fraction = (isFromBelow ? rank - (count - found.count) : count - rank) / found.count;
  if (histogram.schema === CUSTOM_BUCKETS || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction;
  const [logLower, logUpper] = [Math.log2(Math.abs(lower)), Math.log2(Math.abs(upper))];
  return lower > 0
    ? 2 ** (logLower + (logUpper - logLower) * fraction)
    : -(2 ** (logUpper + (logLower - logUpper) * (1 - fraction)));
}

/** A bucket around zero ends there if nothing is beyond; the lowest custom bucket begins at zero if it ends above. */
function withoutEmptySide(histogram: NativeHistogram, { lower, upper }: Bucket): { lower: number; upper: number } {
  const { positive, negative, schema } = histogram;
  if (schema === CUSTOM_BUCKETS) return { lower: lower === Number.NEGATIVE_INFINITY && upper > 0 ? 0 : lower, upper };
  if (!(lower < 0 && upper > 0)) return { lower, upper };
  if (negative.indexes.length === 0 && positive.indexes.length > 0) return { lower: 0, upper };
  if (positive.indexes.length === 0 && negative.indexes.length > 0) return { lower, upper: 0 };
  return { lower, upper };
}
