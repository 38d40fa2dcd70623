import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '#src/config/load.js';
import { withKnownFigures } from '#src/model/settings/known-figures.js';
import { referencesIn } from '#src/model/settings/series-reference.js';

const [RULE] = parseConfig(
  `rules:
  - name: a
    match: [m]
    prophet: {growth: logistic, cap: {series: quota}, floor: 1}
    limits: {min: {series: least}, max: {series: size, factor: 2}}`,
  '.',
).rules;

test('withKnownFigures() has numbers for what is known, no limit for what is not, and linear growth without a cap', () => {
  const { settings } = RULE!;
  const known = withKnownFigures(settings, ({ selector, factor }) => (selector === 'least' ? 'several' : 10 * factor));
  assert.deepEqual(known.limits, { max: 20 });
  assert.deepEqual([known.prophet.growth, known.prophet.cap, known.prophet.floor], ['logistic', 10, 1]);
  assert.deepEqual(referencesIn(known), []);
  const { prophet } = withKnownFigures(settings, () => undefined);
  assert.deepEqual([prophet.growth, prophet.cap, prophet.floor], ['linear', undefined, undefined]);
});

test('withKnownFigures() leaves limits and options alone that name no series', () => {
  const { settings } = parseConfig('', '.').rules[0]!;
  const known = withKnownFigures(settings, () => 1);
  assert.deepEqual([known.limits === settings.limits, known.prophet === settings.prophet], [true, true]);
});
