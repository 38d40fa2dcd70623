import { labelValue, METRIC_NAME } from '../model/labels/labels.js';
import { unitOf } from '../model/samples/unit.js';
import type { Failure } from './input/find-series.js';
import type { RecordedSeries } from './input/recorded-series.js';
import { LeadErrors } from './measure/lead-errors.js';
import { measure } from './measure/measures.js';
import { picture } from './report/picture.js';
import { writePredictions } from './summary/prediction-csv.js';
import { orFailure, replayTask } from './task/replay-task.js';
import type { BacktestTask, SeriesResult } from './task/task.js';

/** Replays one series, writes its predictions and says how good they were, or what is wrong with its recording. */
export default function backtestTask(task: BacktestTask): SeriesResult | Failure {
  return orFailure(task, () => {
    const { name, labels, rule, fromMs } = task;
    let ahead: LeadErrors | undefined;
    const onStep: LeadErrors['observe'] = (store, series) => {
      ahead ??= new LeadErrors(store.settings(series.id).stepMs, { fromMs });
      ahead.observe(store, series);
    };
    const { recorded, replayed, stepMs, intervalWidth, anomalies } = replayTask(task, { onStep });
    const unit = unitOf(labelValue(labels, METRIC_NAME), replayed.isRate);
    if (task.predictions !== undefined) writePredictions(task.predictions, replayed);
    return {
      name,
      labels,
      rule: rule.name,
      timezone: rule.settings.timezone,
      unit,
      stepMs,
      intervalWidth,
      measures: measure(recorded, replayed, anomalies, { intervalWidth, stepMs, fromMs }),
      leads: ahead?.measures({ intervalWidth, isMarked: isMarkedIn(recorded, stepMs) }) ?? [],
      anomalies,
      picture: task.picture
        ? picture(recorded, replayed, { anomalies, unit, zone: rule.settings.timezone, stepMs, fromMs })
        : undefined,
    };
  });
}

/** Whether somebody marked a sample of the step with a number. */
function isMarkedIn({ samples, labels }: RecordedSeries, stepMs: number): (step: number) => boolean {
  const marked = new Set<number>();
  labels?.forEach((label, i) => {
    if (label === 1) marked.add(Math.floor(samples.timesMs[i]! / stepMs));
  });
  return (step) => marked.has(step);
}
