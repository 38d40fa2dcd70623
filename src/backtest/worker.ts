import type { Failure } from './input/find-series.js';
import { measure } from './measure/measures.js';
import { picture } from './report/picture.js';
import { writePredictions } from './summary/prediction-csv.js';
import { orFailure, replayTask } from './task/replay-task.js';
import type { BacktestTask, SeriesResult } from './task/task.js';

/** Replays one series, writes its predictions and says how good they were, or what is wrong with its recording. */
export default function backtestTask(task: BacktestTask): SeriesResult | Failure {
  return orFailure(task, () => {
    const { name, rule, fromMs } = task;
    const { recorded, replayed, stepMs, intervalWidth, anomalies } = replayTask(task);
    if (task.predictions !== undefined) writePredictions(task.predictions, replayed);
    return {
      name,
      rule: rule.name,
      stepMs,
      intervalWidth,
      measures: measure(recorded, replayed, anomalies, { intervalWidth, stepMs, fromMs }),
      anomalies,
      picture: task.picture ? picture(recorded, replayed, { anomalies, stepMs, fromMs }) : undefined,
    };
  });
}
