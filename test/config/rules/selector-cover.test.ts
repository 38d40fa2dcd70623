import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { SelectorCover } from '#src/config/rules/selector-cover.js';
import type { Matcher } from '#src/model/labels/matcher.js';
import type { Rule } from '#src/model/settings/settings.js';

const ANY_NAME: Matcher = { name: '__name__', type: '=~', value: '.+' };

test('SelectorCover finds the rule that comparing with all rules before finds', () => {
  const name = fc.constantFrom('__name__', 'job');
  const type = fc.constantFrom('=' as const, '=~' as const);
  const value = fc.constantFrom('a', 'b', 'c');
  const plain = fc.tuple(name, type, value).map(([n, t, v]): Matcher => ({ name: n, type: t, value: v }));
  const matcher = fc.oneof(plain, fc.constant(ANY_NAME));
  const selectors = fc.array(fc.array(matcher, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
  const covers = (earlier: readonly Matcher[], later: readonly Matcher[]) =>
    earlier.every((one) => isDeepStrictEqual(one, ANY_NAME) || later.some((other) => isDeepStrictEqual(one, other)));
  fc.assert(
    fc.property(fc.array(selectors, { maxLength: 10 }), (all) => {
      const rules = all.map((each, i) => ({ name: `rule ${i}`, selectors: each }) as unknown as Rule);
      const cover = new SelectorCover(rules);
      for (const [i, rule] of rules.entries()) {
        for (const selector of rule.selectors) {
          const naive = rules.slice(0, i).find((before) => before.selectors.some((each) => covers(each, selector)));
          assert.equal(cover.firstBefore(i, selector)?.name, naive?.name);
        }
      }
    }),
  );
});
