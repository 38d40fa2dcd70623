import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Presets, SingleBar } from 'cli-progress';
import { Piscina } from 'piscina';
import type { Config } from '../../config/config.js';
import { defaultConfig, loadConfig } from '../../config/load.js';
import { ConfigError, formatProblem } from '../../config/problems.js';
import { parseDuration } from '../../model/durations.js';
import { makeLabels } from '../../model/labels.js';
import { ruleChooser } from '../rule-chooser.js';
import { readCsv, samplingIntervalMs } from './csv.js';
import { findSeries } from './find-series.js';
import type { Measures } from './measures.js';
import { settingsAtStep } from './settings-at-step.js';
import { formatTable } from './table.js';
import type { BacktestTask } from './worker.js';

export interface BacktestFlags {
  readonly paths: readonly string[];
  readonly configFile: string | undefined;
  /** Where predictions go. */
  readonly out: string | undefined;
  /** A duration: how long before its time a forecast is taken. */
  readonly horizon: string | undefined;
  /** A duration; each series' own sampling interval if not given. */
  readonly step: string | undefined;
}

/**
 * The command `backtest`: what Sentio would have said about recorded series, had it watched them. Series are replayed on
 * all cores and told in order of their names. Returns the exit code.
 */
export async function backtest(flags: BacktestFlags, out: { write(text: string): unknown }): Promise<0 | 1> {
  let tasks: BacktestTask[];
  try {
    tasks = plan(flags);
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof RangeError || isSystemError(error))) throw error;
    const problems = error instanceof ConfigError ? error.problems.map(formatProblem) : [error.message];
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    return 1;
  }
  if (tasks.length === 0) {
    process.stderr.write('there is no series to replay that a rule matches\n');
    return 1;
  }
  const results = await runAll(tasks);
  out.write(`${formatTable(results)}\n`);
  return 0;
}

function plan({ paths, configFile, out, step, horizon }: BacktestFlags): BacktestTask[] {
  const config: Config = configFile === undefined ? defaultConfig() : loadConfig(configFile);
  const chooseRule = ruleChooser(config.rules);
  const stepMs = step === undefined ? undefined : parseDuration(step);
  const horizonMs = horizon === undefined ? undefined : parseDuration(horizon);
  return findSeries(paths).flatMap(({ path, name }) => {
    const rule = chooseRule(makeLabels({ __name__: name }));
    if (rule === undefined) return [];
    const ownStepMs = stepMs ?? samplingIntervalMs(readCsv(path).samples.timesMs);
    return [{ path, name, settings: settingsAtStep(rule.settings, ownStepMs), horizonMs, out }];
  });
}

async function runAll(tasks: readonly BacktestTask[]): Promise<{ name: string; measures: Measures }[]> {
  const pool = new Piscina<BacktestTask, Measures>({
    filename: fileURLToPath(new URL('worker.js', import.meta.url)),
    maxThreads: availableParallelism(),
  });
  const bar = new SingleBar(
    { format: 'replaying [{bar}] {value}/{total} series', hideCursor: true, noTTYOutput: false },
    Presets.rect,
  );
  bar.start(tasks.length, 0);
  try {
    return await Promise.all(
      tasks.map(async (task) => {
        const measures = await pool.run(task);
        bar.increment();
        return { name: task.name, measures };
      }),
    );
  } finally {
    bar.stop();
    await pool.destroy();
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
