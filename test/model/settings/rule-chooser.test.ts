import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileMatchers, type Matcher } from '#src/model/labels/matcher.js';
import { ruleChooser } from '#src/model/settings/rule-chooser.js';
import type { Rule } from '#src/model/settings/settings.js';

test('ruleChooser() finds the rule that trying all of them in order finds', () => {
  const matcher = fc.record<Matcher>({
    name: fc.constantFrom('__name__', 'job'),
    type: fc.constantFrom('=', '=', '!=', '=~'),
    value: fc.constantFrom('a', 'b', 'c'),
  });
  const selectors = fc.array(fc.array(matcher, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 });
  fc.assert(
    fc.property(fc.array(selectors, { maxLength: 8 }), (all) => {
      const rules = all.map((each, i) => ({ name: `rule ${i}`, selectors: each, settings: {} }) as unknown as Rule);
      const choose = ruleChooser(rules);
      for (const name of ['a', 'b', 'c', 'd']) {
        for (const job of ['a', 'b']) {
          const labels = [
            { name: '__name__', value: name },
            { name: 'job', value: job },
          ];
          const naive = rules.find((rule) => rule.selectors.some((each) => compileMatchers(each)(labels)));
          assert.equal(choose(labels)?.name, naive?.name);
        }
      }
    }),
  );
});

test('ruleChooser() takes expressions that need the regex engine, in any selector of a rule', () => {
  const expression: Matcher = { name: 'job', type: '=~', value: '[a-z]+_(node|web)' };
  const rule = { name: 'hosts', selectors: [[expression], [expression]], settings: {} } as unknown as Rule;
  assert.equal(ruleChooser([rule])([{ name: 'job', value: 'my_web' }])?.name, 'hosts');
  assert.equal(ruleChooser([rule])([{ name: 'job', value: 'web' }]), undefined);
});
