import {
  type Buckets,
  CUSTOM_BUCKETS,
  type HistogramSample,
  type NativeHistogram,
} from '../model/samples/native-histogram.js';
import { coarsen, combine, exponentialBound } from './buckets.js';

/**
 * What was observed between two histograms of one series: the later one itself after a counter reset, which is known by the hint of
 * the sender, by when it began to count or, without either, by a count that fell (prometheus/prometheus
 * FloatHistogram.DetectReset).
 */
export function increaseOf(
  { timeMs, histogram: previous }: { readonly timeMs: number; readonly histogram: NativeHistogram },
  { histogram, resetHint, startMs }: HistogramSample,
): NativeHistogram {
  const current = histogram!;
  if (resetHint === 'reset' || startMs > timeMs || isFinerThan(current, previous)) return current;
  const both = aligned(current, previous);
  // Bounds that changed are a histogram that began anew.
  if (both === undefined) return current;
  const difference = added(both[0], both[1], -1);
  const { positive, negative, count, zeroCount } = difference;
  const isFallen = [count, zeroCount, ...positive.counts, ...negative.counts].some((value) => value < 0);
  return isFallen && resetHint !== 'no_reset' ? current : difference;
}

/** Both together; undefined where they have custom buckets that differ. */
export function sumOf(a: NativeHistogram, b: NativeHistogram): NativeHistogram | undefined {
  const both = aligned(a, b);
  return both && added(both[0], both[1], 1);
}

/** A process that runs on never makes its buckets finer, nor the zero bucket narrower. */
function isFinerThan(current: NativeHistogram, previous: NativeHistogram): boolean {
  return current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold;
}

function added(a: NativeHistogram, b: NativeHistogram, sign: 1 | -1): NativeHistogram {
  return {
    ...a,
    count: a.count + sign * b.count,
    sum: a.sum + sign * b.sum,
    zeroCount: a.zeroCount + sign * b.zeroCount,
    positive: combine(a.positive, b.positive, sign),
    negative: combine(a.negative, b.negative, sign),
  };
}

/** Both with the coarser schema and the wider zero bucket of the two. */
function aligned(a: NativeHistogram, b: NativeHistogram): readonly [NativeHistogram, NativeHistogram] | undefined {
  if (a.schema === CUSTOM_BUCKETS || b.schema === CUSTOM_BUCKETS) {
    const isSame =
      a.schema === b.schema &&
      a.bounds.length === b.bounds.length &&
      a.bounds.every((bound, i) => bound === b.bounds[i]);
    return isSame ? [a, b] : undefined;
  }
  const schema = Math.min(a.schema, b.schema);
  let pair = [atSchema(a, schema), atSchema(b, schema)] as const;
  // A threshold within a bucket takes all of the bucket in, which may move it for the other one.
  while (pair[0].zeroThreshold !== pair[1].zeroThreshold) {
    const threshold = Math.max(pair[0].zeroThreshold, pair[1].zeroThreshold);
    pair = [withZeroThreshold(pair[0], threshold), withZeroThreshold(pair[1], threshold)];
  }
  return pair;
}

function atSchema(histogram: NativeHistogram, schema: number): NativeHistogram {
  const levels = histogram.schema - schema;
  if (levels === 0) return histogram;
  const { positive, negative } = histogram;
  return { ...histogram, schema, positive: coarsen(positive, levels), negative: coarsen(negative, levels) };
}

/** With a zero bucket up to `threshold` at least: buckets that begin below it become a part of it. */
function withZeroThreshold(histogram: NativeHistogram, threshold: number): NativeHistogram {
  const { schema, zeroThreshold, zeroCount, positive, negative } = histogram;
  if (threshold <= zeroThreshold) return histogram;
  const isInside = (index: number) => exponentialBound(schema, index - 1) < threshold;
  const inside = (side: Buckets) => side.indexes.filter(isInside).length;
  const split = (side: Buckets) => ({
    taken: side.counts.slice(0, inside(side)).reduce((sum, count) => sum + count, 0),
    left: { indexes: side.indexes.slice(inside(side)), counts: side.counts.slice(inside(side)) },
    upTo: inside(side) === 0 ? 0 : exponentialBound(schema, side.indexes[inside(side) - 1]!),
  });
  const [above, below] = [split(positive), split(negative)];
  return {
    ...histogram,
    zeroThreshold: Math.max(threshold, above.upTo, below.upTo),
    zeroCount: zeroCount + above.taken + below.taken,
    positive: above.left,
    negative: below.left,
  };
}
