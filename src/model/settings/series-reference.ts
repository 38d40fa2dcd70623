import { type Labels, labelValue, METRIC_NAME } from '../labels/labels.js';
import type { Matcher } from '../labels/matcher.js';

/**
 * A figure that another series has: `factor` times the last value of the series that `matchers` select and whose labels match,
 * as in an operation of PromQL between two vectors.
 */
export interface SeriesReference {
  /** As the configuration has it; it names the metric. */
  readonly selector: string;
  readonly matchers: readonly Matcher[];
  /** These labels have to be equal; or all but these. Without either all of them; the name of the metric never has to. */
  readonly on?: readonly string[];
  readonly ignoring?: readonly string[];
  readonly factor: number;
}

/** The keys of a rule that may refer to other series. */
export type ReferringKey = 'limits.min' | 'limits.max' | 'prophet.cap' | 'prophet.floor';

/** The settings of a rule, as far as they may refer to other series. */
interface Referring {
  readonly limits: { readonly min?: number | SeriesReference; readonly max?: number | SeriesReference };
  readonly prophet: { readonly capFrom?: SeriesReference; readonly floorFrom?: SeriesReference };
}

/** The references of a rule, with their keys. */
export function referencesIn({
  limits,
  prophet,
}: Referring): { readonly key: ReferringKey; readonly reference: SeriesReference }[] {
  const figures = [
    ['limits.min', limits.min],
    ['limits.max', limits.max],
    ['prophet.cap', prophet.capFrom],
    ['prophet.floor', prophet.floorFrom],
  ] as const;
  return figures.flatMap(([key, figure]) => (typeof figure === 'object' ? { key, reference: figure } : []));
}

/** The references of all rules. */
export function referencesOf(rules: readonly { readonly settings: Referring }[]): SeriesReference[] {
  return rules.flatMap(({ settings }) => referencesIn(settings).map(({ reference }) => reference));
}

/** What two series have in common if their labels match: the values of the labels that count. */
export function matchKey(labels: Labels, { on, ignoring = [] }: SeriesReference): string {
  const counting =
    on === undefined
      ? labels.flatMap(({ name, value }) => (name === METRIC_NAME || ignoring.includes(name) ? [] : [name, value]))
      : on.map((name) => labelValue(labels, name));
  return JSON.stringify(counting);
}

/** A reference for people: `0.9 × node_filesystem_size_bytes, matched on (instance, mountpoint)`. */
export function referenceText({ selector, on, ignoring, factor }: SeriesReference): string {
  const times = factor === 1 ? '' : `${factor} × `;
  if (on !== undefined) return `${times}${selector}, matched on (${on.join(', ')})`;
  return `${times}${selector}, matched ${ignoring === undefined ? 'on all labels' : `ignoring (${ignoring.join(', ')})`}`;
}
