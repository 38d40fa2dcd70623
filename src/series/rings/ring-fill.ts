import { readRing } from '../../model/samples/ring-view.js';
import type { SampleRings } from './sample-rings.js';

/** How many empty buckets of each tier got a value. */
export interface FilledBuckets {
  readonly fine: number;
  readonly coarse: number;
}

/**
 * Fills empty buckets of one series from those of another. Values that are there stay, except in the gap to `repair`: from
 * the start of one step to the end of another. The other's resolution must divide this one's; steps are only taken over
 * where they are as wide.
 */
export function fillGaps(
  rings: SampleRings,
  id: number,
  others: SampleRings,
  otherId: number,
  repair = { fromMs: Number.POSITIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY },
): FilledBuckets {
  // The coarse tier first: a step may then derive its bucket again, but not fill it alone.
  const { timesMs, values } = readRing(others.coarseView(otherId));
  let coarse = 0;
  for (let i = 0; i < timesMs.length; ) {
    const bucket = Math.floor(timesMs[i]! / rings.resolutionMs);
    const first = i;
    let sum = 0;
    for (; i < timesMs.length && Math.floor(timesMs[i]! / rings.resolutionMs) === bucket; i++)
      sum += values[i]! - values[first]!;
    const value = values[first]! + sum / (i - first);
    const endMs = (bucket + 1) * rings.resolutionMs;
    if (rings.fillBucket(id, bucket, value)) coarse++;
    else if (endMs > repair.fromMs && endMs <= repair.untilMs) rings.setBucket(id, bucket, value);
  }
  let fine = 0;
  if (rings.stepMs === others.stepMs) {
    const recent = readRing(others.fineView(otherId));
    for (let i = 0; i < recent.timesMs.length; i++) {
      const step = Math.floor(recent.timesMs[i]! / rings.stepMs);
      const startMs = step * rings.stepMs;
      if (rings.fillStep(id, step, recent.values[i]!)) fine++;
      else if (startMs >= repair.fromMs && startMs < repair.untilMs) rings.setStep(id, step, recent.values[i]!);
    }
  }
  return { fine, coarse };
}
