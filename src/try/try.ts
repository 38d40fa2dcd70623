import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BACKTEST_WORKER } from '../backtest/backtest.js';
import { baseUrlOf } from '../backtest/input/base-url.js';
import type { Failure } from '../backtest/input/find-series.js';
import { LiveRange } from '../backtest/input/live-range.js';
import { report } from '../backtest/report/report.js';
import { abridge, lasting, minute } from '../backtest/summary/format-table.js';
import { type PlanOptions, planListed } from '../backtest/task/plan.js';
import { progressBar } from '../backtest/task/progress.js';
import { replayAll } from '../backtest/task/replay-all.js';
import type { BacktestTask, SeriesResult } from '../backtest/task/task.js';
import { ConfigError, formatProblem } from '../config/document/problems.js';
import { defaultConfig, loadConfig, parseConfig } from '../config/load.js';
import { UsageError } from '../lib/errors.js';
import { makeOutputFolder } from '../lib/files/make-folder.js';
import { labelValue, METRIC_NAME } from '../model/labels/labels.js';
import { HistoryError } from '../remote/read/history-error.js';
import { Pacing } from '../remote/read/pacing.js';
import { callsOf } from './calls.js';
import { type Candidate, distinct, pick } from './choose.js';
import { COARSE_STEP_MS, type CoarseSeries } from './coarse-series.js';
import { expressionTasks } from './expression-tasks.js';
import { configText, stepFor, trackedText } from './files.js';
import { readCoarse, someOf, survey } from './look.js';
import { type RecordedExpression, readNamed } from './named.js';
import { judge, REASONS, type Reason } from './verdict.js';

export interface TryFlags {
  readonly url: string;
  /** Selectors or expressions; everything that is there if there are none. */
  readonly texts: readonly string[];
  /** How many series are replayed. */
  readonly limit?: string | undefined;
  /** Folder for the report and the configuration. */
  readonly out?: string | undefined;
  /** A configuration whose `remote_read` has the login. */
  readonly configFile?: string | undefined;
  readonly threads?: number | undefined;
}

const DAY_MS = 86_400_000;
/** What is read, and what of it is judged; of a shorter history the later half. */
const READ_MS = 14 * DAY_MS;
const JUDGED_MS = 7 * DAY_MS;
/** Of less nothing can be said. */
const MIN_HISTORY_MS = DAY_MS;

const DEFAULT_LIMIT = 40;
/** An hour on two cores. */
const MAX_LIMIT = 5_000;
const DEFAULT_OUT = 'sentio-try';
/** Processor time of a replay of 14 days at a step of a minute, measured. */
const REPLAY_SECONDS = 0.6;
const MAX_CALLS_SHOWN = 10;

interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Series to watch, of those that were looked at. */
interface Choice {
  /** One of each kind, the most regular first. */
  readonly worth: readonly Candidate[];
  /** How many series there are in all, and how many were left out for which reason. */
  readonly total: number;
  readonly leftOut: ReadonlyMap<Reason, number>;
  /** Series that were not looked at. */
  readonly beyond: number;
  /** How far back the oldest value is. */
  readonly historyMs: number;
  readonly expressions: ReadonlyMap<string, RecordedExpression>;
}

/**
 * The command `try`: what Sentio would have said about a Prometheus, which is only read. Writes a report and a configuration
 * to a folder. Returns the exit code.
 */
export async function tryOut(flags: TryFlags, { stdout, stderr }: Streams = process): Promise<0 | 1> {
  const complain = (text: string) => stderr.write(`${text}\n`);
  try {
    return await tryRange(flags, (text) => stdout.write(`${text}\n`), complain);
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const problem of error.problems) complain(formatProblem(problem, flags.configFile));
      return 1;
    }
    if (!(error instanceof UsageError)) throw error;
    complain(error.message);
    return 1;
  }
}

