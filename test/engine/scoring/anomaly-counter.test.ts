import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { AnomalyCounter } from '#src/engine/scoring/anomaly-counter.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { START, storeWith } from '../fixture.js';

test('AnomalyCounter counts an anomaly once, from 0, however long it lasts', async () => {
  const { store, append } = storeWith('load', 'step: 1m');
  append(START, 1);
  const registry = new Registry();
  const anomalies = new AnomalyCounter({ store, registry });
  const [id] = store.ids();
  const series = new TrackedSeries(id!);
  const counted = async () => (await registry.getMetricsAsJSON())[0]?.values.map(({ value }) => value);

  anomalies.add(series);
  assert.deepEqual(await counted(), [0]);
  const seen: unknown[] = [];
  let scoreBefore = Number.NaN;
  for (const score of [0.2, 1, 1.5, 3, Number.NaN, 2, 0.4, 1.1]) {
    anomalies.count(series, { score, scoreBefore });
    scoreBefore = score;
    seen.push(...(await counted())!);
  }
  assert.deepEqual(seen, [0, 0, 1, 1, 1, 2, 2, 3]);
});
