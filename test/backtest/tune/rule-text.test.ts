import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ruleText } from '#src/backtest/tune/rule-text.js';
import { defaultConfig, parseConfig } from '#src/config/load.js';

test('ruleText() says only what is changed of a rule of defaults', () => {
  const [rule] = defaultConfig().effective.rules;
  assert.equal(
    ruleText(rule!, { prophet: { daily_seasonality: 8 } }),
    'rules:\n  - name: default\n    match:\n      - \'{__name__=~".+"}\'\n    prophet:\n      daily_seasonality: 8\n',
  );
});

test('ruleText() keeps what a file says of a rule, in the rule or for all', () => {
  const text = `
    defaults: {step: 30s, prophet: {growth: flat, interval_width: 0.95}}
    rules:
      - {name: cpu, match: [up, down], history: 30d, resolution: 1h, bounds: {min: 0}, prophet: {interval_width: 0.9}}
  `;
  const { effective, rules } = parseConfig(text, '.');
  const same = parseConfig(ruleText(effective.rules[0]!, {}), '.');
  assert.deepEqual(same.rules, rules);
  const changed = parseConfig(ruleText(effective.rules[0]!, { step: '1m', prophet: { growth: 'linear' } }), '.');
  assert.deepEqual(changed.rules[0]!.settings.prophet, { ...rules[0]!.settings.prophet, growth: 'linear' });
  assert.equal(changed.rules[0]!.settings.stepMs, 60_000);
  assert.equal(changed.rules[0]!.settings.resolutionMs, 3_600_000);
});
