import { stringify } from 'yaml';
import { withUnit } from '../../model/samples/unit.js';
import type { Anomaly } from '../measure/anomalies.js';
import { abridge, fixed, formatColumns, lasting, minute } from '../summary/format-table.js';
import { changeInWords } from '../summary/plain-words.js';
import { expectation } from '../summary/summary.js';
import type { Plan } from '../task/plan.js';
import { replayAll } from '../task/replay-all.js';
import type { BacktestTask, SeriesResult } from '../task/task.js';
import { type ChangedRule, changedRule, parseChange } from './changed-rule.js';
import { compareAlarms } from './compare.js';

const MAX_NAME = 60;
/** Of each kind; more of them scroll the sentence away. */
const MAX_ALARMS = 15;

interface ChangeOptions {
  /** The module that replays a task. */
  readonly worker: URL;
  readonly threads: number | undefined;
  readonly stdout: { write(text: string): unknown };
  readonly complain: (text: string) => unknown;
}

/**
 * Replays a plan with its rules as they are and with a change, and prints which alarms go, stay and come, and the rules to copy.
 * Returns the exit code. Rejects with `UsageError` where a rule cannot have the change.
 */
export async function tryChange(
  plan: Plan,
  sets: readonly string[],
  { worker, threads, stdout, complain }: ChangeOptions,
): Promise<0 | 1> {
  const change = parseChange(sets);
  const changed = new Map<string, ChangedRule>();
  const rulesOf = (name: string): ChangedRule => {
    const known = changed.get(name);
    if (known !== undefined) return known;
    const rule = changedRule(plan.config, name, change);
    changed.set(name, rule);
    return rule;
  };
  async function* tasks(): AsyncGenerator<BacktestTask> {
    for await (const task of plan.tasks) {
      const plain = { ...task, predictions: undefined, picture: false };
      const { rule } = rulesOf(task.rule.name);
      yield plain;
      // A step that is asked for is taken, unless the samples are further apart.
      const stepMs = change.step === undefined ? task.stepMs : Math.max(rule.settings.stepMs, task.stepMs ?? 0);
      yield { ...plain, rule, stepMs };
    }
  }
  const { results, failures } = await replayAll<BacktestTask, SeriesResult>(tasks(), {
    worker,
    total: 2 * plan.total,
    verb: 'replaying',
    noun: 'replays',
    threads,
  });
  const pairs = pairsOf(results);
  if (pairs.length > 0)
    stdout.write(`${formatChange(pairs, change)}\n\n${[...changed.values()].map(({ yaml }) => yaml).join('')}`);
  else complain('nothing was replayed');
  for (const text of [...plan.notes, ...new Set([...plan.failures, ...failures].map(({ error }) => error))])
    complain(text);
  return pairs.length === 0 || plan.failures.length + failures.length > 0 ? 1 : 0;
}

type Pair = readonly [before: SeriesResult, after: SeriesResult];

/** A series that fails fails twice, so that the results are pairs. */
function pairsOf(results: readonly SeriesResult[]): Pair[] {
  return results.flatMap((result, i) =>
    i % 2 === 0 && results[i + 1]?.name === result.name ? [[result, results[i + 1]!]] : [],
  );
}

function formatChange(pairs: readonly Pair[], change: object): string {
  const trackedMs = pairs.reduce((longest, [{ measures }]) => Math.max(longest, measures.trackedMs), 0);
  const alarms = (side: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[side].anomalies.length, 0);
  const kinds = { gone: [] as Row[], stayed: [] as Row[], added: [] as Row[] };
  for (const [before, after] of pairs) {
    const compared = compareAlarms(before.anomalies, after.anomalies, Math.max(before.stepMs, after.stepMs));
    for (const kind of ['gone', 'stayed', 'added'] as const) {
      kinds[kind].push(...compared[kind].map((anomaly) => ({ result: kind === 'gone' ? before : after, anomaly })));
    }
  }
  return [
    `With ${stringify(change, { lineWidth: 0, collectionStyle: 'flow' }).trim()}: ` +
      `${changeInWords(alarms(0), alarms(1), trackedMs)}, over ${lasting(trackedMs)} of ${pairs.length} series.`,
    table('These would go', kinds.gone),
    table('These would stay', kinds.stayed),
    table('These would be new', kinds.added),
  ]
    .filter(Boolean)
    .join('\n\n');
}

interface Row {
  readonly result: SeriesResult;
  readonly anomaly: Anomaly;
}

function table(title: string, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const shown = rows.toSorted((a, b) => b.anomaly.peakScore - a.anomaly.peakScore).slice(0, MAX_ALARMS);
  const more = rows.length > shown.length ? `\n(${rows.length - shown.length} more, of lower scores)` : '';
  const cells = shown.map(({ result: { name, stepMs, unit, timezone }, anomaly }) => [
    `  ${minute(anomaly.startMs, timezone)}  ${lasting(anomaly.endMs - anomaly.startMs + stepMs).padStart(6)}  ${abridge(name, MAX_NAME)}`,
    fixed(anomaly.peakScore, 2),
    `${withUnit(anomaly.value, unit)}, expected ${expectation(anomaly, unit)}`,
  ]);
  return `${title} (${rows.length})\n${formatColumns(cells)}${more}`;
}
