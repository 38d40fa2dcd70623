import { UsageError } from '../../lib/errors.js';
import { readCsv } from '../input/csv.js';
import type { Failure } from '../input/find-series.js';
import { before, type RecordedSeries, samplingIntervalMs } from '../input/recorded-series.js';
import { type Anomaly, anomaliesOf } from '../measure/anomalies.js';
import { type Replay, type ReplayOptions, replay } from '../replay/replay.js';
import { settingsAtStep } from '../replay/settings-at-step.js';
import type { BacktestTask } from './task.js';

/** A replayed series. */
interface Replayed {
  readonly recorded: RecordedSeries;
  readonly replayed: Replay;
  readonly stepMs: number;
  readonly intervalWidth: number;
  readonly anomalies: readonly Anomaly[];
}

/** Reads the recording of a task and replays it: with `stepFactor` in steps longer by that factor, with `fit` by other models. */
export function replayTask(
  task: BacktestTask,
  { stepFactor = 1, ...options }: Pick<ReplayOptions, 'fit' | 'onStep'> & { readonly stepFactor?: number } = {},
): Replayed {
  const { recording, labels, rule, horizonMs, fromMs, untilMs } = task;
  const recorded = before(typeof recording === 'string' ? readCsv(recording) : recording, untilMs);
  const stepMs = (task.stepMs ?? samplingIntervalMs(recorded.samples.timesMs)) * stepFactor;
  const settings = settingsAtStep(rule.settings, stepMs);
  const replayed = replay(recorded.samples, labels, { ...rule, settings }, { ...options, horizonMs });
  const { intervalWidth } = settings.prophet;
  return { recorded, replayed, stepMs, intervalWidth, anomalies: anomaliesOf(recorded, replayed, stepMs, fromMs) };
}

/** What `run` returns; where a recording cannot be used, or a file not be read or written, what is wrong with it. */
export function orFailure<T>({ name }: BacktestTask, run: () => T): T | Failure {
  try {
    return run();
  } catch (error) {
    const isExpected = error instanceof UsageError || (error instanceof Error && 'syscall' in error);
    if (!isExpected) throw error;
    return { name, error: error.message };
  }
}
