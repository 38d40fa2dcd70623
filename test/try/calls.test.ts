import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeriesResult } from '#src/backtest/task/task.js';
import { callsOf } from '#src/try/calls.js';
import { MINUTE } from '../fixtures.js';

/** A series with alarms from minute to minute. */
function result(name: string, ...alarms: [startMinute: number, endMinute: number][]): SeriesResult {
  const anomalies = alarms.map(([start, end]) => ({ startMs: start * MINUTE, endMs: end * MINUTE }));
  return { name, stepMs: MINUTE, anomalies } as unknown as SeriesResult;
}

test('alarms of several series that meet, or nearly, are one call', () => {
  const calls = callsOf([result('a', [100, 105], [300, 301]), result('b', [110, 120]), result('c', [500, 501])]);
  assert.deepEqual(
    calls.map(({ startMs, series }) => [startMs / MINUTE, series]),
    [
      [100, ['a', 'b']],
      [300, ['a']],
      [500, ['c']],
    ],
  );
});

test('a series that comes and goes is named once', () => {
  assert.deepEqual(
    callsOf([result('a', [0, 5], [9, 12])]).map(({ series }) => series),
    [['a']],
  );
});
