import { nearest } from '../../lib/nearest.js';
import { type Labels, labelValue } from '../labels/labels.js';
import type { Rule } from './settings.js';

/** A label value that a rule asks for and no series has, with the most similar one that a series does have. */
export interface NearMiss {
  readonly rule: string;
  readonly label: string;
  readonly wanted: string;
  readonly found: string;
}

/** Selectors beyond these are not looked at: each is compared with every value of its labels. */
const MAX_SELECTORS = 100;

/** The first value in the selectors of `rules` that looks like a typo of what `series` have; undefined where none does. */
export function nearMiss(rules: readonly Rule[], series: readonly Labels[]): NearMiss | undefined {
  const valuesOf = new Map<string, Set<string>>();
  const known = (label: string) => {
    const values = valuesOf.get(label) ?? new Set(series.map((labels) => labelValue(labels, label)).filter(Boolean));
    valuesOf.set(label, values);
    return values;
  };
  const selectors = rules.flatMap(({ name, selectors }) => selectors.map((matchers) => ({ rule: name, matchers })));
  for (const { rule, matchers } of selectors.slice(0, MAX_SELECTORS)) {
    for (const { name: label, type, value: wanted } of matchers) {
      const values = known(label);
      if (type !== '=' || wanted === '' || values.has(wanted)) continue;
      const found = nearest(wanted, [...values]);
      if (found !== undefined) return { rule, label, wanted, found };
    }
  }
  return undefined;
}
