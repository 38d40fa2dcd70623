import { type Labels, labelValue, METRIC_NAME } from '../../model/labels/labels.js';
import { compileMatchers } from '../../model/labels/matcher.js';
import type { Samples } from '../../model/samples/columns.js';
import { matchKey, referencesIn, referencesOf } from '../../model/settings/series-reference.js';
import type { Rule } from '../../model/settings/settings.js';
import type { LiveRange, RangeGroup } from '../input/live-range.js';
import type { RecordedSeries } from '../input/recorded-series.js';

/** A series that has a figure of others, such as the size of a disk. */
export interface FigureSeries {
  readonly labels: Labels;
  /** The path of a CSV file, or what was fetched already. */
  readonly recording: string | RecordedSeries;
}

/** The series to which the rule of a series refers, of those there are; with the keys for which there is none. */
export function figuresFor<T extends { readonly labels: Labels }>(
  { labels, rule }: { readonly labels: Labels; readonly rule: Rule },
  series: readonly T[],
): { readonly figures: readonly T[]; readonly unknown: readonly string[] } {
  const figures = new Set<T>();
  const unknown: string[] = [];
  for (const { key, reference } of referencesIn(rule.settings)) {
    const selects = compileMatchers(reference.matchers);
    const own = matchKey(labels, reference);
    const matching = series.filter((each) => selects(each.labels) && matchKey(each.labels, reference) === own);
    if (matching.length === 0) unknown.push(key);
    for (const each of matching) figures.add(each);
  }
  return { figures: [...figures], unknown };
}

/** Counts for how many series a figure is not known, and says so in the end. */
export class UnknownFigures {
  readonly #counts = new Map<string, number>();

  add(rule: Rule, keys: readonly string[]): void {
    for (const key of keys) {
      const name = `${key} of rule ${rule.name}`;
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    }
  }

  get notes(): string[] {
    return Array.from(this.#counts, ([name, count]) => {
      const series = count === 1 ? 'one series' : `${count} series`;
      return `${name} is not known for ${series}, which went without it: no series that was read has it`;
    });
  }
}

/** Fetches the series that match those of a group, for its time. Rejects with `UsageError`. */
export async function fetchFigures(
  range: LiveRange,
  group: Pick<RangeGroup, 'stepMs' | 'startMs' | 'endMs'> & {
    readonly rule: Rule;
    readonly series: readonly { readonly labels: Labels }[];
  },
  externalLabels: ReadonlySet<string>,
): Promise<FigureSeries[]> {
  const references = referencesOf([group.rule]);
  if (references.length === 0) return [];
  const selectors = references.map(({ matchers }) => matchers);
  const found = await range.list(selectors, group.startMs, group.endMs);
  const candidates = found.map((source) => ({
    source,
    labels: source.filter(({ name }) => !externalLabels.has(name)),
  }));
  const wanted = new Set(
    group.series.flatMap(({ labels }) => figuresFor({ labels, rule: group.rule }, candidates).figures),
  );
  const alike = new Map<string, Map<Labels, Labels>>();
  for (const { source, labels } of wanted) {
    const key = JSON.stringify([labelValue(source, METRIC_NAME), ...source.map(({ name }) => name)]);
    alike.set(key, (alike.get(key) ?? new Map<Labels, Labels>()).set(source, labels));
  }
  const fetched: FigureSeries[] = [];
  const { stepMs, startMs, endMs } = group;
  for (const labelsOf of alike.values()) {
    const series = [...labelsOf.keys()];
    for await (const each of range.fetch({ stepMs, startMs, endMs, series, aggregate: 'last' })) {
      const recording = { ...each.recorded, samples: changesOf(each.recorded.samples) };
      fetched.push({ labels: labelsOf.get(each.labels)!, recording });
    }
  }
  return fetched;
}

/** The samples with another value than the one before: a figure hardly changes. */
function changesOf({ timesMs, values }: Samples): Samples {
  const isKept = (_: number, i: number) => Number.isFinite(values[i]!) && values[i] !== values[i - 1];
  return { timesMs: timesMs.filter(isKept), values: values.filter(isKept) };
}
