import type { TrainingView } from '../../model/ring-view.js';
import type { ProphetSettings } from '../../model/settings.js';
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

/** What comes back over the thread boundary: a model as its bare array, or why there is none. */
export type FitReply =
  | (Omit<Fit, 'model'> & { data: Float64Array<ArrayBuffer>; source: 'history' | 'steps'; durationMs: number })
  | { reason: FitErrorReason; message: string };

/** How long a worker goes on to the next fit of those it was given. */
const SLICE_MS = 50;

/**
 * The worker's only task: replies to the first of the tasks, at least one; to how many is a matter of time, so that a slow
 * fit keeps nobody waiting but itself. Errors that are no `FitError` are left to the pool, which reports them as they are.
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
  const { samples, source, stepVariance } = readTrainingData(task.view);
  try {
    const { model, ...fit } = fitRobustly(samples, task.prophet, { stepVariance, grid: grids.gridOf(samples.timesMs) });
    return { ...fit, data: model.data, source, durationMs: performance.now() - started };
  } catch (error) {
    // A trap leaves Stan's stack and heap as they were; after a few of them every fit fails.
    if (error instanceof FitError && error.reason === 'crashed') process.exit(1);
    if (error instanceof FitError) return { reason: error.reason, message: error.message };
    throw error;
  }
}
