import { parse } from 'yaml';
import type { Config } from '../../config/config.js';
import { ConfigError } from '../../config/document/problems.js';
import { isDeeperThan } from '../../lib/depth.js';
import { UsageError } from '../../lib/errors.js';
import type { Rule } from '../../model/settings/settings.js';
import { parseRule } from '../tune/parse-rule.js';
import { type RuleChange, ruleText } from '../tune/rule-text.js';

/** No key of a rule is that deep. */
const MAX_DEPTH = 10;

/** A rule with other settings, and the file that has it. */
export interface ChangedRule {
  readonly rule: Rule;
  readonly yaml: string;
}

/**
 * The rule of a configuration with this name and this change, in the words of the file. Throws `UsageError` with everything that is
 * wrong with it, and for a query.
 */
export function changedRule(
  { rules, effective }: Pick<Config, 'rules' | 'effective'>,
  name: string,
  change: RuleChange,
): ChangedRule {
  const before = rules.find((rule) => rule.name === name)!;
  const inWords = effective.rules.find((rule) => rule.name === name);
  if (inWords === undefined) throw new UsageError(`${name} is a query, and only rules can be changed`);
  // What reads it goes down as deep as it is.
  if (isDeeperThan(change, MAX_DEPTH)) throw new UsageError(`a value is nested more than ${MAX_DEPTH} deep`);
  const yaml = ruleText(inWords, change);
  try {
    return { rule: parseRule(yaml, effective.calendars, before), yaml };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problems = error.problems.map(({ path, message }) => `${path.replace(/^rules\[0\]\.?/, '')}: ${message}`);
    throw new UsageError(problems.join('; '), { cause: error });
  }
}

/** Reads `anomaly.min_deviation=5`, `step=5m`: paths of keys and values as YAML has them. Throws `UsageError`. */
export function parseChange(texts: readonly string[]): RuleChange {
  const change: Record<string, unknown> = {};
  for (const text of texts) {
    const [, path, value] = /^([a-z_]+(?:\.[a-z_]+)*)=(.+)$/s.exec(text) ?? [];
    if (path === undefined) throw new UsageError(`--set ${text}: must be KEY=VALUE, such as anomaly.min_deviation=5`);
    const keys = path.split('.');
    if (keys[0] === 'name' || keys[0] === 'match') throw new UsageError(`--set ${keys[0]}: cannot be changed`);
    let at = change;
    for (const key of keys.slice(0, -1)) {
      const below = (at[key] ?? {}) as Record<string, unknown>;
      at[key] = below;
      at = below;
    }
    try {
      at[keys.at(-1)!] = parse(value!);
    } catch (cause) {
      throw new UsageError(`--set ${text}: ${(cause as Error).message.split('\n', 1)[0]}`, { cause });
    }
  }
  return change as RuleChange;
}
