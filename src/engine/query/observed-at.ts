import type { SeriesStore } from '../../series/series-store.js';

/** Buckets of a series in time order, and for each time that was asked for the one whose value holds then. */
export interface ObservedAt {
  readonly midpointsMs: Float64Array;
  readonly endsMs: Float64Array;
  readonly values: Float64Array;
  /** Index of a bucket for each time; -1 where none holds. */
  readonly bucketAt: Int32Array;
}

/** A tier of a series, as samples stamped at the ends of its buckets. */
interface Tier {
  readonly midpointsMs: Float64Array;
  readonly values: Float64Array;
  readonly widthMs: number;
  /** Index of the newest bucket that has ended at the time that is looked at. */
  newest: number;
}

/**
 * What was observed of a series at ascending times, as PromQL looks it up: the newest closed bucket that ended at or before
 * the time and less than `lookbackMs`, or its own width, before it. After a stale marker there is no value.
 */
export function observedAt(store: SeriesStore, id: number, timesMs: Float64Array, lookbackMs: number): ObservedAt {
  const { stepMs, resolutionMs } = store.settings(id);
  const fromMs = (timesMs[0] ?? 0) - Math.max(lookbackMs, resolutionMs) - resolutionMs;
  const toMs = timesMs.at(-1) ?? 0;
  const fine = store.readSteps(id, fromMs, toMs);
  const coarse = store.readHistory(id, fromMs, fine.timesMs[0] ?? toMs);
  const tiers: readonly Tier[] = [
    { midpointsMs: fine.timesMs, values: fine.values, widthMs: stepMs, newest: -1 },
    { midpointsMs: coarse.timesMs, values: coarse.values, widthMs: resolutionMs, newest: -1 },
  ];
  // The step of the newest sample is still open.
  const closedMs = Math.floor(store.newestSampleMs(id) / stepMs) * stepMs;
  const endedAtMs = store.endedAtMs(id);
  const used: { midpointMs: number; endMs: number; value: number }[] = [];
  const bucketAt = Int32Array.from(timesMs, (timeMs) => {
    if (timeMs >= endedAtMs) return -1;
    for (const tier of tiers) {
      const index = newestIn(tier, Math.min(timeMs, closedMs), timeMs - Math.max(lookbackMs, tier.widthMs));
      if (index < 0) continue;
      const endMs = endOf(tier, index);
      if (used.at(-1)?.endMs !== endMs)
        used.push({ midpointMs: tier.midpointsMs[index]!, endMs, value: tier.values[index]! });
      return used.length - 1;
    }
    return -1;
  });
  return {
    midpointsMs: Float64Array.from(used, ({ midpointMs }) => midpointMs),
    endsMs: Float64Array.from(used, ({ endMs }) => endMs),
    values: Float64Array.from(used, ({ value }) => value),
    bucketAt,
  };
}

/** The newest bucket with a value that ended in (afterMs, untilMs], or -1. `untilMs` never goes back between two calls. */
function newestIn(tier: Tier, untilMs: number, afterMs: number): number {
  while (tier.newest + 1 < tier.values.length && endOf(tier, tier.newest + 1) <= untilMs) tier.newest++;
  for (let index = tier.newest; index >= 0 && endOf(tier, index) > afterMs; index--) {
    if (!Number.isNaN(tier.values[index]!)) return index;
  }
  return -1;
}

function endOf({ midpointsMs, widthMs }: Tier, index: number): number {
  return midpointsMs[index]! + widthMs / 2;
}
