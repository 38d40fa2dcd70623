import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeriesPlans } from '#src/series/series-plans.js';
import { SeriesStats } from '#src/series/series-stats.js';
import { SeriesTable } from '#src/series/series-table.js';
import { HOUR } from '../fixtures.js';
import { makeRule } from './fixture.js';

test('SeriesPlans numbers a rule once per aggregate, and gives out the numbers of plans that went', () => {
  const plans = new SeriesPlans(new SeriesTable(), new SeriesStats());
  const [first, second, third] = [makeRule(), makeRule(), makeRule({ historyMs: HOUR })];
  const numbers = [
    plans.numberOf(first, 'mean'),
    plans.numberOf(first, 'rate'),
    plans.numberOf(second, 'mean'),
    plans.numberOf(first, 'mean'),
  ];
  assert.deepEqual(numbers, [0, 1, 2, 0]);
  assert.equal(plans.plan(1).rule, first);
  assert.equal(plans.plan(1).aggregate, 'rate');
  plans.prune(new Set([1]));
  assert.deepEqual(
    [plans.numberOf(third, 'mean'), plans.numberOf(first, 'rate'), plans.numberOf(first, 'mean')],
    [0, 1, 2],
  );
  assert.equal(plans.plan(0).rule, third);
});

test('SeriesPlans lets rules of one geometry share their rings', () => {
  const plans = new SeriesPlans(new SeriesTable(), new SeriesStats());
  const ringsOf = (changes: Parameters<typeof makeRule>[0], aggregate: 'mean' | 'max' = 'mean') =>
    plans.plan(plans.numberOf(makeRule(changes), aggregate)).rings;
  assert.ok(ringsOf({}).sameLayout(ringsOf({ horizonMs: HOUR })));
  assert.ok(!ringsOf({}).sameLayout(ringsOf({ historyMs: HOUR })));
  assert.ok(!ringsOf({}).sameLayout(ringsOf({}, 'max')));
});