async function tryRange(
  flags: TryFlags,
  say: (text: string) => void,
  complain: (text: string) => void,
): Promise<0 | 1> {
  const limit = limitOf(flags.limit);
  const base = baseUrlOf(flags.url);
  const known = flags.configFile === undefined ? defaultConfig() : loadConfig(flags.configFile);
  const out = resolve(flags.out ?? DEFAULT_OUT);
  // Before anything is read: a minute later is late to learn that there is no room for the results.
  makeOutputFolder(out);
  const range = new LiveRange(base.href, known.remoteRead, new Pacing({ onWait: complain }));
  try {
    const nowMs = Date.now();
    const choice = await choose(range, flags.texts, nowMs, complain);
    if (choice.worth.length === 0) {
      complain(`None of ${plural(choice.total, 'series', 'series')} is worth watching:`);
      for (const line of leftOutLines(choice)) complain(line);
      return 1;
    }
    const series = pick(choice.worth, limit);
    const stepMs = stepFor(await scrapeIntervalMs(range, series, choice.expressions, nowMs));
    const isExpression = ({ labels }: Candidate) => choice.expressions.has(labelValue(labels, METRIC_NAME));
    const names = new Set(series.filter(isExpression).map(({ labels }) => labelValue(labels, METRIC_NAME)));
    const tracked = trackedText(
      series.filter((each) => !isExpression(each)).map(({ labels }) => labels),
      [...choice.expressions.values()].filter(({ record }) => names.has(record)),
      stepMs,
    );
    const text = configText(base, tracked);
    const { results, failures, judgedMs } = await replayChosen(range, {
      series,
      choice,
      text,
      nowMs,
      flags,
      complain,
    });
    if (results.length === 0) {
      for (const { error } of failures) complain(error);
      complain('Nothing could be replayed.');
      return 1;
    }
    writeFileSync(join(out, 'report.html'), report(results, tracked));
    const configFile = join(out, 'sentio.yml');
    keepFormer(configFile, complain);
    writeFileSync(configFile, text);
    for (const line of verdictLines(choice, results, judgedMs)) say(line);
    say('');
    say(`The report:  ${pathToFileURL(join(out, 'report.html')).href}`);
    say(`To run it:   ${configFile} has what was tried, and what to change in Prometheus`);
    for (const { error } of failures) complain(error);
    return failures.length > 0 ? 1 : 0;
  } finally {
    await range.close();
  }
}

/** Looks at what there is, or at what was named. Rejects with `UsageError` where that is nothing, or too young. */
async function choose(
  range: LiveRange,
  texts: readonly string[],
  nowMs: number,
  complain: (text: string) => void,
): Promise<Choice> {
  const endMs = Math.floor(nowMs / 60_000) * 60_000;
  const span = { startMs: endMs - READ_MS, endMs };
  const named = texts.length > 0;
  const found = named ? await readNamedAs(range, texts, span) : await readAll(range, span, complain);
  const first = Math.min(...found.series.map(({ values }) => firstValue(values)));
  const hours = Math.round(READ_MS / COARSE_STEP_MS) + 1;
  const historyMs = Number.isFinite(first) ? (hours - 1 - first) * COARSE_STEP_MS : 0;
  if (historyMs < MIN_HISTORY_MS) {
    throw new UsageError(
      `There are ${lasting(await youngHistoryMs(range, found, endMs))} of history at ${range.shownUrl}, and a rhythm shows after a day at least: ` +
        'try again later. Wired up, Sentio forecasts a new series after ten steps, and learns the rest as it comes.',
    );
  }
  const leftOut = new Map<Reason, number>(found.leftOut);
  const note = (reason: Reason, count = 1) => leftOut.set(reason, (leftOut.get(reason) ?? 0) + count);
  const candidates: Candidate[] = [];
  for (const each of found.series) {
    const verdict = judge(each.values, hours - first);
    if (verdict.reason === undefined) candidates.push({ ...each, regularity: verdict.regularity });
    // What somebody named is wanted as it is, if there is anything to forecast at all.
    else if (named && verdict.reason !== 'constant' && verdict.reason !== 'ended') {
      candidates.push({ ...each, regularity: 0 });
    } else note(verdict.reason);
  }
  const { own, copies } = named ? { own: candidates, copies: 0 } : distinct(candidates);
  if (copies > 0) note('copy', copies);
  return { worth: own, total: found.total, leftOut, beyond: found.beyond, historyMs, expressions: found.expressions };
}

