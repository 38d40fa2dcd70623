import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Labels } from '#src/model/labels/labels.js';
import { labelValue } from '#src/model/labels/labels.js';
import { Untracked } from '#src/model/samples/write-sink.js';
import { HOUR, SECOND } from '../fixtures.js';
import { applyRules, encodeInOrder, makeRule, makeStore, othersSend, resolve, send, T0 } from './fixture.js';

test('series over the limit of their rule are refused, those of other rules are not', () => {
  const rules = { a: { ...makeRule(), name: 'few', maxSeries: 2 }, b: { ...makeRule(), name: 'many' } };
  const chooseRule = (labels: Labels) => rules[labelValue(labels, 'rule') as 'a' | 'b'];
  const warnings: object[] = [];
  const store = makeStore({ chooseRule, log: { warn: (details: object) => void warnings.push(details) } });
  const name = (i: number) => ({ __name__: `m${i}`, rule: 'a' });
  for (let i = 0; i < 2; i++) assert.ok(resolve(store, name(i)) >= 0);
  for (let i = 0; i < 3; i++) assert.equal(resolve(store, name(2)), Untracked.ruleLimit);
  assert.equal(store.fullBecause, undefined, 'the store itself has room');
  assert.equal(store.stats.ruleLimit, 3);
  assert.deepEqual(warnings, [{ series: 2, refused: 1, heldBack: 0 }]);
  const block = encodeInOrder(['__name__', 'm2'], ['rule', 'a']);
  assert.match(
    store.describe(block, 0, block.length, Untracked.ruleLimit),
    /^m2\{rule="a"\} exceeds the limit of its rule "few" of 2 series \(max_series\)$/,
  );
  for (let i = 0; i < 10; i++) assert.ok(resolve(store, { __name__: `m${i}`, rule: 'b' }) >= 0);
});

test('a rule that was full takes new series when one of its own is gone', () => {
  const store = makeStore({ chooseRule: () => ({ ...makeRule(), maxSeries: 1 }) });
  send(store, { __name__: 'before' }, T0, 1);
  assert.equal(resolve(store, { __name__: 'after' }), Untracked.ruleLimit);
  othersSend(store, T0, T0 + HOUR);
  assert.equal(store.sweepIdle(), 1);
  assert.ok(resolve(store, { __name__: 'after' }) >= 0);
  assert.equal(resolve(store, { __name__: 'before' }), Untracked.ruleLimit);
});

test('series count for the rule that they have after a reload', () => {
  const limited = { ...makeRule(), name: 'limited', maxSeries: 2 };
  const other = { ...makeRule(), name: 'other' };
  const store = makeStore({ chooseRule: () => limited });
  for (const name of ['a', 'b']) send(store, { __name__: name }, T0, 1);
  assert.equal(resolve(store, { __name__: 'c' }), Untracked.ruleLimit);
  applyRules(store, (labels) => (labelValue(labels, '__name__') === 'a' ? other : limited));
  assert.ok(resolve(store, { __name__: 'c' }) >= 0);
  assert.equal(resolve(store, { __name__: 'd' }), Untracked.ruleLimit);
  applyRules(store, () => ({ ...limited, maxSeries: 1 }));
  assert.equal(store.size, 3, 'a lower limit takes none away');
  assert.equal(resolve(store, { __name__: 'd' }), Untracked.ruleLimit);
});

test('more new series than a second may bring are refused until later, and known ones go on', () => {
  const warnings: object[] = [];
  const store = makeStore({
    maxNewSeriesPerSecond: 5,
    log: { warn: (details: object) => void warnings.push(details) },
  });
  const come = () => Array.from({ length: 12 }, (_, i) => resolve(store, { __name__: `m${i}` }));
  const refused = () => come().filter((ref) => ref === Untracked.newSeriesLimit).length;
  assert.equal(refused(), 7);
  assert.equal(refused(), 7, 'asking again changes nothing');
  store.beginRequest(T0 + SECOND);
  assert.equal(refused(), 2);
  store.beginRequest(T0 + 2 * SECOND);
  assert.equal(refused(), 0);
  assert.equal(store.size, 12);
  assert.equal(store.stats.newSeriesLimit, 16);
  assert.deepEqual(warnings, [{ maxNewSeriesPerSecond: 5, series: 5, refused: 1, heldBack: 0 }]);
  const block = encodeInOrder(['__name__', 'x']);
  assert.match(
    store.describe(block, 0, block.length, Untracked.newSeriesLimit),
    /^x is new, and more than 5 new series came within a second \(receiver\.max_new_series_per_second\)$/,
  );
});

