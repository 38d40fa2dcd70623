import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelValue } from '#src/model/labels/labels.js';
import { parseSelector } from '#src/model/labels/selector.js';
import { SampleOutcome, Untracked } from '#src/model/samples/write-sink.js';
import type { SeriesReference } from '#src/model/settings/series-reference.js';
import type { SeriesStore } from '#src/series/series-store.js';
import { HOUR, MINUTE } from '../../fixtures.js';
import { applyRules, makeRule, makeStore, onlyId, othersSend, resolve, send, T0 } from '../fixture.js';

function referenceTo(selector: string, match: Pick<SeriesReference, 'on' | 'ignoring'> = {}, factor = 1) {
  return { selector, matchers: parseSelector(selector), ...match, factor };
}

/** A store of which a rule tracks `used` alone. */
function storeFor(...references: SeriesReference[]): SeriesStore {
  const rule = makeRule();
  return makeStore({
    chooseRule: (labels) => (labelValue(labels, '__name__') === 'used' ? rule : undefined),
    references,
  });
}

const everything = (...references: SeriesReference[]) => makeStore({ references });

function idOf(store: SeriesStore, labels: Record<string, string>): number {
  store.beginRequest(T0);
  const ref = resolve(store, labels);
  const found = [...store.ids()].find((id) =>
    JSON.stringify(store.labels(id)).includes(JSON.stringify(labels.disk ?? '')),
  );
  assert.ok(ref >= 0 && found !== undefined);
  return found;
}

test('the value of a series that no rule tracks is known to those whose labels are all the same', () => {
  const size = referenceTo('size');
  const store = storeFor(size);
  const [a, b] = ['a', 'b'].map((disk) => idOf(store, { __name__: 'used', disk }));
  assert.equal(store.match(a!, size), 'none');
  assert.equal(send(store, { __name__: 'size', disk: 'a' }, T0, 100), SampleOutcome.stored);
  send(store, { __name__: 'size', disk: 'b', type: 'ssd' }, T0, 200);
  assert.equal(store.match(a!, size), 100);
  assert.equal(store.match(b!, size), 'none', 'a label more is another label set');
  assert.equal(store.size, 2, 'it is not tracked');
  assert.equal(store.referencedSize, 2);
  assert.deepEqual([store.unmatched.count, [...store.unmatched.examples]], [0, []]);
});

test('on names the labels that have to match, ignoring those that do not', () => {
  const on = referenceTo('size', { on: ['disk'] });
  const ignoring = referenceTo('size', { ignoring: ['type'] });
  const missing = referenceTo('size', { on: ['rack'] });
  const store = storeFor(on, ignoring, missing);
  const id = idOf(store, { __name__: 'used', disk: 'a', state: 'x' });
  send(store, { __name__: 'size', disk: 'a', type: 'ssd' }, T0, 100);
  assert.equal(store.match(id, on), 100);
  assert.equal(store.match(id, ignoring), 'none', 'the label state has to match too');
  assert.equal(store.match(id, missing), 100, 'a label that neither has is the same in both');
});

test('the selector decides which series count, and the factor is applied to their value', () => {
  const hard = referenceTo('quota{type="hard"}', { ignoring: ['type'] }, 0.5);
  const store = storeFor(hard);
  const id = idOf(store, { __name__: 'used', disk: 'a' });
  send(store, { __name__: 'quota', disk: 'a', type: 'hard' }, T0, 100);
  assert.equal(resolve(store, { __name__: 'quota', disk: 'a', type: 'used' }), Untracked.noRule);
  assert.equal(store.match(id, hard), 50);
  assert.equal(store.referencedSize, 1);
});

test('a series that a rule tracks is known by its rings, by the last sample of the step', () => {
  const size = referenceTo('size', { on: ['disk'] });
  const store = everything(size);
  const id = idOf(store, { __name__: 'used', disk: 'a' });
  send(store, { __name__: 'size', disk: 'a' }, T0, 100);
  send(store, { __name__: 'size', disk: 'a' }, T0 + 1000, 300);
  assert.equal(store.match(id, size), 300);
  assert.equal(store.referencedSize, 0);
});

test('of a counter and of a maximum the last sample counts too', () => {
  for (const aggregate of ['rate', 'max', 'last'] as const) {
    const size = referenceTo('size', { on: [] });
    const store = makeStore({ references: [size] }, { aggregate });
    for (const [second, value] of [100, 200, 300].entries())
      send(store, { __name__: 'size' }, T0 + 15_000 * second, value);
    assert.equal(store.match(onlyId(store), size), 300, aggregate);
  }
});

