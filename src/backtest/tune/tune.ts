import type { EffectiveCalendar } from '../../config/rules/calendars.js';
import type { EffectiveRule } from '../../config/rules/fill-rule.js';
import { formatDuration } from '../../lib/durations.js';
import { fixed, formatColumns } from '../summary/format-table.js';
import { alarmsInWords } from '../summary/plain-words.js';
import type { Plan } from '../task/plan.js';
import { replayAll } from '../task/replay-all.js';
import type { BacktestTask } from '../task/task.js';
import { type Candidate, candidatesOf, together } from './candidates.js';
import { type Evidence, findsMore, isBetter, weigh } from './evidence.js';
import { ruleText } from './rule-text.js';
import type { Trial, TrialResult } from './trial.js';

/** Series of each rule that are tried: with a dozen candidates some 100 replays. */
export const TUNE_SERIES = 8;

interface TuneOptions {
  readonly threads: number | undefined;
  readonly stdout: { write(text: string): unknown };
  readonly complain: (text: string) => unknown;
}

/**
 * Tries settings for every rule that has series in the plan, and prints for each either a rule that is better, with the
 * evidence, or that there is none. Candidates are chosen on the first part of the time and checked on the rest. Returns
 * the exit code.
 */
export async function tune(plan: Plan, { threads, stdout, complain }: TuneOptions): Promise<0 | 1> {
  const tasks: BacktestTask[] = [];
  for await (const task of plan.tasks) tasks.push(task);
  const failures = [...plan.failures.map(({ error }) => error)];
  const names = new Set(tasks.map(({ rule }) => rule.name));
  const { calendars } = plan.config.effective;
  for (const effective of plan.config.effective.rules.filter(({ name }) => names.has(name))) {
    const rule = plan.config.rules.find(({ name }) => name === effective.name)!;
    const own = tasks.filter((task) => task.rule.name === rule.name);
    const study = new Study(own, threads);
    stdout.write(`${await tuneRule(study, candidatesOf(rule, effective, calendars), effective, calendars)}\n`);
    failures.push(...study.failures);
  }
  for (const text of [...plan.notes, ...new Set(failures)]) complain(text);
  if (tasks.length === 0) complain('nothing was replayed');
  return tasks.length === 0 || failures.length > 0 ? 1 : 0;
}

/** Replays of one sample of series under one candidate after another. */
class Study {
  readonly failures = new Set<string>();
  readonly #tasks: readonly BacktestTask[];
  readonly #threads: number | undefined;

  constructor(tasks: readonly BacktestTask[], threads: number | undefined) {
    this.#tasks = tasks;
    this.#threads = threads;
  }

  get size(): number {
    return this.#tasks.length;
  }

  /** The results of each candidate, in the order of the series; series that cannot be replayed are left out. */
  async run(candidates: readonly Candidate[]): Promise<TrialResult[][]> {
    const trials = candidates.flatMap(({ rule, stepFactor }, candidate) =>
      this.#tasks.map((task, series): Trial => {
        return { ...task, predictions: undefined, picture: false, rule, stepFactor, candidate, series };
      }),
    );
    const { results, failures } = await replayAll<Trial, TrialResult>(trials, {
      worker: new URL('worker.js', import.meta.url),
      total: trials.length,
      verb: 'trying',
      noun: 'replays',
      threads: this.#threads,
    });
    for (const { error } of failures) this.failures.add(error);
    return candidates.map((_, i) => results.filter(({ candidate }) => candidate === i));
  }
}