/** How far back the series of a young database reach, to the minute: by those of one metric, which costs it little. */
async function youngHistoryMs(range: LiveRange, { series, expressions }: Found, endMs: number): Promise<number> {
  const oldest = series.toSorted((a, b) => firstValue(a.values) - firstValue(b.values))[0];
  if (oldest === undefined) return 0;
  const name = labelValue(oldest.labels, METRIC_NAME);
  const query = expressions.get(name)?.expression ?? `{__name__=${JSON.stringify(name)}}`;
  const at = { startMs: endMs - MIN_HISTORY_MS, endMs, stepMs: 60_000 };
  const [answer] = await range.evaluate(`count(${query})`, at);
  return endMs - (answer?.samples.timesMs[0] ?? endMs);
}

interface Found {
  readonly series: readonly CoarseSeries[];
  readonly total: number;
  readonly leftOut: ReadonlyMap<Reason, number>;
  readonly beyond: number;
  readonly expressions: ReadonlyMap<string, RecordedExpression>;
}

async function readAll(
  range: LiveRange,
  span: { startMs: number; endMs: number },
  complain: (text: string) => void,
): Promise<Found> {
  const { series: total, metrics, internal, beyond, batches, crowded } = await survey(range, span.endMs);
  complain(
    `${plural(total, 'series', 'series')} of ${plural(metrics, 'metric', 'metrics')}; looking at two weeks of ` +
      `${total - internal - beyond} of them, a value an hour, in ${plural(batches.length + crowded.length, 'query', 'queries')} one after another.`,
  );
  const bar = progressBar({ verb: 'looking', total: batches.length + crowded.length, noun: 'queries' });
  const series: CoarseSeries[] = [];
  let unread = 0;
  try {
    for (const batch of batches) {
      series.push(...(await readCoarse(range, batch.selector, span)));
      bar.increment();
    }
    for (const metric of crowded) {
      try {
        for (const batch of await someOf(range, metric.name, span.endMs)) {
          series.push(...(await readCoarse(range, batch.selector, span)));
        }
      } catch (error) {
        // A metric alone that is more than an answer holds is left alone; what is wrong with the server is not.
        if (!(error instanceof UsageError && error.cause instanceof HistoryError && error.cause.isTooMuch)) throw error;
        unread += metric.series;
      }
      bar.increment();
    }
  } finally {
    bar.stop();
  }
  return { series, total, leftOut: new Map([['internal', internal]]), beyond: beyond + unread, expressions: new Map() };
}

async function readNamedAs(...args: Parameters<typeof readNamed>): Promise<Found> {
  const { series, expressions } = await readNamed(...args);
  return { series, total: series.length, leftOut: new Map(), beyond: 0, expressions };
}

/** How far apart most samples of the chosen series are. */
async function scrapeIntervalMs(
  range: LiveRange,
  series: readonly Candidate[],
  expressions: ReadonlyMap<string, RecordedExpression>,
  nowMs: number,
): Promise<number> {
  const metric = series.map(({ labels }) => labelValue(labels, METRIC_NAME)).find((name) => !expressions.has(name));
  if (metric === undefined) return 0;
  const query = `quantile(0.5, count_over_time({__name__=${JSON.stringify(metric)}}[1h]))`;
  const [answer] = await range.instant(query, nowMs);
  return 3_600_000 / (answer?.samples.values[0] ?? 60);
}

