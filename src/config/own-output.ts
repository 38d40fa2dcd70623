import { METRIC_NAME } from '../model/labels.js';
import type { Matcher } from '../model/matcher.js';
import { isSyntheticName } from '../model/synthetic.js';

/**
 * Whether a selector can only match series that Sentio made itself, which are dropped on the way in. Recognised by the
 * metric name it asks for: a literal, or an expression of which every alternative ends in one of our suffixes, such as
 * `.+_yhat` and `node_.*_(yhat|yhat_upper)`.
 */
export function selectsOnlyOwnOutput(selector: readonly Matcher[]): boolean {
  return selector.some(
    ({ name, type, value }) =>
      name === METRIC_NAME &&
      ((type === '=' && isSyntheticName(value)) || (type === '=~' && endings(value).every(isOwnEnding))),
  );
}

/** An ending stands for every name that ends so, and those have something before our suffix. */
function isOwnEnding(ending: string): boolean {
  return isSyntheticName(`x${ending}`);
}

/** The literal texts in which an expression's matches end; `''` where they may end in anything. */
function endings(expression: string): string[] {
  const group = /^(.*?)\((?:\?:)?([\w|]+)\)$/s.exec(expression);
  // `a(b|c)` has no alternatives but the group's own; `a|b(c|d)` is not worth telling from a harmless expression.
  if (group !== null && !group[1]!.includes('|')) {
    const before = literalEnd(group[1]!);
    return group[2]!.split('|').map((alternative) => before + alternative);
  }
  return expression.includes('(') && expression.includes('|') ? [''] : expression.split('|').map(literalEnd);
}

function literalEnd(expression: string): string {
  return /\w*$/.exec(expression)![0];
}