test('a series that no rule wants is passed over whatever it looks like, and one that a rule wants is refused by name', () => {
  const wanted = (labels: Labels) => (labelValue(labels, '__name__').startsWith('good') ? makeRule() : undefined);
  const store = makeStore({ chooseRule: wanted, maxLabels: 5, maxLabelValueBytes: 10 });
  const many = Array.from({ length: 20 }, (_, i): [string, string] => [`l${i}`, 'v']);
  const odd: [what: string, labels: [string, string][], code: number][] = [
    ['too many labels', many, Untracked.labelLimit],
    ['a long value', [['a', 'x'.repeat(11)]], Untracked.labelLimit],
    ['megabytes of labels', [['a', 'x'.repeat(2e6)]], Untracked.labelLimit],
    [
      'a label twice',
      [
        ['zone', 'a'],
        ['zone', 'b'],
      ],
      Untracked.invalidLabels,
    ],
    ['a label without a name', [['', 'x']], Untracked.invalidLabels],
  ];
  for (const [what, labels, code] of odd) {
    for (const [name, outcome] of [
      ['bad', Untracked.noRule],
      ['good', code],
      ['good_yhat', Untracked.ownOutput],
    ] as const) {
      const block = encodeInOrder(['__name__', name], ...labels);
      assert.equal(store.resolve(block, 0, block.length), outcome, `${name}: ${what}`);
    }
    const block = encodeInOrder(['__name__', 'good'], ...labels);
    assert.match(store.describe(block, 0, block.length, code), /^series good.* was refused: /, what);
  }
  const nameless = encodeInOrder(['host', 'h']);
  assert.equal(store.resolve(nameless, 0, nameless.length), Untracked.invalidLabels);
});

test('a store whose memory is used up refuses new series alone, names the limit, and takes them when there is room again', () => {
  const warnings: object[] = [];
  let asked = 0;
  let isFree = true;
  const memory = {
    budgetBytes: 600 * 2 ** 20,
    hasRoom: (heldBytes: number) => {
      asked = heldBytes;
      return isFree;
    },
  };
  const store = makeStore({ memory, log: { warn: (details: object) => void warnings.push(details) } });
  send(store, { __name__: 'a' }, T0, 1);
  assert.equal(store.fullBecause, undefined);
  isFree = false;
  store.beginRequest(T0 + SECOND);
  for (let i = 0; i < 2; i++) assert.equal(resolve(store, { __name__: 'b' }), Untracked.memoryLimit);
  assert.equal(store.fullBecause, 'memoryLimit');
  assert.equal(store.stats.memoryLimit, 2);
  assert.deepEqual(warnings, [{ budgetBytes: 629_145_600, series: 1, refused: 1, heldBack: 0 }]);
  assert.equal(asked, store.indexBytes + store.stats.ringBytes);
  const block = encodeInOrder(['__name__', 'b']);
  assert.match(
    store.describe(block, 0, block.length, Untracked.memoryLimit),
    /b exceeds the memory budget of 600 MiB \(--memory\.budget\)/,
  );
  assert.ok(resolve(store, { __name__: 'a', replica: '1' }) >= 0);
  isFree = true;
  assert.ok(resolve(store, { __name__: 'b' }) >= 0);
});

test('a full store refuses new series, warns once a minute, and takes them when there is room again', () => {
  const warnings: object[] = [];
  const store = makeStore({ maxSeries: 2, log: { warn: (details: object) => void warnings.push(details) } });
  send(store, { __name__: 'a' }, T0, 1);
  send(store, { __name__: 'b' }, T0, 1);
  for (let i = 0; i < 61; i++) {
    store.beginRequest(T0 + i * SECOND);
    assert.equal(resolve(store, { __name__: 'c' }), Untracked.seriesLimit);
  }
  assert.equal(store.stats.seriesLimit, 61);
  assert.deepEqual(warnings, [
    { maxSeries: 2, series: 2, refused: 1, heldBack: 0 },
    { maxSeries: 2, series: 2, refused: 61, heldBack: 59 },
  ]);
  const block = encodeInOrder(['__name__', 'c']);
  assert.match(store.describe(block, 0, block.length, Untracked.seriesLimit), /c exceeds the limit of 2 series/);
  // Known series are still found, in any variant.
  assert.ok(resolve(store, { __name__: 'b', replica: '1' }) >= 0);
  othersSend(store, T0, T0 + HOUR);
  send(store, { __name__: 'b' }, T0 + HOUR, 1);
  assert.equal(store.sweepIdle(), 1);
  assert.ok(resolve(store, { __name__: 'c' }) >= 0);
  assert.equal(store.stats.ignoredEntries, 0);
});

test('what is remembered of ignored series stays within its bytes; all is forgotten when it is full', () => {
  let asked = 0;
  const store = makeStore({
    maxIgnoredBytes: 100_000,
    chooseRule: () => {
      asked++;
      return undefined;
    },
  });
  const block = encodeInOrder(['__name__', 'ignored'], ['padding', 'x'.repeat(200)]);
  let most = 0;
  for (let i = 0; i < 1000; i++) {
    assert.equal(resolve(store, { __name__: 'ignored', padding: 'x'.repeat(200), i: String(i) }), Untracked.noRule);
    most = Math.max(most, store.stats.ignoredEntries);
  }
  assert.equal(asked, 1000);
  assert.ok(store.stats.ignoredResets >= 4, `${store.stats.ignoredResets} resets`);
  assert.ok(most * block.length < 100_000 && most > 100, `${most} entries`);
});
