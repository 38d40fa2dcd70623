import { readRing } from '../../model/ring-view.js';
import type { SampleRings } from './sample-rings.js';

/** How many empty slots of each tier got a value. */
export interface FilledSlots {
  readonly steps: number;
  readonly history: number;
}

/**
 * Gives the empty slots of one series the values another has for them. What is there stays, but for the stretch to be
 * mended: from the start of one step to the end of another. The other's resolution must divide this one's; steps are only
 * taken over where they are as wide.
 */
export function fillGaps(
  rings: SampleRings,
  id: number,
  others: SampleRings,
  otherId: number,
  mend = { fromMs: Number.POSITIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY },
): FilledSlots {
  // The history first: a step may then derive its history slot anew, but not stand for it alone.
  const { timesMs, values } = readRing(others.historyView(otherId));
  let history = 0;
  for (let i = 0; i < timesMs.length; ) {
    const slot = Math.floor(timesMs[i]! / rings.resolutionMs);
    const first = i;
    let sum = 0;
    for (; i < timesMs.length && Math.floor(timesMs[i]! / rings.resolutionMs) === slot; i++)
      sum += values[i]! - values[first]!;
    const value = values[first]! + sum / (i - first);
    const endMs = (slot + 1) * rings.resolutionMs;
    if (rings.fillHistory(id, slot, value)) history++;
    else if (endMs > mend.fromMs && endMs <= mend.untilMs) rings.setHistory(id, slot, value);
  }
  let steps = 0;
  if (rings.stepMs === others.stepMs) {
    const fine = readRing(others.stepsView(otherId));
    for (let i = 0; i < fine.timesMs.length; i++) {
      const step = Math.floor(fine.timesMs[i]! / rings.stepMs);
      const startMs = step * rings.stepMs;
      if (rings.fillStep(id, step, fine.values[i]!)) steps++;
      else if (startMs >= mend.fromMs && startMs < mend.untilMs) rings.setStep(id, step, fine.values[i]!);
    }
  }
  return { steps, history };
}
