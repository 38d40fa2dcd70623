import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConfig } from '#src/config/load.js';
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

test('what is derived from a native histogram has the rule of the histogram, unless an earlier one matches it itself', () => {
  const yaml = (...rules: string[]) => ruleChooser(parseConfig(`rules: [${rules.join(', ')}]`, '.').rules);
  const latency = '{name: latency, match: [latency], histogram: {quantiles: [0.99]}}';
  const all = `{name: all, match: ['{__name__=~".+"}']}`;
  const p99 = '{name: p99, match: [latency_p99]}';
  const cases: [choose: ReturnType<typeof yaml>, name: string, rule: string | undefined][] = [
    [yaml(latency), 'latency_p99', 'latency'],
    [yaml(latency), 'latency_p50', undefined],
    [yaml(latency, all), 'latency_p99', 'latency'],
    [yaml(latency, all), 'latency_count', 'latency'],
    [yaml(latency, all), 'latency_p50', 'all'],
    [yaml(latency, all), 'other_count', 'all'],
    [yaml(latency, p99), 'latency_p99', 'latency'],
    [yaml(p99, latency, all), 'latency_p99', 'p99'],
  ];
  for (const [i, [choose, value, rule]] of cases.entries()) {
    assert.equal(choose([{ name: '__name__', value }])?.name, rule, `${i}: ${value}`);
  }
});
