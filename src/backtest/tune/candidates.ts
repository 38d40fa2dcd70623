import { ConfigError } from '../../config/document/problems.js';
import type { EffectiveCalendar } from '../../config/rules/calendars.js';
import type { EffectiveRule } from '../../config/rules/fill-rule.js';
import type { Rule } from '../../model/settings/settings.js';
import { parseRule } from './parse-rule.js';
import { type RuleChange, ruleText } from './rule-text.js';

/** Settings to try: those of the rule with one change or a few. */
export interface Candidate {
  readonly title: string;
  /** What is varied; of the candidates that share it one can be chosen. */
  readonly coordinate: string;
  readonly change: RuleChange;
  readonly rule: Rule;
  /** Factor by which steps are longer. */
  readonly stepFactor: number;
}

/** What is tried, one thing at a time. Every value costs a replay of the sample. */
const COORDINATES: readonly { readonly coordinate: string; readonly changes: readonly RuleChange[] }[] = [
  {
    // Prophet's advice for tuning: 0.001 to 0.5 (facebook.github.io/prophet, "Diagnostics").
    coordinate: 'changepoint_prior_scale',
    changes: [0.005, 0.05, 0.5].map((scale) => ({ prophet: { changepoint_prior_scale: scale } })),
  },
  { coordinate: 'growth', changes: [{ prophet: { growth: 'flat' } }] },
  { coordinate: 'seasonality_mode', changes: [{ prophet: { seasonality_mode: 'multiplicative' } }] },
  {
    // Prophet's own order is 4: nothing shorter than six hours.
    coordinate: 'daily_seasonality',
    changes: [8, 16].map((order) => ({ prophet: { daily_seasonality: order } })),
  },
  {
    coordinate: 'weekly_seasonality',
    changes: [false, 8].map((weekly) => ({ prophet: { weekly_seasonality: weekly } })),
  },
];

const STEP_FACTOR = 5;

/** The rule as it is, first, and what is tried instead. What the rule says already, or cannot be with it, is left out. */
export function candidatesOf(
  rule: Rule,
  effective: EffectiveRule,
  calendars: readonly EffectiveCalendar[],
): Candidate[] {
  const present: Candidate = { title: 'as it is', coordinate: '', change: {}, rule, stepFactor: 1 };
  const others = COORDINATES.flatMap(({ coordinate, changes }) =>
    changes.flatMap((change) => {
      const changed = changedRule(effective, change, calendars, rule);
      const isNew = changed !== undefined && JSON.stringify(changed.settings) !== JSON.stringify(rule.settings);
      return isNew ? [{ title: titleOf(change), coordinate, change, rule: changed, stepFactor: 1 }] : [];
    }),
  );
  const slower = { title: `step × ${STEP_FACTOR}`, coordinate: 'step', change: {}, rule, stepFactor: STEP_FACTOR };
  return [present, ...others, slower];
}

/** All of these changes at once. */
export function together(
  chosen: readonly Candidate[],
  effective: EffectiveRule,
  calendars: readonly EffectiveCalendar[],
): Candidate | undefined {
  const change = {
    prophet: Object.assign({}, ...chosen.map(({ change }) => change.prophet)) as NonNullable<RuleChange['prophet']>,
  };
  const rule = changedRule(effective, change, calendars, chosen[0]!.rule);
  if (rule === undefined) return undefined;
  const stepFactor = Math.max(...chosen.map((candidate) => candidate.stepFactor));
  return { title: 'these together', coordinate: '', change, rule, stepFactor };
}

function changedRule(
  effective: EffectiveRule,
  change: RuleChange,
  calendars: readonly EffectiveCalendar[],
  before: Rule,
): Rule | undefined {
  try {
    return parseRule(ruleText(effective, change), calendars, before);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

function titleOf({ prophet = {} }: RuleChange): string {
  return Object.entries(prophet)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');
}
