import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Exclusions } from '#src/engine/exclusions/exclusions.js';
import { InstantReader } from '#src/engine/query/instant-reader.js';
import { ReadBudget } from '#src/engine/query/read-budget.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { parseSelector } from '#src/model/labels/selector.js';
import { MINUTE } from '../../fixtures.js';
import { START, storeWith } from '../fixture.js';

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
