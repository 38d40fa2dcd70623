import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareAlarms } from '#src/backtest/change/compare.js';
import type { Anomaly } from '#src/backtest/measure/anomalies.js';
import { MINUTE } from '../../fixtures.js';

const alarms = (...minutes: [start: number, end: number][]) =>
  minutes.map(([start, end]) => ({ startMs: start * MINUTE, endMs: end * MINUTE }) as Anomaly);
const minutesOf = (found: readonly Anomaly[]) => found.map(({ startMs }) => startMs / MINUTE);

test('alarms that meet, or nearly, are the same; others go or come', () => {
  const { gone, stayed, added } = compareAlarms(
    alarms([0, 5], [100, 120], [300, 310]),
    alarms([110, 140], [318, 320], [500, 501]),
    MINUTE,
  );
  assert.deepEqual([gone, stayed, added].map(minutesOf), [[0], [110, 318], [500]]);
});
