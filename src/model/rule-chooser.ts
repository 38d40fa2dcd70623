import type { Labels } from './labels.js';
import { compileMatchers } from './matcher.js';
import type { Rule } from './settings.js';

/** The first rule one of whose selectors matches a series, or undefined: the series is not tracked. */
export function ruleChooser(rules: readonly Rule[]): (labels: Labels) => Rule | undefined {
  const compiled = rules.map((rule) => ({ rule, matches: rule.selectors.map(compileMatchers) }));
  return (labels) => compiled.find(({ matches }) => matches.some((match) => match(labels)))?.rule;
}
