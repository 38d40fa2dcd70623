import { METRIC_NAME } from '../../model/labels/labels.js';
import type { Matcher } from '../../model/labels/matcher.js';
import type { Rule } from '../../model/settings/settings.js';

/** A selector of a rule, as the set of matchers without which a series is not its. */
interface Requirement {
  readonly rule: number;
  readonly keys: readonly string[];
}

/**
 * Finds rules that take every series a selector of a later rule selects. Only matchers are compared: each matcher of
 * the earlier selector must be one of the later selector too, or match nothing but a name.
 *
 * Selectors are indexed by the rarest of their matchers, so the time grows with the number of rules and not with its
 * square.
 */
export class SelectorCover {
  readonly #rules: readonly Rule[];
  /** By rarest matcher, in the order of the rules; under `''` those without matchers. */
  readonly #requirements = new Map<string, Requirement[]>();

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
    const requirements = rules.flatMap(({ selectors }, rule) =>
      selectors.map((selector) => ({ rule, keys: selector.filter((matcher) => !asksForAnyName(matcher)).map(keyOf) })),
    );
    const uses = new Map<string, number>();
    for (const { keys } of requirements) for (const key of keys) uses.set(key, (uses.get(key) ?? 0) + 1);
    for (const requirement of requirements) {
      const rarest = requirement.keys.reduce((a, b) => (a === '' || uses.get(b)! < uses.get(a)! ? b : a), '');
      const filed = this.#requirements.get(rarest);
      if (filed === undefined) this.#requirements.set(rarest, [requirement]);
      else filed.push(requirement);
    }
  }

  /** The first rule before the one at `index` that takes all that `selector`, one of its own, selects. */
  firstBefore(index: number, selector: readonly Matcher[]): Rule | undefined {
    const present = new Set(selector.map(keyOf));
    let first = index;
    for (const key of ['', ...present]) {
      for (const { rule, keys } of this.#requirements.get(key) ?? []) {
        if (rule >= first) break;
        if (keys.every((required) => present.has(required))) first = rule;
      }
    }
    return first < index ? this.#rules[first] : undefined;
  }
}

function keyOf({ name, type, value }: Matcher): string {
  return JSON.stringify([name, type, value]);
}

function asksForAnyName({ name, type, value }: Matcher): boolean {
  return name === METRIC_NAME && ((type === '=~' && /^\.[+*]$/.test(value)) || (type === '!=' && value === ''));
}