async function tuneRule(
  study: Study,
  candidates: readonly Candidate[],
  effective: EffectiveRule,
  calendars: readonly EffectiveCalendar[],
): Promise<string> {
  const runs = await study.run(candidates);
  const present = runs[0]!;
  if (present.length === 0) return `Rule ${effective.name}: no series of it could be replayed.`;
  const first = runs.map((run) => evidenceOf(run, present, 'first'));
  const winners = chooseFrom(candidates, first);
  const stepMs = commonStepMs(present);
  const title =
    `Rule ${effective.name}: ${present.length} series` +
    `${stepMs === undefined ? '' : ` in steps of ${formatDuration(stepMs)}`}. ` +
    'Chosen on the first 60 % of their time, checked on the rest.';
  const rows = candidates.map((candidate, i) => row(candidate, first[i]!, winners.includes(candidate) ? 'better' : ''));
  const table = formatColumns([HEAD, ...rows]);
  if (winners.length === 0) return `${title}\n\n${table}\n\n${KEEP} no candidate is better beyond noise.\n`;

  const choice = winners.length === 1 ? winners[0]! : together(winners, effective, calendars);
  if (choice === undefined) return `${title}\n\n${table}\n\n${KEEP} the better settings cannot be combined.\n`;
  const [run] = winners.length === 1 ? [runs[candidates.indexOf(choice)]!] : await study.run([choice]);
  const before = evidenceOf(present, present, 'later');
  const after = evidenceOf(run!, present, 'later');
  const holds = choice.stepFactor > 1 ? findsMore(after, before) : isBetter(after, before);
  const check = formatColumns([
    ['checked on the rest', ...HEAD.slice(1)],
    row(candidates[0]!, before, ''),
    row(choice, after, ''),
  ]);
  const verdict = holds
    ? `Use this rule: ${reason(after, before)}.\n\n${finishedRule(effective, choice, stepMs)}`
    : `${KEEP} the improvement was not confirmed on the rest.\n`;
  return `${title}\n\n${table}\n\n${check}\n\n${verdict}`;
}

const KEEP = 'Keep the rule as it is:';
const HEAD = ['tried', 'pinball loss', '± noise', 'MASE', 'coverage', 'alarms', 'F1', ''];

/** The best of each coordinate, where it is better than the rule as it is. */
function chooseFrom(candidates: readonly Candidate[], evidence: readonly Evidence[]): Candidate[] {
  const present = evidence[0]!;
  const best = new Map<string, number>();
  for (let i = 1; i < candidates.length; i++) {
    const { coordinate, stepFactor } = candidates[i]!;
    const better = stepFactor > 1 ? findsMore(evidence[i]!, present) : isBetter(evidence[i]!, present);
    const other = best.get(coordinate);
    if (better && (other === undefined || evidence[i]!.change < evidence[other]!.change)) best.set(coordinate, i);
  }
  return [...best.values()].map((i) => candidates[i]!);
}

function evidenceOf(run: readonly TrialResult[], present: readonly TrialResult[], part: 'first' | 'later'): Evidence {
  const both = run.filter(({ series }) => present.some((other) => other.series === series));
  const others = both.map(({ series }) => present.find((other) => other.series === series)!);
  return weigh(
    both.map((result) => result[part]),
    others.map((result) => result[part]),
  );
}

function row({ title, coordinate, stepFactor }: Candidate, evidence: Evidence, verdict: string): string[] {
  const isPresent = coordinate === '' && title !== 'these together';
  // Of a longer step the loss is about other values.
  const comparable = !isPresent && stepFactor === 1;
  return [
    title,
    comparable ? percent(evidence.change) : '',
    comparable ? plusMinus(evidence) : '',
    fixed(evidence.mase, 2),
    fixed(evidence.coverage, 3),
    alarmsInWords(evidence.alarms, evidence.trackedMs),
    fixed(evidence.f1, 2),
    verdict,
  ];
}

function reason(after: Evidence, before: Evidence): string {
  return (
    `on days that were not used to choose it, its pinball loss changes by ${percent(after.change)} (${plusMinus(after)}), ` +
    `and it would have alarmed ${alarmsInWords(after.alarms, after.trackedMs)} instead of ${alarmsInWords(before.alarms, before.trackedMs)}`
  );
}

/** From the change to the end of the noise where the candidate is worse, in percent as the change is. */
function plusMinus({ change, noise }: Evidence): string {
  return `± ${(100 * (Math.exp(change + noise) - Math.exp(change))).toFixed(1)} %`;
}

function percent(logRatio: number): string {
  const change = 100 * Math.expm1(logRatio);
  return `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(1)} %`;
}

function finishedRule(effective: EffectiveRule, { change, stepFactor }: Candidate, stepMs: number | undefined): string {
  const step = stepMs === undefined ? undefined : formatDuration(stepMs * stepFactor);
  return ruleText(effective, { ...change, ...(step !== undefined && step !== effective.step && { step }) });
}

/** The step of all series, if they have the same. */
function commonStepMs(results: readonly TrialResult[]): number | undefined {
  const [first] = results;
  return results.every(({ stepMs }) => stepMs === first?.stepMs) ? first?.stepMs : undefined;
}
