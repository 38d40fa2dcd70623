import { stringify } from 'yaml';
import { type EffectiveRule, fillRule } from '../../config/rules/fill-rule.js';
import { SERIES_DEFAULTS } from '../../config/schema/defaults.js';
import type { RuleFile } from '../../config/schema/schema.js';

/** What to change in a rule, in the words of the file. */
export type RuleChange = Partial<Omit<RuleFile, 'name' | 'match'>>;

/** A configuration file with this rule and these changes, in which what is left to defaults is left out. */
export function ruleText(effective: EffectiveRule, change: RuleChange): string {
  return textOf([sparse(effective, change)]);
}

/** The same of several rules as they are. */
export function rulesText(rules: readonly EffectiveRule[]): string {
  return textOf(rules.map((rule) => sparse(rule, {})));
}

function textOf(rules: readonly unknown[]): string {
  return stringify({ rules }, { lineWidth: 0, aliasDuplicateObjects: false });
}

function sparse(effective: EffectiveRule, change: RuleChange): object {
  const { name, match, step, history } = effective;
  const usual = fillRule({ name, match, step, history }, {});
  const own = {
    ...(step !== SERIES_DEFAULTS.step && { step }),
    ...(history !== SERIES_DEFAULTS.history && { history }),
    ...differences(effective, usual),
  };
  return { name, match, ...merged(own, change) };
}

/** One record with what another has, at every depth; lists are taken as wholes. */
function merged(record: object, change: object): Record<string, unknown> {
  const result: Record<string, unknown> = { ...record };
  for (const [key, value] of Object.entries(change)) {
    const other = result[key];
    result[key] = isMap(value) && isMap(other) ? merged(other, value) : value;
  }
  return result;
}

/** What one record has otherwise than another, at every depth; lists are taken as wholes. */
function differences(record: object, usual: object): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(record)) {
    const other = (usual as Record<string, unknown>)[key];
    if (JSON.stringify(value) === JSON.stringify(other)) continue;
    found[key] = isMap(value) && isMap(other) ? differences(value, other) : value;
  }
  return found;
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
