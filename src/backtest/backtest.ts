import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, formatProblem } from '../config/document/problems.js';
import { defaultConfig, loadConfig } from '../config/load.js';
import { fetchCalendars } from '../feeds/fetch-calendars.js';
import { formatDuration, parseDuration } from '../lib/durations.js';
import { UsageError } from '../lib/errors.js';
import { makeOutputFolder } from '../lib/files/make-folder.js';
import { parseSelector, SelectorError } from '../model/labels/selector.js';
import type { Rule } from '../model/settings/settings.js';
import { tryChange } from './change/change.js';
import type { Failure } from './input/find-series.js';
import { parseInstant } from './input/instant.js';
import { report } from './report/report.js';
import { formatJson } from './summary/json.js';
import { formatSummary } from './summary/summary.js';
import { type Plan, type PlanOptions, planFiles, planRange } from './task/plan.js';
import { replayAll } from './task/replay-all.js';
import type { BacktestTask, SeriesResult } from './task/task.js';
import { rulesText } from './tune/rule-text.js';
import { TUNE_SERIES, tune } from './tune/tune.js';

export interface BacktestFlags {
  /** CSV files and folders; or else `prometheus` and `match` say what to read. */
  readonly paths: readonly string[];
  readonly prometheus?: string | undefined;
  readonly match?: readonly string[] | undefined;
  /** Instants: from when on it counts, and until when. */
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly configFile?: string | undefined;
  /** Where predictions and the report go. */
  readonly out?: string | undefined;
  /** A duration: how long before its time a forecast is taken. */
  readonly horizon?: string | undefined;
  /** A duration; each recording's own sampling interval, or the rule's step for a live range, if not given. */
  readonly step?: string | undefined;
  /** Try settings instead, and say which are best. */
  readonly tune?: boolean | undefined;
  /** Changes such as `anomaly.min_deviation=5`: say what they would have changed, instead. */
  readonly set?: readonly string[] | undefined;
  readonly json?: boolean | undefined;
  readonly threads?: number | undefined;
}

/** Where a live range starts unless it is said. */
const DEFAULT_START = '-7d';
/** Half of it has to be left to check what was chosen on the other half. */
const DEFAULT_TUNE_START = '-14d';

const REPORT = 'report.html';

/** The module that replays a `BacktestTask`, for `replayAll`. */
export const BACKTEST_WORKER = new URL('worker.js', import.meta.url);

interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/**
 * The command `backtest`: what Sentio would have said about series of the past, had it tracked them. Returns the exit
 * code: 1 where something could not be replayed, even if the rest was.
 */
export async function backtest(flags: BacktestFlags, { stdout, stderr }: Streams = process): Promise<0 | 1> {
  const complain = (text: string) => stderr.write(`${text}\n`);
  try {
    const plan = await planOf(flags, complain);
    for (const note of slowRules(plan.config.rules)) complain(note);
    if (flags.set !== undefined) {
      return await tryChange(plan, flags.set, { worker: BACKTEST_WORKER, threads: flags.threads, stdout, complain });
    }
    if (flags.tune === true) return await tune(plan, { threads: flags.threads, stdout, complain });
    const { results, failures } = await replayAll<BacktestTask, SeriesResult>(plan.tasks, {
      worker: BACKTEST_WORKER,
      total: plan.total,
      verb: 'replaying',
      noun: 'series',
      threads: flags.threads,
    });
    if (flags.out !== undefined) writeFileSync(join(flags.out, REPORT), report(results, rulesYaml(plan, results)));
    const allFailures: Failure[] = [...plan.failures, ...failures];
    if (flags.json === true) stdout.write(`${formatJson(results, allFailures)}\n`);
    else if (results.length > 0) stdout.write(`${formatSummary(results)}\n`);
    if (flags.out !== undefined && results.length > 0) complain(`pictures: ${join(flags.out, REPORT)}`);
    for (const note of plan.notes) complain(note);
    for (const { error } of allFailures) complain(error);
    if (results.length === 0) complain('nothing was replayed');
    return results.length === 0 || allFailures.length > 0 ? 1 : 0;
  } catch (error) {
    for (const problem of problemsOf(error, flags)) complain(problem);
    return 1;
  }
}

