import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '#src/config/load.js';
import { resolveFigure } from '#src/config/rules/figures.js';

const MATCHERS = [{ name: '__name__', type: '=' as const, value: 'size' }];

test('resolveFigure() is a number, or a reference with its matchers and a factor', () => {
  assert.equal(resolveFigure(5), 5);
  assert.deepEqual(resolveFigure({ series: 'size' }), { selector: 'size', matchers: MATCHERS, factor: 1 });
  assert.deepEqual(resolveFigure({ series: 'size', ignoring: ['a'], factor: 2 }), {
    selector: 'size',
    matchers: MATCHERS,
    ignoring: ['a'],
    factor: 2,
  });
});

test('a rule with a series of its own inherits nothing of that of the defaults', () => {
  const { rules } = parseConfig(
    `defaults:
  limits: {max: {series: other, on: [a], factor: 2}, min: 1}
rules:
  - {name: own, match: [m], limits: {max: {series: size}}}
  - {name: number, match: [n], limits: {max: 7}}`,
    '.',
  );
  assert.deepEqual(
    rules.map(({ settings }) => settings.limits),
    [
      { min: 1, max: { selector: 'size', matchers: MATCHERS, factor: 1 } },
      { min: 1, max: 7 },
    ],
  );
});