test('a value that changes holds from its sample on, and one that ends stays until it is idle', () => {
  const size = referenceTo('size', { on: [] });
  const store = storeFor(size);
  const id = idOf(store, { __name__: 'used', disk: 'a' });
  send(store, { __name__: 'size' }, T0, 100);
  send(store, { __name__: 'size' }, T0 + MINUTE, 150);
  assert.equal(store.match(id, size), 150);
  store.beginRequest(T0 + 2 * MINUTE);
  store.appendStale(resolve(store, { __name__: 'size' }), T0 + 2 * MINUTE);
  assert.equal(store.match(id, size), 150);
  othersSend(store, T0 + 2 * MINUTE, T0 + 2 * HOUR);
  store.touch(id);
  store.sweepIdle();
  assert.equal(store.match(id, size), 'none');
  assert.equal(store.referencedSize, 0);
  send(store, { __name__: 'size' }, T0 + 2 * HOUR, 170);
  assert.equal(store.match(id, size), 170, 'it is found again, though its labels were known');
});

test('a sample too far ahead of the clock is refused, as of a tracked series', () => {
  const store = storeFor(referenceTo('size'));
  store.beginRequest(T0);
  assert.equal(store.append(resolve(store, { __name__: 'size' }), T0 + 11 * MINUTE, 1), SampleOutcome.tooNew);
  assert.equal(store.appendStale(resolve(store, { __name__: 'size' }), T0 + 11 * MINUTE), SampleOutcome.tooNew);
});

test('two replicas send one series, because external labels do not count', () => {
  const size = referenceTo('size', { on: [] });
  const store = storeFor(size);
  const id = idOf(store, { __name__: 'used', disk: 'a' });
  send(store, { __name__: 'size', replica: 'x' }, T0, 100);
  send(store, { __name__: 'size', replica: 'y' }, T0 + 1, 101);
  assert.equal(store.referencedSize, 1);
  assert.equal(store.match(id, size), 101);
});

test('new rules keep the values that they refer to, and track what they match', () => {
  const size = referenceTo('size', { on: ['disk'] });
  const store = storeFor(size, referenceTo('quota'));
  const id = idOf(store, { __name__: 'used', disk: 'a' });
  send(store, { __name__: 'size', disk: 'a' }, T0, 100);
  send(store, { __name__: 'quota', disk: 'a' }, T0, 1);
  assert.equal(store.referencedSize, 2);

  const same = referenceTo('size', { on: ['disk'] });
  applyRules(store, (labels) => (labelValue(labels, '__name__') === 'used' ? makeRule() : undefined), [same]);
  assert.deepEqual([store.referencedSize, store.match(id, same)], [1, 100]);

  const tracking = makeRule();
  applyRules(store, () => tracking, [same]);
  send(store, { __name__: 'size', disk: 'a' }, T0 + MINUTE, 120);
  assert.deepEqual([store.referencedSize, store.size, store.match(id, same)], [0, 2, 120]);

  applyRules(store, (labels) => (labelValue(labels, '__name__') === 'used' ? tracking : undefined), [same]);
  assert.equal(store.match(id, same), 'none', 'its rings are gone');
  send(store, { __name__: 'size', disk: 'a' }, T0 + 2 * MINUTE, 130);
  assert.deepEqual([store.referencedSize, store.match(id, same)], [1, 130]);
});

test('an id that another series gets has the values of its own labels', () => {
  const size = referenceTo('size', { on: ['disk'] });
  const store = storeFor(size);
  const id = idOf(store, { __name__: 'used', disk: 'a' });
  send(store, { __name__: 'size', disk: 'a' }, T0, 100);
  assert.equal(store.match(id, size), 100);
  store.clear();
  assert.equal(idOf(store, { __name__: 'used', disk: 'b' }), id);
  assert.equal(store.match(id, size), 'none');
});

test('no more values are kept than series may be tracked', () => {
  const store = makeStore({ chooseRule: () => undefined, references: [referenceTo('size')], maxSeries: 2 });
  for (const disk of ['a', 'b', 'c']) resolve(store, { __name__: 'size', disk });
  assert.equal(store.referencedSize, 2);
  assert.equal(store.unmatched.count, 1);
});

test('values survive a restart as far as rules refer to them', () => {
  const size = referenceTo('size', { on: ['disk'] });
  const before = storeFor(size, referenceTo('quota'));
  send(before, { __name__: 'size', disk: 'a' }, T0, 100);
  send(before, { __name__: 'quota', disk: 'a' }, T0, 1);
  const text = Buffer.concat([...before.saveReferenced()]).toString();

  const store = storeFor(size);
  const id = idOf(store, { __name__: 'used', disk: 'a' });
  store.restoreReferenced(text);
  assert.deepEqual([store.referencedSize, store.match(id, size)], [1, 100]);
  send(store, { __name__: 'size', disk: 'a' }, T0 + MINUTE, 110);
  assert.deepEqual([store.referencedSize, store.match(id, size)], [1, 110]);
  assert.throws(() => storeFor(size).restoreReferenced('{}'), SyntaxError);
});
