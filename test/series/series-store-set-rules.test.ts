import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelValue, METRIC_NAME } from '#src/model/labels/labels.js';
import { Untracked } from '#src/model/samples/write-sink.js';
import type { Rule, SeriesSettings } from '#src/model/settings/settings.js';
import type { SeriesStore } from '#src/series/series-store.js';
import { DAY, HOUR, MINUTE, SECOND } from '../fixtures.js';
import { applyRules, makeRule, makeStore, onlyId, resolve, T0 } from './fixture.js';

/** A store with one series that has a sample every 30 s for a day, and what its listener heard since. */
function filledStore(settings: Partial<SeriesSettings> = {}): { store: SeriesStore; resets: number[] } {
  const store = makeStore({ maxFutureMs: 100 * DAY }, settings);
  const ref = resolve(store, { __name__: 'm' });
  for (let i = 0; i < 2 * 24 * 60; i++) store.append(ref, T0 + i * 30 * SECOND, i);
  const resets: number[] = [];
  store.listener = {
    seriesAdded: () => {},
    seriesRemoved: () => {},
    seriesReset: (id) => void resets.push(id),
    seriesResumed: () => {},
  };
  return { store, resets };
}

test('setRules() keeps the rings where only other settings change', () => {
  const { store, resets } = filledStore();
  const id = onlyId(store);
  const before = store.trainingView(id);
  const rule = makeRule({ horizonMs: 2 * DAY });
  applyRules(store, () => rule);
  assert.equal(store.rule(id), rule);
  assert.deepEqual(store.trainingView(id), before);
  assert.equal(store.trainingView(id).coarse.memory, before.coarse.memory);
  assert.deepEqual(resets, []);
});

test('setRules() lays the history out anew where the resolution allows, else starts empty', () => {
  const cases: [
    name: string,
    from: Partial<SeriesSettings>,
    to: Partial<SeriesSettings>,
    keeps: 'all' | 'history' | 'nothing',
  ][] = [
    ['a longer history', {}, { historyMs: 5 * DAY }, 'all'],
    ['a coarser resolution', {}, { resolutionMs: 30 * MINUTE }, 'all'],
    ['a coarser step of a mean', {}, { stepMs: 5 * MINUTE }, 'history'],
    ['a coarser step of a rate', { aggregate: 'rate' }, { aggregate: 'rate', stepMs: 5 * MINUTE }, 'history'],
    ['a coarser step of a maximum', { aggregate: 'max' }, { aggregate: 'max', stepMs: 5 * MINUTE }, 'nothing'],
    ['a finer resolution', {}, { resolutionMs: 5 * MINUTE }, 'nothing'],
    ['another aggregate', {}, { aggregate: 'max' }, 'nothing'],
  ];
  for (const [name, from, to, keeps] of cases) {
    const { store, resets } = filledStore(from);
    const id = onlyId(store);
    const historyBefore = store.readHistory(id, 0, Infinity);
    const stepsBefore = store.readSteps(id, 0, Infinity);
    const rule = makeRule(to);
    applyRules(store, () => rule);
    assert.deepEqual(resets, [id], name);
    assert.ok(store.stats.ringBytes < 1.1 * 2 ** 20, `${name}: one slab, not ${store.stats.ringBytes} bytes`);
    const { timesMs, values } = store.readHistory(id, 0, Infinity);
    const { resolutionMs } = rule.settings;
    const buckets = keeps === 'nothing' ? 0 : (24 * HOUR) / resolutionMs;
    assert.equal(timesMs.length, buckets, name);
    const group = resolutionMs / (10 * MINUTE);
    const want = Array.from({ length: buckets }, (_, bucket) => {
      const of = historyBefore.values.subarray(bucket * group, (bucket + 1) * group);
      return of.reduce((sum, value) => sum + value, 0) / group;
    });
    const errors = want.map((value, i) => Math.abs(values[i]! - value));
    assert.ok(Math.max(0, ...errors) < 1e-3, `${name}: ${Math.max(...errors)}`);
    assert.deepEqual(
      store.readSteps(id, 0, Infinity).values,
      keeps === 'all' ? stepsBefore.values : new Float64Array(0),
      name,
    );
    assert.equal(store.newestSampleMs(id), keeps === 'nothing' ? Number.NaN : T0 + DAY - 30 * SECOND, name);
  }
});

test('setRules() forgets the variance within buckets where the buckets are others', () => {
  const { store } = filledStore();
  const id = onlyId(store);
  const before = store.trainingView(id).withinBucketVariance;
  const rules = [makeRule({ historyMs: 5 * DAY }), makeRule({ resolutionMs: 30 * MINUTE })];
  const after = rules.map((rule) => {
    applyRules(store, () => rule);
    return store.trainingView(id).withinBucketVariance;
  });
  assert.ok(before > 0);
  assert.deepEqual(after, [before, 0]);
});

test('after setRules() samples go on where they were', () => {
  const { store } = filledStore();
  const id = onlyId(store);
  const rule = makeRule({ historyMs: 5 * DAY });
  applyRules(store, () => rule);
  const ref = resolve(store, { __name__: 'm' });
  const [last, beforeLast] = [2 * 24 * 60 - 1, 2 * 24 * 60 - 2];
  store.append(ref, T0 + DAY - 15 * SECOND, 0);
  assert.equal(store.stepValue(id, T0 + DAY - MINUTE), (last + beforeLast) / 3);
  const coarse = makeRule({ stepMs: 5 * MINUTE });
  applyRules(store, () => coarse);
  store.append(ref, T0 + DAY - 10 * SECOND, 4);
  store.append(ref, T0 + DAY - 5 * SECOND, 8);
  assert.equal(store.stepValue(id, T0 + DAY - 5 * MINUTE), 6);
});

test('setRules() removes what no rule matches, and looks anew at what was ignored', () => {
  const rule = makeRule();
  const only =
    (...names: string[]) =>
    (labels: Parameters<typeof labelValue>[0]): Rule | undefined =>
      names.includes(labelValue(labels, METRIC_NAME)) ? rule : undefined;
  const store = makeStore({ chooseRule: only('a', 'b') });
  const removed: number[] = [];
  store.listener = {
    seriesAdded: () => {},
    seriesRemoved: (id) => void removed.push(id),
    seriesReset: () => {},
    seriesResumed: () => {},
  };
  assert.deepEqual(
    ['a', 'b', 'c'].map((name) => resolve(store, { __name__: name }) >= 0),
    [true, true, false],
  );
  applyRules(store, only('b', 'c'));
  assert.deepEqual(removed, [0]);
  assert.deepEqual(
    ['a', 'b', 'c'].map((name) => resolve(store, { __name__: name }) >= 0),
    [false, true, true],
  );
  assert.equal(resolve(store, { __name__: 'a' }), Untracked.noRule);
  assert.equal(store.size, 2);
});

test('setRules() holds no more memory after a thousand reloads', () => {
  const { store } = filledStore();
  for (let i = 0; i < 1000; i++) {
    const rule = makeRule({ historyMs: (2 + (i % 2)) * DAY });
    applyRules(store, () => rule);
  }
  assert.ok(store.stats.ringBytes < 1.1 * 2 ** 20, `one slab, not ${store.stats.ringBytes} bytes`);
  assert.equal(store.readHistory(onlyId(store), 0, Infinity).values.length, 144);
});
