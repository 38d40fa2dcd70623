import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Exclusions } from '#src/engine/exclusions/exclusions.js';
import { InstantReader } from '#src/engine/query/instant-reader.js';
import { ReadBudget } from '#src/engine/query/read-budget.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { parseSelector } from '#src/model/labels/selector.js';
import { MINUTE } from '../../fixtures.js';
import { START, storeWith, trackedAround } from '../fixture.js';

/** What is served of a series without a model under these lines of YAML, whose newest closed step was scored 1.5. */
async function readYoung(ruleYaml: string) {
  const { store, append } = storeWith('m', ruleYaml);
  for (let i = 0; i <= 3; i++) append(START + i * MINUTE, 10);
  const series = new TrackedSeries([...store.ids()][0]!);
  const closedMs = START + 3 * MINUTE;
  series.score = 1.5;
  series.scoredUntilMs = closedMs;
  const reader = new InstantReader({
    store,
    exclusions: new Exclusions(store),
    externalLabels: [],
    ownershipGraceMs: 0,
    now: () => closedMs,
    tracked: () => [series],
    isTracked: () => true,
  });
  const answer = await reader.read(
    parseSelector('{__name__=~"m.*"}'),
    Float64Array.of(closedMs - MINUTE, closedMs),
    5 * MINUTE,
    {
      budget: new ReadBudget({ maxReadSeries: 10, maxReadSamples: 100, readTimeoutMs: 10_000 }),
      pause: async () => {},
    },
  );
  return answer.map(({ labels, values }) => [labels.find(({ name }) => name === '__name__')?.value, [...values]]);
}

test('a series with limits and no model has the score that was published, and none before it', async () => {
  assert.deepEqual(await readYoung('step: 1m\n    limits: {max: 5}'), [
    ['m', [10, 10]],
    ['m_anomaly_score', [Number.NaN, 1.5]],
  ]);
});

test('a series without limits and without a model is served as observed alone', async () => {
  assert.deepEqual(await readYoung('step: 1m'), [['m', [10, 10]]]);
});

/** What is served over the most points that a range may have, of a series that is there for so many pauses. */
async function readLongest(pausesUntilGone: number) {
  const { store, append, settings } = storeWith('m', 'step: 1m\n    horizon: 30d');
  append(START, 10);
  const series = trackedAround(10, settings, [...store.ids()][0]!);
  let pauses = 0;
  const reader = new InstantReader({
    store,
    exclusions: new Exclusions(store),
    externalLabels: [],
    ownershipGraceMs: 0,
    now: () => START,
    tracked: () => [series],
    isTracked: () => pauses < pausesUntilGone,
  });
  const answer = await reader.read(
    parseSelector('{__name__=~"m_yhat.*", sentio="forecast"}'),
    Float64Array.from({ length: 11_001 }, (_, i) => START + i * MINUTE),
    5 * MINUTE,
    {
      budget: new ReadBudget({ maxReadSeries: 10, maxReadSamples: 100_000, readTimeoutMs: 10_000 }),
      pause: async () => {
        pauses++;
      },
    },
  );
  return { answer, pauses };
}

test('one series over the most points of a range lets others in every 4,096 of them', async () => {
  const { answer, pauses } = await readLongest(Number.POSITIVE_INFINITY);
  assert.deepEqual(
    answer.map(({ values }) => values.length),
    [11_001, 11_001, 11_001],
  );
  // To select it, to evaluate it, and between three pieces of its times.
  assert.equal(pauses, 4);
});

test('a series that goes between two pieces of its times is left out', async () => {
  const { answer, pauses } = await readLongest(3);
  assert.deepEqual(answer, []);
  assert.equal(pauses, 3);
});