async function replayChosen(
  range: LiveRange,
  {
    series,
    choice,
    text,
    nowMs,
    flags,
    complain,
  }: {
    series: readonly Candidate[];
    choice: Choice;
    /** The configuration that is tried. */
    text: string;
    nowMs: number;
    flags: TryFlags;
    complain: (text: string) => void;
  },
): Promise<{ results: SeriesResult[]; failures: Failure[]; judgedMs: number }> {
  const judgedMs = Math.min(JUDGED_MS, choice.historyMs / 2);
  const threads = flags.threads ?? availableParallelism();
  const config = parseConfig(text, '.');
  const options: PlanOptions = {
    config,
    stepMs: undefined,
    horizonMs: undefined,
    fromMs: nowMs - judgedMs,
    untilMs: nowMs,
    readFromMs: nowMs - READ_MS,
    out: undefined,
    pictures: true,
  };
  const seconds = Math.ceil((series.length * REPLAY_SECONDS) / threads + series.length / 20);
  complain(
    `Replaying ${plural(series.length, 'series', 'series')} as if Sentio had run for two weeks: about ${lasting(Math.max(seconds, 2) * 1000)}.`,
  );
  const isExpression = ({ labels }: Candidate) => choice.expressions.has(labelValue(labels, METRIC_NAME));
  const plan = planListed(
    range,
    series.filter((each) => !isExpression(each)).map(({ labels }) => labels),
    options,
  );
  const own = series.filter(isExpression).map(({ labels }) => labels);
  async function* tasks(): AsyncGenerator<BacktestTask> {
    yield* expressionTasks(range, own, choice.expressions, { rules: config.rules, options });
    // At its end the range is closed.
    yield* plan.tasks;
  }
  const { results, failures } = await replayAll<BacktestTask, SeriesResult>(tasks(), {
    worker: BACKTEST_WORKER,
    total: series.length,
    verb: 'replaying',
    noun: 'series',
    threads,
  });
  for (const text of plan.notes) complain(text);
  return { results, failures: [...plan.failures, ...failures], judgedMs };
}

function verdictLines(choice: Choice, results: readonly SeriesResult[], judgedMs: number): string[] {
  const { worth, total, beyond } = choice;
  const calls = callsOf(results);
  const leftOut = leftOutLines(choice);
  const span = judgedMs > 0.9 * JUDGED_MS ? 'last week' : `in the last ${lasting(judgedMs)}`;
  const replayed =
    results.length === worth.length
      ? ''
      : `, of which the ${results.length === 1 ? 'most regular one was' : `${results.length} most regular were`} replayed`;
  const times = calls.length === 1 ? 'once' : `${calls.length} times`;
  const shown = calls.slice(0, MAX_CALLS_SHOWN).map(({ startMs, series }) => {
    const more = series.length > 1 ? ` and ${series.length - 1} more` : '';
    return `  ${minute(startMs, 'UTC')}  ${abridge(series[0]!, 90)}${more}`;
  });
  return [
    `Of ${plural(total, 'series', 'series')}, ${worth.length} ${worth.length === 1 ? 'is' : 'are'} worth watching${replayed}.`,
    calls.length === 0
      ? `You would not have been called ${span}.`
      : `You would have been called ${times} ${span} (UTC):`,
    ...shown,
    ...(calls.length > shown.length ? [`  … and ${calls.length - shown.length} more, in the report`] : []),
    ...(leftOut.length > 0 ? ['', 'Left out:', ...leftOut] : []),
    ...(beyond > 0 ? [`  ${beyond} were not looked at, because they are too many: name some with a selector`] : []),
  ];
}

function leftOutLines({ leftOut }: Choice): string[] {
  return [...leftOut]
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `  ${count} ${REASONS[reason]}`);
}

function firstValue(values: Float64Array): number {
  const at = values.findIndex((value) => !Number.isNaN(value));
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}

function limitOf(text: string | undefined): number {
  const limit = text === undefined ? DEFAULT_LIMIT : Number(text);
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT)) {
    throw new UsageError(`--limit must be a number of series from 1 to ${MAX_LIMIT}, got ${JSON.stringify(text)}`);
  }
  return limit;
}

/** Somebody may have edited the file of the last time. */
function keepFormer(path: string, complain: (text: string) => void): void {
  if (!existsSync(path)) return;
  renameSync(path, `${path}.old`);
  complain(`The former ${path} is now ${path}.old`);
}

function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
