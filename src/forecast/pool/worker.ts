import type { TrainingView } from '../../model/samples/ring-view.js';
import type { ProphetSettings } from '../../model/settings/settings.js';
import { GridCache } from '../design/grid-cache.js';
import type { Fit } from '../fit/fit.js';
import { fitRobustly } from '../fit/robust-fit.js';
import { readTrainingData } from '../fit/training-data.js';
import { FitError, type FitErrorReason } from '../fit-error.js';
import { yieldToMainThread } from './thread-priority.js';

// Stan's WebAssembly writes "Exception thrown" before it traps; what the fit came to is in the pool's log.
process.stderr.write = () => true;

// A sample must not wait for a fit.
yieldToMainThread();

const grids = new GridCache();

/** One of the fits for a worker. */
export interface FitTask {
  readonly view: TrainingView;
  readonly prophet: ProphetSettings;
}

/** The reply of a worker thread: a model as its bare array, or why the fit failed. */
export type FitReply =
  | (Omit<Fit, 'model'> & { data: Float64Array<ArrayBuffer>; source: 'history' | 'steps'; durationMs: number })
  | { reason: FitErrorReason; message: string };

/** A worker begins no further fit of its batch after this long. */
const SLICE_MS = 50;

/**
 * The worker's only task: replies to the first of the tasks, to at least one and to as many as `SLICE_MS` allows, so
 * that a slow fit does not delay the others. Errors other than `FitError` are thrown; the pool reports them.
 */
export default function fitTasks(tasks: readonly FitTask[]): FitReply[] {
  const endMs = performance.now() + SLICE_MS;
  const replies: FitReply[] = [];
  for (const task of tasks) {
    replies.push(fitTask(task));
    if (performance.now() >= endMs) break;
  }
  return replies;
}

function fitTask(task: FitTask): FitReply {
  const started = performance.now();
  const { calendar } = task.view;
  const { samples, source, stepVariance } = readTrainingData(task.view);
  try {
    const grid = grids.gridOf(samples.timesMs);
    const { model, ...fit } = fitRobustly(samples, task.prophet, { stepVariance, grid, calendar });
    return { ...fit, data: model.data, source, durationMs: performance.now() - started };
  } catch (error) {
    // A trap leaves Stan's stack and heap as they were; after a few of them every fit fails.
    if (error instanceof FitError && error.reason === 'crashed') process.exit(1);
    if (error instanceof FitError) return { reason: error.reason, message: error.message };
    throw error;
  }
}
