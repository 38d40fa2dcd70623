import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  ALARM_FILTERS,
  aheadChoices,
  defaultBack,
  LIVE,
  liveReach,
  ORDERS,
  rangeAround,
  readView,
  type View,
  writeView,
} from '#src/ui/lib/view.js';

const seconds = fc.integer({ min: 1, max: 999_999 });
const text = fc.string({ minLength: 1, unit: 'grapheme' });
const plain = { noNullPrototype: true };
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const live = fc.record({ kind: fc.constant('live' as const), back: maybe(seconds), ahead: maybe(seconds) }, plain);
const fixed = fc.tuple(seconds, seconds).map(([start, span]) => ({ kind: 'fixed' as const, start, end: start + span }));
const view: fc.Arbitrary<View> = fc.record(
  {
    series: maybe(text),
    search: fc.string({ unit: 'grapheme' }),
    rule: maybe(text),
    alarm: maybe(fc.constantFrom(...ALARM_FILTERS)),
    order: fc.constantFrom(...ORDERS),
    lanes: fc.constantFrom('day' as const, 'week' as const, 'none' as const),
    group: fc.oneof(
      fc.constantFrom('rule', 'kind'),
      text.map((name) => `label:${name}`),
    ),
    window: maybe(fixed.map(({ start, end }) => ({ start, end }))),
    range: fc.oneof(live, fixed),
    components: fc.boolean(),
    why: maybe(fc.oneof(seconds, fc.constant(1_767_920_370.5))),
    headings: maybe(fc.string({ minLength: 1 })),
    folded: fc.constantFrom('none' as const, 'all' as const),
    except: fc.array(fc.string()),
    trial: maybe(fc.constantFrom('series' as const, 'rule' as const, 'list' as const)),
  },
  plain,
);

test('an address carries a whole view', () => {
  fc.assert(fc.property(view, (given) => assert.deepEqual(readView(writeView(given)), given)));
});

test('the view one starts with has a bare address', () => {
  assert.equal(writeView(readView('')), '');
});

const odd: readonly (readonly [why: string, query: string])[] = [
  ['an end before the start', '?start=20&end=10'],
  ['a start alone', '?start=20'],
  ['a duration that is none', '?back=soon&ahead=-1h'],
  ['no time', '?back=0h'],
];
for (const [why, query] of odd) {
  test(`a range with ${why} is as if it were not there`, () => assert.deepEqual(readView(query).range, LIVE));
}

test('a time that is none explains nothing', () => {
  assert.equal(readView('?why=yesterday').why, undefined);
});

test('around an alarm one sees as much again on either side, and no less than an hour of minutes', () => {
  assert.deepEqual(rangeAround({ start: 10_000, end: 20_000 }, 60), { kind: 'fixed', start: 0, end: 30_000 });
  assert.deepEqual(rangeAround({ start: 10_000, end: 10_060 }, 60), { kind: 'fixed', start: 6_400, end: 13_660 });
});

test('an order that there is not is the usual one', () => {
  assert.equal(readView('?order=best').order, 'outside');
});

const NOW = 1_700_000_000;

const reaches: readonly (readonly [step: number, back: number])[] = [
  [1, 900],
  [5, 3_600],
  [30, 21_600],
  [60, 86_400],
  [3_600, 1_209_600],
];
for (const [step, back] of reaches) {
  test(`with a step of ${step} s the last ${back} s are shown`, () => assert.equal(defaultBack(step), back));
}

test('of a young series all of it is shown, with some room before it', () => {
  const day = { step: 60, horizon: 86_400 };
  const reach = (age: number | null) =>
    liveReach({ back: undefined, ahead: undefined }, { ...day, history_from: age === null ? null : NOW - age }, NOW)
      .back;
  assert.deepEqual([600, 1_200, 7_200, 40_000, 1e6, null].map(reach), [900, 3_600, 21_600, 86_400, 86_400, 86_400]);
});

test('as much of the future is shown as of the past, and no more than there is', () => {
  assert.deepEqual(liveReach({ back: undefined, ahead: undefined }, { step: 5, horizon: 86_400 }, NOW), {
    back: 3_600,
    ahead: 3_600,
  });
  assert.deepEqual(liveReach({ back: 604_800, ahead: undefined }, { step: 5, horizon: 86_400 }, NOW), {
    back: 604_800,
    ahead: 86_400,
  });
  assert.deepEqual(liveReach({ back: 900, ahead: 604_800 }, { step: 5, horizon: 3_600 }, NOW), {
    back: 900,
    ahead: 3_600,
  });
});

test('one can look ahead to the horizon, whatever it is', () => {
  assert.deepEqual(aheadChoices(86_400), [900, 3_600, 21_600, 86_400]);
  assert.deepEqual(aheadChoices(5_400), [900, 3_600, 5_400]);
  assert.deepEqual(aheadChoices(300), [300]);
});
