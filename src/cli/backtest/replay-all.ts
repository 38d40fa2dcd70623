import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Presets, SingleBar } from 'cli-progress';
import { Piscina } from 'piscina';
import type { Failure } from './find-series.js';
import type { BacktestTask, SeriesResult } from './task.js';

export interface ReplayAllOptions {
  /** How many tasks will come, for the progress bar, and what it says of them. */
  readonly total: number;
  readonly verb: string;
  /** Worker threads; as many as there are cores if not given. What comes out does not depend on it. */
  readonly threads?: number | undefined;
}

/**
 * Replays series on all cores, with a progress bar on standard error. Results come in the order of the tasks. Tasks are
 * asked for as there is room for them: what they hold need not all be in memory.
 */
export async function replayAll(
  tasks: AsyncIterable<BacktestTask> | Iterable<BacktestTask>,
  { total, verb, threads = availableParallelism() }: ReplayAllOptions,
): Promise<{ results: SeriesResult[]; failures: Failure[] }> {
  const pool = new Piscina<BacktestTask, SeriesResult | Failure>({
    filename: fileURLToPath(new URL('worker.js', import.meta.url)),
    maxThreads: threads,
    minThreads: 1,
  });
  const bar = new SingleBar(
    { format: `${verb} [{bar}] {value}/{total} series`, hideCursor: true, noTTYOutput: false, stopOnComplete: true },
    Presets.rect,
  );
  bar.start(total, 0);
  const answers: (SeriesResult | Failure)[] = [];
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
  const isFailure = (answer: SeriesResult | Failure): answer is Failure => 'error' in answer;
  return {
    results: answers.filter((answer): answer is SeriesResult => !isFailure(answer)),
    failures: answers.filter(isFailure),
  };
}
