import { yieldToMainThread } from '../forecast/pool/thread-priority.js';
import { anomalyReplay } from './replay-steps.js';
import type { PreviewedSeries, PreviewTask } from './task.js';

yieldToMainThread();

/** Replays one series with its rule as it is and as it would be. */
export default function preview({
  name,
  labels,
  samples,
  before,
  after,
  fromMs,
  untilMs,
}: PreviewTask): PreviewedSeries {
  const task = { name, labels, samples, fromMs, untilMs };
  return { name, labels, before: anomalyReplay(task, before), after: anomalyReplay(task, after) };
}
