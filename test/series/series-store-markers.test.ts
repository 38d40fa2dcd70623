import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MarkerStore } from '#src/markers/marker-store.js';
import type { Labels } from '#src/model/labels/labels.js';
import { parseSelector } from '#src/model/labels/selector.js';
import { SampleOutcome, Untracked } from '#src/model/samples/write-sink.js';
import type { Rule } from '#src/model/settings/settings.js';
import type { SeriesStoreOptions } from '#src/series/series-store.js';
import { HOUR, MINUTE, SECOND } from '../fixtures.js';
import { applyRules, makeRule, makeStore, onlyId, resolve, send, T0 } from './fixture.js';

const STEP = 15 * SECOND;
const { stored, tooNew, replica } = SampleOutcome;
const RELEASE = { __name__: 'release', job: 'x' };

/** A store that tracks what `chooseRule` says, with a marker on the value of `release`. */
function world(chooseRule: (labels: Labels) => Rule | undefined, options: Partial<SeriesStoreOptions> = {}) {
  const markers = new MarkerStore([{ name: 'release', selectors: [parseSelector('release')], labels: [] }]);
  const store = makeStore({ chooseRule, markers, ...options });
  const changes = () => markers.between(0, T0 + HOUR).map(({ changes: [change] }) => `${change!.from} → ${change!.to}`);
  return { markers, store, changes };
}

const rule = makeRule();
const tracksAll = () => rule;
const tracksNothing = () => undefined;

for (const [who, chooseRule, size] of [
  ['that no rule wants', tracksNothing, 0],
  ['that is tracked', tracksAll, 1],
] as const) {
  test(`a series ${who} marks its changes`, () => {
    const { store, changes } = world(chooseRule);
    for (const [i, value] of [7, 7, 8, 8, Number.NaN, 9].entries()) send(store, RELEASE, T0 + i * STEP, value);
    assert.deepEqual(changes(), ['7 → 8', '8 → 9']);
    assert.deepEqual([store.size, store.unmatched.count], [size, 0]);
  });

  test(`of two replicas of a series ${who} one is listened to`, () => {
    const { store, changes } = world(chooseRule);
    send(store, { ...RELEASE, replica: 'a' }, T0, 7);
    send(store, { ...RELEASE, replica: 'a' }, T0 + STEP, 8);
    send(store, { ...RELEASE, replica: 'b' }, T0 + STEP + 1, 7);
    send(store, { ...RELEASE, replica: 'a' }, T0 + 2 * STEP, 8);
    assert.deepEqual(changes(), ['7 → 8']);
  });

  test(`a sample of a series ${who} that is too far ahead of the clock changes nothing`, () => {
    const { store, changes } = world(chooseRule);
    assert.equal(send(store, RELEASE, T0, 7), stored);
    assert.equal(store.append(resolve(store, RELEASE), T0 + HOUR, 8), tooNew);
    assert.equal(store.appendStale(resolve(store, RELEASE), T0 + HOUR), tooNew);
    assert.deepEqual(changes(), []);
    send(store, RELEASE, T0 + STEP, 9);
    assert.deepEqual(changes(), ['7 → 9']);
  });

  test(`a stale marker ends a series ${who}, and another replica takes over`, () => {
    const { store, changes } = world(chooseRule);
    send(store, { ...RELEASE, replica: 'a' }, T0, 7);
    assert.equal(store.appendStale(resolve(store, { ...RELEASE, replica: 'a' }), T0 + STEP), stored);
    send(store, { ...RELEASE, replica: 'b' }, T0 + 2 * STEP, 8);
    assert.deepEqual(changes(), ['7 → 8']);
  });
}

test('a marker that is refused because of a limit still marks, and is tracked once there is room', () => {
  const { store, changes } = world(tracksAll, { maxSeries: 1 });
  send(store, { __name__: 'up' }, T0, 1);
  assert.equal(resolve(store, { __name__: 'down' }), Untracked.seriesLimit);
  send(store, RELEASE, T0 + STEP, 7);
  send(store, RELEASE, T0 + 2 * STEP, 8);
  assert.deepEqual(changes(), ['7 → 8']);
  for (let ms = T0; ms <= T0 + 3 * HOUR; ms += 5 * MINUTE) store.beginRequest(ms);
  assert.equal(store.sweepIdle(), 1);
  send(store, RELEASE, T0 + 3 * HOUR, 8);
  assert.equal(store.size, 1);
});

test('a new rule and a new marker apply to series that are there', () => {
  const { markers, store, changes } = world(tracksNothing);
  send(store, RELEASE, T0, 7);
  applyRules(store, tracksAll);
  send(store, RELEASE, T0 + STEP, 8);
  assert.deepEqual([store.size, changes()], [1, ['7 → 8']]);
  markers.setMarkers([]);
  applyRules(store, tracksAll);
  send(store, RELEASE, T0 + 2 * STEP, 9);
  assert.deepEqual([onlyId(store), changes()], [0, []]);
  markers.setMarkers([{ name: 'again', selectors: [parseSelector('release')], labels: [] }]);
  applyRules(store, tracksAll);
  send(store, RELEASE, T0 + 3 * STEP, 9);
  send(store, RELEASE, T0 + 4 * STEP, 10);
  assert.deepEqual(changes(), ['9 → 10']);
});

test('an id that another series is given does not speak for the one that had it', () => {
  const { store, changes } = world(tracksAll);
  send(store, RELEASE, T0, 7);
  store.clear();
  send(store, { ...RELEASE, job: 'y' }, T0 + STEP, 8);
  send(store, { ...RELEASE, job: 'y' }, T0 + 2 * STEP, 9);
  assert.deepEqual(changes(), ['8 → 9']);
});

test('a marker whose ref was given up is found again', () => {
  for (const chooseRule of [tracksAll, tracksNothing]) {
    const { markers, store, changes } = world(chooseRule);
    send(store, RELEASE, T0, 7);
    // All its refs are new.
    markers.setMarkers([{ name: 'release', selectors: [parseSelector('release')], labels: [] }]);
    send(store, RELEASE, T0 + STEP, 8);
    assert.deepEqual(changes(), ['7 → 8']);
  }
});

test('a sample from a replica that is not elected is counted so', () => {
  const { store } = world(tracksAll);
  send(store, { ...RELEASE, replica: 'a' }, T0, 7);
  assert.equal(send(store, { ...RELEASE, replica: 'b' }, T0 + 1, 7), replica);
});
