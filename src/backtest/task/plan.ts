import { join } from 'node:path';
import type { Config } from '../../config/config.js';
import { MIN_POINTS } from '../../engine/fits/refit-policy.js';
import { UsageError } from '../../lib/errors.js';
import { formatLabels, type Labels, labelValue, METRIC_NAME, makeLabels } from '../../model/labels/labels.js';
import type { Matcher } from '../../model/labels/matcher.js';
import { ruleChooser } from '../../model/settings/rule-chooser.js';
import type { Aggregate, Rule } from '../../model/settings/settings.js';
import { isSyntheticName } from '../../model/settings/synthetic.js';
import { likelyAggregate } from '../../series/metric-types.js';
import { uniqueFileNames } from '../input/file-names.js';
import { type Failure, findSeries } from '../input/find-series.js';
import { LiveRange } from '../input/live-range.js';
import { settingsAtStep } from '../replay/settings-at-step.js';
import { fetchFigures, figuresFor, UnknownFigures } from './figures.js';
import type { BacktestTask } from './task.js';

/** What to replay. */
export interface Plan {
  readonly config: Config;
  readonly total: number;
  /** To be gone through once. */
  readonly tasks: AsyncIterable<BacktestTask> | Iterable<BacktestTask>;
  /** What cannot be replayed. */
  readonly failures: readonly Failure[];
  /** What is left out on purpose, in sentences. */
  readonly notes: string[];
}

/** What a plan is made of beside the series. */
export interface PlanOptions {
  readonly config: Config;
  readonly stepMs: number | undefined;
  readonly horizonMs: number | undefined;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Folder for predictions and pictures, if they are wanted. */
  readonly out: string | undefined;
  /** How many series of a rule there may be; others are left out, evenly. */
  readonly maxPerRule?: number;
  /** Nothing before it is read; as much as the rule's history asks for if not given. */
  readonly readFromMs?: number;
  /** Pictures without files of predictions. */
  readonly pictures?: boolean;
}

/** All samples of a run: 1.3 GB of JSON from the database, an hour on two cores. */
const MAX_SAMPLES = 30_000_000;

/** Plans to replay CSV files. */
export function planFiles(paths: readonly string[], options: PlanOptions): Plan {
  const { files, failures } = findSeries(paths);
  const notes: string[] = [];
  const series = withRules(
    files.map((file) => ({ ...file, labels: makeLabels({ __name__: file.name }) })),
    options,
    notes,
  );
  const all = files.map((file) => ({ labels: makeLabels({ __name__: file.name }), recording: file.path }));
  const unknownFigures = new UnknownFigures();
  const tasks = series.map(({ path, name, labels, rule }) => {
    const { figures, unknown } = figuresFor({ labels, rule }, all);
    unknownFigures.add(rule, unknown);
    return {
      ...common(options, `${name}.csv`),
      name,
      labels,
      recording: path,
      rule,
      figures,
      stepMs: options.stepMs,
    };
  });
  notes.push(...unknownFigures.notes);
  return { config: options.config, total: tasks.length, tasks, failures, notes };
}

/**
 * Plans to replay a range of a live database, and before its start as much history as the rules ask for. Rejects with
 * `UsageError` where it does not answer, and where it would be too much.
 */
export async function planRange(
  { prometheus, selectors }: { prometheus: string; selectors: readonly (readonly Matcher[])[] },
  options: PlanOptions,
): Promise<Plan> {
  const { config, fromMs, untilMs } = options;
  const range = new LiveRange(prometheus, config.remoteRead);
  const found = await range.list(selectors, fromMs, untilMs);
  if (found.length === 0) {
    throw new UsageError(
      `No series matches between ${new Date(fromMs).toISOString()} and ${new Date(untilMs).toISOString()}`,
    );
  }
  return planListed(range, found, options);
}

/** The same of series that were found there already; closes `range` when the tasks are gone through. Throws `UsageError`. */
export function planListed(range: LiveRange, found: readonly Labels[], options: PlanOptions): Plan {
  const { config } = options;
  const external = new Set(config.receiver.externalLabels);
  const notes: string[] = [];
  const own = found.filter((labels) => !isSyntheticName(labelValue(labels, METRIC_NAME)));
  if (own.length < found.length) notes.push(`skipped ${found.length - own.length} series that Sentio published`);
  const series = withRules(
    own.map((source) => ({ source, labels: source.filter(({ name }) => !external.has(name)) })),
    options,
    notes,
  );
  const groups = groupsOf(series, options);
  const samples = groups.reduce(
    (sum, { series, startMs, endMs, stepMs }) => sum + (series.length * (endMs - startMs)) / stepMs,
    0,
  );
  if (samples > MAX_SAMPLES) {
    throw new UsageError(
      `${series.length} series would be ${Math.round(samples / 1e6)} million steps with their history, more than ` +
        `${MAX_SAMPLES / 1e6} million: match fewer series, shorten the range, or take a longer --step`,
    );
  }
  return { config, total: series.length, tasks: fetchTasks(range, groups, options, notes), failures: [], notes };
}

