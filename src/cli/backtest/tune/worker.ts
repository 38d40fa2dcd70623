import type { Failure } from '../find-series.js';
import { measure } from '../measures.js';
import { orFailure, replayTask } from '../replay-task.js';
import type { Trial, TrialResult } from './trial.js';

/** Share of what is judged on which candidates are chosen. */
const FIRST_SHARE = 0.6;
const DAY_MS = 86_400_000;

/** Replays one series under one candidate. */
export default function tuneTask(trial: Trial): TrialResult | Failure {
  return orFailure(trial, () => {
    const { recorded, replayed, stepMs, intervalWidth, anomalies } = replayTask(trial, trial.stepFactor);
    const { timesMs } = replayed;
    const startMs = Math.max(trial.fromMs, timesMs[0]!);
    const endMs = timesMs.at(-1)! + stepMs;
    const splitMs = Math.floor((startMs + FIRST_SHARE * (endMs - startMs)) / DAY_MS) * DAY_MS;
    const part = (fromMs: number, untilMs: number) => {
      const own = anomalies.filter((alarm) => alarm.startMs >= fromMs && alarm.startMs < untilMs);
      const options = { intervalWidth, stepMs };
      const measures = measure(recorded, replayed, own, { ...options, fromMs, untilMs });
      const dailyLoss = new Map<number, number>();
      for (let day = Math.floor(fromMs / DAY_MS); day * DAY_MS < untilMs; day++) {
        const { loss } = measure(recorded, replayed, [], {
          ...options,
          fromMs: Math.max(fromMs, day * DAY_MS),
          untilMs: Math.min(untilMs, (day + 1) * DAY_MS),
        });
        if (loss > 0) dailyLoss.set(day, loss);
      }
      return { measures, dailyLoss };
    };
    return {
      candidate: trial.candidate,
      series: trial.series,
      stepMs,
      first: part(startMs, splitMs),
      later: part(splitMs, endMs),
    };
  });
}
