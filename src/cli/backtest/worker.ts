import { anomaliesOf } from './anomalies.js';
import { readCsv } from './csv.js';
import type { Failure } from './find-series.js';
import { measure } from './measures.js';
import { writePredictions } from './prediction-csv.js';
import { before, samplingIntervalMs } from './recorded-series.js';
import { replay } from './replay.js';
import { settingsAtStep } from './settings-at-step.js';
import type { BacktestTask, SeriesResult } from './task.js';

/** Replays one series, writes its predictions and says how good they were, or what is wrong with its recording. */
export default function backtestTask(task: BacktestTask): SeriesResult | Failure {
  try {
    return run(task);
  } catch (error) {
    const isExpected = error instanceof RangeError || (error instanceof Error && 'syscall' in error);
    if (!isExpected) throw error;
    return { name: task.name, error: error.message };
  }
}

function run({ name, labels, recording, rule, horizonMs, fromMs, untilMs, ...task }: BacktestTask): SeriesResult {
  const recorded = before(typeof recording === 'string' ? readCsv(recording) : recording, untilMs);
  const stepMs = task.stepMs ?? samplingIntervalMs(recorded.samples.timesMs);
  const settings = settingsAtStep(rule.settings, stepMs);
  const replayed = replay(recorded.samples, labels, { ...rule, settings }, { horizonMs });
  if (task.predictions !== undefined) writePredictions(task.predictions, replayed);
  const { intervalWidth } = settings.prophet;
  const anomalies = anomaliesOf(recorded, replayed, stepMs, fromMs);
  const measures = measure(recorded, replayed, anomalies, { intervalWidth, stepMs, fromMs });
  return { name, rule: rule.name, stepMs, intervalWidth, measures, anomalies, picture: undefined };
}
