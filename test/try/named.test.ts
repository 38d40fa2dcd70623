import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveRange } from '#src/backtest/input/live-range.js';
import { readNamed } from '#src/try/named.js';

test('a selector is asked for in a form that Prometheus before 3.0 knows, an expression as it is', async () => {
  const asked: string[] = [];
  const range = {
    shownUrl: 'http://prometheus/',
    instant: async (expression: string) => {
      asked.push(expression);
      return [];
    },
  } as unknown as LiveRange;
  for (const text of ['{"http.server.active"}', 'sum(rate(m_total[5m]))']) {
    await assert.rejects(readNamed(range, [text], { startMs: 0, endMs: 1 }), /gives no series now/);
  }
  assert.deepEqual(asked, ['count({__name__="http.server.active"})', 'count(sum(rate(m_total[5m])))']);
});
