import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orFailure } from '#src/backtest/task/replay-task.js';
import type { BacktestTask } from '#src/backtest/task/task.js';
import { UsageError } from '#src/lib/errors.js';

const TASK = { name: 'web.csv' } as BacktestTask;

test('orFailure() returns what a person can act on, and throws a fault of ours on', () => {
  assert.deepEqual(
    orFailure(TASK, () => {
      throw new UsageError('web.csv: line 3 has no value');
    }),
    { name: 'web.csv', error: 'web.csv: line 3 has no value' },
  );
  // V8 throws these too.
  assert.throws(() => orFailure(TASK, () => ({ error: String(new Array(-1)) })), RangeError);
  const recurse = (): number => 1 + recurse();
  assert.throws(() => orFailure(TASK, () => ({ error: String(recurse()) })), RangeError);
});
