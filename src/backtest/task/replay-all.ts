import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { THREAD_FLAGS } from '../../forecast/pool/thread-flags.js';
import type { Failure } from '../input/find-series.js';
import { progressBar } from './progress.js';

export interface ReplayAllOptions {
  /** Module whose default export does a task. */
  readonly worker: URL;
  /** How many tasks will come, for the progress bar, and what it says of them. */
  readonly total: number;
  readonly verb: string;
  readonly noun: string;
  /** Worker threads; as many as there are cores if not given. What comes out does not depend on it. */
  readonly threads?: number | undefined;
}

/**
 * Replays series on all cores, with a progress bar on standard error. Results come in the order of the tasks. Tasks are
 * asked for as there is room for them: what they hold need not all be in memory.
 */
export async function replayAll<Task, Result extends object>(
  tasks: AsyncIterable<Task> | Iterable<Task>,
  { worker, total, verb, noun, threads = availableParallelism() }: ReplayAllOptions,
): Promise<{ results: Result[]; failures: Failure[] }> {
  const pool = new Piscina<Task, Result | Failure>({
    filename: fileURLToPath(worker),
    maxThreads: threads,
    minThreads: 1,
    execArgv: [...THREAD_FLAGS],
  });
  const bar = progressBar({ verb, total, noun });
  const answers: (Result | Failure)[] = [];
  const running = new Set<Promise<void>>();
  try {
    let count = 0;
    for await (const task of tasks) {
      const at = count++;
      const done: Promise<void> = pool.run(task).then((answer) => {
        answers[at] = answer;
        bar.increment();
        running.delete(done);
      });
      running.add(done);
      if (running.size >= 2 * threads) await Promise.race(running);
    }
    await Promise.all(running);
  } finally {
    bar.stop();
    await pool.destroy();
  }
  const isFailure = (answer: Result | Failure): answer is Failure => 'error' in answer;
  return {
    results: answers.filter((answer): answer is Result => !isFailure(answer)),
    failures: answers.filter(isFailure),
  };
}
