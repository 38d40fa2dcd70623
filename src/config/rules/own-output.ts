import { METRIC_NAME } from '../../model/labels/labels.js';
import type { Matcher } from '../../model/labels/matcher.js';
import { isSyntheticName } from '../../model/settings/synthetic.js';

/**
 * Whether a selector can only match Sentio's own output, which is dropped when it is received. Decided by the metric
 * name it matches: a literal, or an expression whose alternatives all end in one of our suffixes, such as `.+_yhat` and
 * `node_.*_(yhat|yhat_upper)`.
 */
export function selectsOnlyOwnOutput(selector: readonly Matcher[]): boolean {
  return selector.some(
    ({ name, type, value }) =>
      name === METRIC_NAME &&
      ((type === '=' && isSyntheticName(value)) || (type === '=~' && endings(value).every(isOwnEnding))),
  );
}

/** Whether every name with this ending is own output; such names have something before our suffix. */
function isOwnEnding(ending: string): boolean {
  return isSyntheticName(`x${ending}`);
}

/** The literal texts in which an expression's matches end; `''` where they may end in anything. */
function endings(expression: string): string[] {
  const group = /^(.*?)\((?:\?:)?([\w|]+)\)$/s.exec(expression);
  // `a(b|c)` has no alternatives but the group's own; `a|b(c|d)` is taken for a harmless expression, to keep this
  // simple.
  if (group !== null && !group[1]!.includes('|')) {
    const before = literalEnd(group[1]!);
    return group[2]!.split('|').map((alternative) => before + alternative);
  }
  return expression.includes('(') && expression.includes('|') ? [''] : expression.split('|').map(literalEnd);
}

function literalEnd(expression: string): string {
  return /\w*$/.exec(expression)![0];
}
