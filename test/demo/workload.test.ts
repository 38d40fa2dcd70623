import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WORKLOAD, Workload } from '#src/demo/workload.js';
import { MINUTE, SECOND } from '../fixtures.js';

// Not at the start of a minute: whoever starts the demo does not wait for one.
const LIVE = Date.UTC(2026, 0, 5, 12, 34, 56);
const workload = new Workload({ noiseStepMs: 5 * SECOND, liveFromMs: LIVE });

test('the first anomaly strikes within ten seconds, and each series in its turn', () => {
  const struck = (timeMs: number) => workload.struckAt(timeMs);
  assert.equal(struck(LIVE + 10 * SECOND), WORKLOAD[0]);
  assert.equal(struck(LIVE + 30 * SECOND), undefined);
  assert.equal(struck(LIVE + 10 * SECOND + MINUTE), WORKLOAD[1]);
  assert.equal(struck(LIVE + 10 * SECOND + WORKLOAD.length * MINUTE), WORKLOAD[0]);
});

test('an anomaly is dated from the moment it is injected until the same series is struck again', () => {
  const [first, second] = WORKLOAD;
  let firstMs = LIVE;
  while (workload.struckAt(firstMs) !== first) firstMs += SECOND;
  assert.equal(workload.lastStruckMs(first!, firstMs - 1), undefined);
  assert.equal(workload.lastStruckMs(first!, firstMs + 7 * SECOND), firstMs);
  assert.equal(workload.lastStruckMs(second!, firstMs + 7 * SECOND), undefined);
  const againMs = firstMs + WORKLOAD.length * MINUTE;
  assert.equal(workload.lastStruckMs(first!, againMs - 1), firstMs);
  assert.equal(workload.lastStruckMs(first!, againMs), againMs);
});

test('the history is without anomalies', () => {
  for (let timeMs = LIVE - 10 * MINUTE; timeMs < LIVE; timeMs += SECOND)
    assert.equal(workload.struckAt(timeMs), undefined);
});

test('an anomaly changes the series it strikes by far more than its noise, and no other', () => {
  const timeMs = LIVE + 10 * SECOND;
  const struck = workload.at(timeMs);
  const usual = new Workload({ noiseStepMs: 5 * SECOND, liveFromMs: Number.POSITIVE_INFINITY }).at(timeMs);
  const changes = struck.map((value, i) => value - usual[i]!);
  assert.deepEqual([...changes], [WORKLOAD[0]!.anomaly, 0, 0, 0, 0, 0]);
  assert.ok(WORKLOAD.every(({ anomaly, noise }) => Math.abs(anomaly) > 10 * noise));
});
