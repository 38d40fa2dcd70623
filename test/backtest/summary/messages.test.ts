import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messagesOf } from '#src/backtest/summary/messages.js';
import type { SeriesResult } from '#src/backtest/task/task.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { HOUR, MINUTE } from '../../fixtures.js';

const NOON = Date.UTC(2026, 0, 5, 12);

/** A series with alarms from minute to minute after noon, at steps of a minute. */
function result(job: string, alarms: readonly [number, number][], timezone = 'UTC'): SeriesResult {
  const anomalies = alarms.map(([start, end]) => ({
    startMs: NOON + start * MINUTE,
    endMs: NOON + (end - 1) * MINUTE,
  }));
  return { labels: makeLabels({ job }), timezone, stepMs: MINUTE, anomalies } as unknown as SeriesResult;
}

test('fifty series of one job that alarm together are one message, and of another job another', () => {
  const together = Array.from({ length: 50 }, () => result('shop', [[0, 30]]));
  assert.equal(messagesOf(together).count, 1);
  assert.equal(messagesOf([...together, result('bank', [[0, 30]])]).count, 2);
});

test('what joins while others fire is one more message, all that joins within five minutes', () => {
  const { count, longestMs } = messagesOf([
    result('shop', [[0, 60]]),
    result('shop', [[20, 30]]),
    result('shop', [[21, 90]]),
  ]);
  assert.deepEqual([count, longestMs], [2, 90 * MINUTE]);
});

test('what comes again later is another message', () => {
  assert.deepEqual(
    messagesOf([
      result('shop', [
        [0, 10],
        [200, 210],
      ]),
    ]),
    { count: 2, atNight: 0, longestMs: 10 * MINUTE },
  );
});

test('a single step of a minute is no alert', () => {
  assert.deepEqual(messagesOf([result('shop', [[0, 1]])]), { count: 0, atNight: 0, longestMs: 0 });
});

test('it is night by the clock of the rule', () => {
  assert.equal(messagesOf([result('shop', [[0, 30]])]).atNight, 0);
  assert.equal(messagesOf([result('shop', [[0, 30]], 'Asia/Tokyo')]).atNight, 0);
  assert.equal(messagesOf([result('shop', [[2 * (HOUR / MINUTE), 150]], 'Asia/Tokyo')]).atNight, 1);
});