interface Group {
  readonly rule: Rule;
  readonly stepMs: number;
  readonly aggregate: Aggregate;
  readonly startMs: number;
  readonly endMs: number;
  readonly series: { readonly source: Labels; readonly labels: Labels }[];
}

function groupsOf(
  series: readonly { source: Labels; labels: Labels; rule: Rule }[],
  { stepMs: wantedMs, fromMs, untilMs, readFromMs = Number.NEGATIVE_INFINITY }: PlanOptions,
): Group[] {
  const groups = new Map<string, Group>();
  for (const { source, labels, rule } of series) {
    const metric = labelValue(source, METRIC_NAME);
    const key = JSON.stringify([rule.name, metric, ...source.map(({ name }) => name)]);
    const settings = settingsAtStep(rule.settings, wantedMs ?? rule.settings.stepMs);
    const { stepMs, historyMs } = settings;
    const group = groups.get(key) ?? {
      rule: { ...rule, settings },
      stepMs,
      aggregate: settings.aggregate === 'auto' ? likelyAggregate(metric) : settings.aggregate,
      startMs: Math.floor(Math.max(readFromMs, fromMs - historyMs) / stepMs) * stepMs,
      endMs: Math.floor(untilMs / stepMs) * stepMs,
      series: [],
    };
    group.series.push({ source, labels });
    groups.set(key, group);
  }
  return [...groups.values()];
}

async function* fetchTasks(
  range: LiveRange,
  groups: readonly Group[],
  options: PlanOptions,
  notes: string[],
): AsyncGenerator<BacktestTask> {
  const nameOf = uniqueFileNames();
  const external = new Set(options.config.receiver.externalLabels);
  const unknownFigures = new UnknownFigures();
  let short = 0;
  try {
    for (const group of groups) {
      const labelsOf = new Map(group.series.map(({ source, labels }) => [source, labels]));
      const fetched = await fetchFigures(range, group, external);
      for await (const { labels: source, recorded } of range.fetch({ ...group, series: [...labelsOf.keys()] })) {
        if (recorded.samples.values.reduce((count, value) => count + Number(Number.isFinite(value)), 0) < MIN_POINTS) {
          short++;
          continue;
        }
        const name = formatLabels(source);
        const labels = labelsOf.get(source)!;
        const { figures, unknown } = figuresFor({ labels, rule: group.rule }, fetched);
        unknownFigures.add(group.rule, unknown);
        yield {
          ...common(options, `${nameOf(name)}.csv`),
          name,
          labels,
          recording: recorded,
          rule: group.rule,
          figures,
          stepMs: group.stepMs,
        };
      }
    }
  } finally {
    await range.close();
  }
  notes.push(...unknownFigures.notes);
  if (short > 0) notes.push(`skipped ${short} series with fewer than ${MIN_POINTS} values`);
}

function common({ horizonMs, fromMs, untilMs, out, pictures = out !== undefined }: PlanOptions, file: string) {
  const predictions = out === undefined ? undefined : join(out, file);
  return { horizonMs, fromMs, untilMs, predictions, picture: pictures };
}

/** Each series with the rule that would track it; those that none would are left out. */
function withRules<T extends { labels: Labels }>(
  series: readonly T[],
  { config, maxPerRule = Number.POSITIVE_INFINITY }: PlanOptions,
  notes: string[],
): (T & { rule: Rule })[] {
  const chooseRule = ruleChooser(config.rules);
  const byRule = new Map<Rule, (T & { rule: Rule })[]>(config.rules.map((rule) => [rule, []]));
  let unmatched = 0;
  for (const each of series) {
    const rule = chooseRule(each.labels);
    if (rule === undefined) unmatched++;
    else byRule.get(rule)!.push({ ...each, rule });
  }
  if (unmatched > 0) notes.push(`skipped ${unmatched} series that no rule matches`);
  return [...byRule.values()].flatMap((members) => spread(members, maxPerRule));
}

/** At most `max` of the items, evenly spread over them. */
function spread<T>(items: readonly T[], max: number): T[] {
  if (items.length <= max) return [...items];
  return Array.from({ length: max }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / max)]!);
}
