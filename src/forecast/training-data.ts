import type { Samples } from '../model/columns.js';
import { readRing, type TrainingView } from '../model/ring-view.js';

/** What a model is trained on. */
export interface TrainingData {
  readonly samples: Samples;
  /** The ring it was read from. */
  readonly source: 'history' | 'steps';
  /** Mean variance of single steps around the values of `samples`, in squared units of the series. */
  readonly stepVariance: number;
}

/** A history of fewer slots says less than the steps of the last hours do. */
const MIN_HISTORY_SLOTS = 64;

/**
 * Reads what a series is to be trained on: its history, or, as long as that has fewer than 64 slots, or fewer than the
 * steps ring where the steps ring reaches back as far, the steps themselves.
 */
export function readTrainingData(view: TrainingView): TrainingData {
  const history = readRing(view.history);
  const steps = readRing(view.steps);
  const stepsReachAsFar = steps.values.length > 0 && steps.timesMs[0]! - view.history.widthMs <= history.timesMs[0]!;
  const tooFew =
    history.values.length < MIN_HISTORY_SLOTS || (stepsReachAsFar && history.values.length < steps.values.length);
  if (tooFew && steps.values.length > history.values.length)
    return { samples: steps, source: 'steps', stepVariance: 0 };
  return { samples: history, source: 'history', stepVariance: view.withinSlotVariance };
}
