import { type Labels, labelValue, METRIC_NAME } from '../labels/labels.js';
import { compileMatchers } from '../labels/matcher.js';
import { derives, histogramOf } from './histogram-quantities.js';
import type { Rule } from './settings.js';

interface CompiledRule {
  readonly rule: Rule;
  readonly place: number;
  matches(labels: Labels): boolean;
}

/**
 * Returns the function that chooses the first rule with a selector that matches a series; undefined means it is not
 * tracked. A rule that derives a series from a native histogram matches it too, so that a general rule behind it does not give
 * other settings to what it derives. Rules that name metrics are tried on those alone, so that a reload of thousands of rules
 * does not try each on every series.
 */
export function ruleChooser(rules: readonly Rule[]): (labels: Labels) => Rule | undefined {
  const byName = new Map<string, CompiledRule[]>();
  const ofAnyName: CompiledRule[] = [];
  for (const [place, rule] of rules.entries()) {
    let tests: ((labels: Labels) => boolean)[] | undefined;
    const matches = (labels: Labels) => {
      // When it is first tried: of thousands of rules most are for series that are not there.
      tests ??= rule.selectors.map((matchers) => compileMatchers(matchers));
      return tests.some((test) => test(labels));
    };
    const compiled = { rule, place, matches };
    const names = rule.selectors.map((selector) => {
      return selector.find(({ name, type }) => name === METRIC_NAME && type === '=')?.value;
    });
    if (names.includes(undefined)) {
      ofAnyName.push(compiled);
      continue;
    }
    for (const name of new Set(names as string[])) {
      const named = byName.get(name);
      if (named === undefined) byName.set(name, [compiled]);
      else named.push(compiled);
    }
  }
  const choose = (labels: Labels) => {
    const named = byName.get(labelValue(labels, METRIC_NAME))?.find(({ matches }) => matches(labels));
    const other = ofAnyName.find(
      ({ place, matches }) => (named !== undefined && place > named.place) || matches(labels),
    );
    return other === undefined || (named !== undefined && named.place < other.place) ? named : other;
  };
  if (!rules.some(({ settings }) => settings.histogram !== undefined)) return (labels) => choose(labels)?.rule;
  return (labels) => {
    const own = choose(labels);
    const derived = ruleOfHistogram(labels, choose);
    return (own === undefined || (derived !== undefined && derived.place < own.place) ? derived : own)?.rule;
  };
}

/** The rule of the native histogram from which a series is derived, if one derives it. */
function ruleOfHistogram(
  labels: Labels,
  choose: (labels: Labels) => CompiledRule | undefined,
): CompiledRule | undefined {
  const from = histogramOf(labelValue(labels, METRIC_NAME));
  if (from === undefined) return undefined;
  const found = choose(labels.map((label) => (label.name === METRIC_NAME ? { ...label, value: from.family } : label)));
  const { histogram } = found?.rule.settings ?? {};
  return histogram !== undefined && derives(histogram, from.suffix) ? found : undefined;
}
