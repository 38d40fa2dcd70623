import { isDeepStrictEqual } from 'node:util';
import { METRIC_NAME } from '../model/labels.js';
import type { Matcher } from '../model/matcher.js';

/**
 * Whether one selector selects every series that another one does, as far as their matchers tell: each of its own is one of
 * the other's too, or asks for nothing but a name.
 */
export function covers(selector: readonly Matcher[], other: readonly Matcher[]): boolean {
  return selector.every(
    (matcher) => asksForAnyName(matcher) || other.some((wanted) => isDeepStrictEqual(wanted, matcher)),
  );
}

function asksForAnyName({ name, type, value }: Matcher): boolean {
  return name === METRIC_NAME && ((type === '=~' && /^\.[+*]$/.test(value)) || (type === '!=' && value === ''));
}
