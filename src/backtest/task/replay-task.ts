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
  const whole = read(recording);
  const figures = task.figures?.map((each) => ({ labels: each.labels, samples: read(each.recording).samples }));
  checkRange(task, whole.samples.timesMs);
  const recorded = before(whole, untilMs);
  const stepMs = (task.stepMs ?? samplingIntervalMs(recorded.samples.timesMs)) * stepFactor;
  const settings = settingsAtStep(rule.settings, stepMs);
  const replayed = replay(
    recorded.samples,
    labels,
    { ...rule, settings },
    {
      ...options,
      horizonMs,
      ...(figures !== undefined && { figures }),
    },
  );
  const { intervalWidth } = settings.prophet;
  return { recorded, replayed, stepMs, intervalWidth, anomalies: anomaliesOf(recorded, replayed, stepMs, fromMs) };
}

function read(recording: string | RecordedSeries): RecordedSeries {
  return typeof recording === 'string' ? readCsv(recording) : recording;
}

/** Throws `UsageError` where no sample is judged, or none read at all. */
function checkRange({ name, fromMs, untilMs }: BacktestTask, timesMs: Float64Array): void {
  const [firstMs, lastMs] = [timesMs[0]!, timesMs.at(-1)!];
  const span = `${minute(firstMs)} to ${minute(lastMs)}`;
  if (fromMs > lastMs) {
    throw new UsageError(
      `Cannot replay ${name}: --start ${minute(fromMs)} is after its last sample; it has ${span} (UTC)`,
    );
  }
  if (untilMs <= firstMs) {
    throw new UsageError(
      `Cannot replay ${name}: --end ${minute(untilMs)} is before its first sample; it has ${span} (UTC)`,
    );
  }
}

/** `2026-01-05 08:00`, in UTC. */
function minute(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');
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
