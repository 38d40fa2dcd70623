import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeriesLayouts } from '#src/series/series-layouts.js';
import { SeriesStats } from '#src/series/series-stats.js';
import { SeriesTable } from '#src/series/series-table.js';
import { HOUR } from '../fixtures.js';
import { makeRule } from './fixture.js';

test('SeriesLayouts numbers a rule once per aggregate, and gives out the numbers of layouts that went', () => {
  const layouts = new SeriesLayouts(new SeriesTable(), new SeriesStats());
  const [first, second, third] = [makeRule(), makeRule(), makeRule({ historyMs: HOUR })];
  const numbers = [
    layouts.numberOf(first, 'mean'),
    layouts.numberOf(first, 'rate'),
    layouts.numberOf(second, 'mean'),
    layouts.numberOf(first, 'mean'),
  ];
  assert.deepEqual(numbers, [0, 1, 2, 0]);
  assert.equal(layouts.layout(1).rule, first);
  assert.equal(layouts.layout(1).aggregate, 'rate');
  layouts.prune(new Set([1]));
  assert.deepEqual(
    [layouts.numberOf(third, 'mean'), layouts.numberOf(first, 'rate'), layouts.numberOf(first, 'mean')],
    [0, 1, 2],
  );
  assert.equal(layouts.layout(0).rule, third);
});

test('SeriesLayouts lets rules of one geometry share their rings', () => {
  const layouts = new SeriesLayouts(new SeriesTable(), new SeriesStats());
  const ringsOf = (changes: Parameters<typeof makeRule>[0], aggregate: 'mean' | 'max' = 'mean') =>
    layouts.layout(layouts.numberOf(makeRule(changes), aggregate)).rings;
  assert.ok(ringsOf({}).sameLayout(ringsOf({ horizonMs: HOUR })));
  assert.ok(!ringsOf({}).sameLayout(ringsOf({ historyMs: HOUR })));
  assert.ok(!ringsOf({}).sameLayout(ringsOf({}, 'max')));
});
