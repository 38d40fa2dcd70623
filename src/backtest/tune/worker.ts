import type { Failure } from '../input/find-series.js';
import { measure } from '../measure/measures.js';
import { orFailure, replayTask } from '../task/replay-task.js';
import { fitSettled } from './settled-fit.js';
import type { Trial, TrialResult } from './trial.js';

/** Share of a recording that is history, unless it is said from when on it counts: young models say little of old ones. */
const HISTORY_SHARE = 0.3;
/** Share of what is judged on which candidates are chosen. */
const FIRST_SHARE = 0.6;
const DAY_MS = 86_400_000;
/** Fits are nine tenths of a replay, and a forecast is little worse for a model a few hours older: under all candidates. */
const MIN_REFIT_INTERVAL_MS = 4 * 3_600_000;

/** Replays one series under one candidate. */
export default function tuneTask(trial: Trial): TrialResult | Failure {
  return orFailure(trial, () => {
    const refitIntervalMs = Math.max(trial.rule.settings.refitIntervalMs, MIN_REFIT_INTERVAL_MS);
    const settings = { ...trial.rule.settings, refitIntervalMs };
    const { recorded, replayed, stepMs, intervalWidth, anomalies } = replayTask(
      { ...trial, rule: { ...trial.rule, settings } },
      { stepFactor: trial.stepFactor, fit: fitSettled },
    );
    const { timesMs } = replayed;
    const [firstMs, endMs] = [timesMs[0]!, timesMs.at(-1)! + stepMs];
    const startMs = Number.isFinite(trial.fromMs)
      ? Math.max(trial.fromMs, firstMs)
      : firstMs + HISTORY_SHARE * (endMs - firstMs);
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