/** Why a backtest will take long, and what to do about it: Stan's fits take some 200 times as long as exact ones. */
function slowRules(rules: readonly Rule[]): string[] {
  return rules
    .filter(({ settings: { prophet } }) => prophet.growth === 'logistic' || prophet.optimizer === 'stan')
    .map(({ name, settings }) => {
      const reason =
        settings.prophet.growth === 'logistic' ? 'has logistic growth, which only Stan fits' : 'is fitted by Stan';
      return (
        `Rule ${name} ${reason}: that is slow, and done every ${formatDuration(settings.refitIntervalMs)} of the past. ` +
        'A longer refit_interval takes less time.'
      );
    });
}

/** The rules that tracked these series, with what is not a default in them. */
function rulesYaml({ config }: Plan, results: readonly SeriesResult[]): string {
  const used = new Set(results.map(({ rule }) => rule));
  return rulesText(config.effective.rules.filter(({ name }) => used.has(name)));
}

async function planOf(flags: BacktestFlags, complain: (text: string) => unknown): Promise<Plan> {
  const { paths, prometheus, match = [], configFile, out } = flags;
  if ((paths.length === 0) === (prometheus === undefined)) {
    throw new UsageError('Say what to replay: either CSV files and folders, or --prometheus and --match');
  }
  if ((prometheus === undefined) !== (match.length === 0))
    throw new UsageError('--prometheus and --match must be given together');
  if (flags.tune === true && (flags.json === true || out !== undefined || flags.horizon !== undefined)) {
    throw new UsageError('--tune cannot be combined with --out, --json or --horizon');
  }
  if (flags.set !== undefined && (flags.tune === true || flags.json === true || out !== undefined)) {
    throw new UsageError('--set cannot be combined with --out, --json or --tune');
  }
  const nowMs = Date.now();
  const start =
    flags.start ?? (prometheus === undefined ? undefined : flags.tune === true ? DEFAULT_TUNE_START : DEFAULT_START);
  const options: PlanOptions = {
    config: configFile === undefined ? defaultConfig() : await fetchCalendars(loadConfig(configFile), complain),
    stepMs: flagOf('--step', flags.step, positiveDuration),
    horizonMs: flagOf('--horizon', flags.horizon, positiveDuration),
    fromMs: flagOf('--start', start, (text) => parseInstant(text, nowMs)) ?? Number.NEGATIVE_INFINITY,
    untilMs:
      flagOf('--end', flags.end, (text) => parseInstant(text, nowMs)) ??
      (prometheus === undefined ? Number.POSITIVE_INFINITY : nowMs),
    out,
    ...(flags.tune === true && { maxPerRule: TUNE_SERIES }),
  };
  if (!(options.fromMs < options.untilMs)) throw new UsageError('--start is not before --end');
  // Before anything is replayed: an hour later is late to learn that there is no room for the results.
  if (out !== undefined) makeOutputFolder(out);
  if (prometheus === undefined) return planFiles(paths, options);
  const selectors = match.map((text) => flagOf('--match', text, parseSelector)!);
  return planRange({ prometheus, selectors }, options);
}

/** Reads a flag; what is wrong with it is said with its name. */
function flagOf<T>(name: string, text: string | undefined, parse: (text: string) => T): T | undefined {
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof UsageError || cause instanceof SelectorError)) throw cause;
    throw new UsageError(`${name} ${text}: ${cause.message}`, { cause });
  }
}

function positiveDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms === 0) throw new UsageError('must be longer than 0');
  return ms;
}

/** What a person can act on; a fault of ours is thrown on. */
function problemsOf(error: unknown, { configFile }: BacktestFlags): string[] {
  if (error instanceof ConfigError) return error.problems.map((problem) => formatProblem(problem, configFile));
  if (error instanceof UsageError) return [error.message];
  throw error;
}
