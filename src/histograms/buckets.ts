import { type Buckets, CUSTOM_BUCKETS, type NativeHistogram } from '../model/samples/native-histogram.js';

/** A bucket holds what is over `lower` and up to `upper`; one below zero what is from `lower` on and under `upper`. */
export interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/** The upper bound of a positive bucket of an exponential schema; the lower one is that of the index before. */
export function exponentialBound(schema: number, index: number): number {
  return 2 ** (index * 2 ** -schema);
}

/** All buckets that are not empty, ascending; that around zero among them. */
export function bucketsOf(histogram: NativeHistogram): Bucket[] {
  const { schema, bounds, positive, negative, zeroCount, zeroThreshold } = histogram;
  if (schema === CUSTOM_BUCKETS) {
    return positive.indexes.map((index, i) => ({
      lower: bounds[index - 1] ?? Number.NEGATIVE_INFINITY,
      upper: bounds[index] ?? Number.POSITIVE_INFINITY,
      count: positive.counts[i]!,
    }));
  }
  const above = positive.indexes.map((index, i) => ({
    lower: exponentialBound(schema, index - 1),
    upper: exponentialBound(schema, index),
    count: positive.counts[i]!,
  }));
  const below = negative.indexes.map((index, i) => ({
    lower: -exponentialBound(schema, index),
    upper: -exponentialBound(schema, index - 1),
    count: negative.counts[i]!,
  }));
  const zero = zeroCount === 0 ? [] : [{ lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount }];
  return [...below.reverse(), ...zero, ...above];
}

/** The buckets of both, added; `sign` −1 subtracts the second. Buckets that become 0 are left out. */
export function combine(a: Buckets, b: Buckets, sign: 1 | -1): Buckets {
  const indexes: number[] = [];
  const counts: number[] = [];
  for (let i = 0, j = 0; i < a.indexes.length || j < b.indexes.length; ) {
    const [atA, atB] = [a.indexes[i] ?? Number.POSITIVE_INFINITY, b.indexes[j] ?? Number.POSITIVE_INFINITY];
    const count = (atA <= atB ? a.counts[i++]! : 0) + (atB <= atA ? sign * b.counts[j++]! : 0);
    if (count === 0) continue;
    indexes.push(Math.min(atA, atB));
    counts.push(count);
  }
  return { indexes, counts };
}

/** Buckets of a coarser exponential schema: `levels` less, each twice as wide on the logarithmic scale as that before. */
export function coarsen({ indexes, counts }: Buckets, levels: number): Buckets {
  const merged: { indexes: number[]; counts: number[] } = { indexes: [], counts: [] };
  for (const [i, index] of indexes.entries()) {
    const at = Math.ceil(index / 2 ** levels);
    if (merged.indexes.at(-1) === at) merged.counts[merged.counts.length - 1]! += counts[i]!;
    else {
      merged.indexes.push(at);
      merged.counts.push(counts[i]!);
    }
  }
  return merged;
}
