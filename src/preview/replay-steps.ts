import { measure } from '../backtest/measure/measures.js';
import { replayTask } from '../backtest/task/replay-task.js';
import type { PreviewRule, PreviewSide, PreviewTask } from './task.js';

/** Replays a series as `sentio backtest` would with a file of these samples, and this rule and step. */
export function anomalyReplay(
  { name, labels, samples, fromMs, untilMs }: Pick<PreviewTask, 'name' | 'labels' | 'samples' | 'fromMs' | 'untilMs'>,
  { rule, stepMs }: PreviewRule,
): PreviewSide {
  // The rings hold what the aggregate made of the samples: rates of counters among them.
  const settings = { ...rule.settings, aggregate: 'mean' as const };
  const { recorded, replayed, intervalWidth, anomalies } = replayTask({
    name,
    labels,
    recording: { samples, labels: undefined },
    rule: { ...rule, settings },
    stepMs,
    horizonMs: undefined,
    fromMs,
    untilMs,
    predictions: undefined,
    picture: false,
  });
  const { trackedMs } = measure(recorded, replayed, anomalies, { intervalWidth, stepMs, fromMs });
  return { anomalies, trackedMs };
}
