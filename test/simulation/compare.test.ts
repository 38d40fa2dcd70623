import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUR, MINUTE } from '../fixtures.js';
import { differences } from './compare.js';
import type { FinalSeries, Outcome } from './simulation.js';
import { scrapeTimes } from './workload.js';

const T = Date.UTC(2026, 0, 5);
const STEP_MS = 4 * MINUTE;
const RESOLUTION_MS = 20 * MINUTE;

/** The end of a run with one series, whose buckets begin at these times, with these values and this forecast. */
function outcome(
  history: Readonly<Record<number, number>>,
  yhat: number,
  { refused = [] as readonly number[], suspectMs = 0 } = {},
): Outcome {
  const series: FinalSeries = {
    stepMs: STEP_MS,
    resolutionMs: RESOLUTION_MS,
    steps: new Map([[T + HOUR + STEP_MS / 2, 5]]),
    history: new Map(Object.entries(history).map(([at, value]) => [Number(at) + RESOLUTION_MS / 2, value])),
    fittedAtMs: T,
    yhat: Float64Array.of(yhat),
    width: 1,
    leftOut: { excluded: [], levelShifts: [], suspect: suspectMs === 0 ? [] : [{ fromMs: T, toMs: T + suspectMs }] },
  };
  return {
    violations: [],
    faults: new Map(),
    series: new Map([['load', series]]),
    refused: new Set(refused.map((timeMs) => `load ${timeMs}`)),
    excluded: 0,
    incidents: 0,
    starts: 1,
  };
}

const BUCKETS = { [T]: 1, [T + RESOLUTION_MS]: 2 };
const [REFUSED] = scrapeTimes(T + RESOLUTION_MS + MINUTE, T + 2 * RESOLUTION_MS) as unknown as [number];

test('a forecast that differs is a fault where the buffers and what is left out are the same', () => {
  const undisturbed = outcome(BUCKETS, 10);
  assert.deepEqual(differences(outcome(BUCKETS, 10.009), undisturbed), []);
  assert.match(differences(outcome(BUCKETS, 10.02), undisturbed).join(), /^forecast of load: off by/);
  assert.match(differences(outcome(BUCKETS, 10.02, { refused: [REFUSED] }), undisturbed).join(), /^forecast of load/);
  assert.deepEqual(differences(outcome(BUCKETS, 10.02, { suspectMs: MINUTE }), undisturbed), []);
});

test('a bucket that lacks samples which Sentio refused may differ, and so may the forecast that is made of it', () => {
  const undisturbed = outcome(BUCKETS, 10);
  const other = { ...BUCKETS, [T + RESOLUTION_MS]: 2.1 };
  assert.deepEqual(differences(outcome(other, 10.02, { refused: [REFUSED] }), undisturbed), []);
});

test('a bucket that differs otherwise is a fault, and is no excuse for the forecast', () => {
  const undisturbed = outcome(BUCKETS, 10);
  const found = differences(outcome({ ...BUCKETS, [T]: 1.1 }, 10.02), undisturbed);
  assert.match(found.join('\n'), /^history of load at .*: 1\.1 instead of 1\nforecast of load: off by/);
});
