import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeadMeasures } from '#src/backtest/measure/lead-errors.js';
import { formatByLead, totalsByLead } from '#src/backtest/summary/by-lead.js';
import type { SeriesResult } from '#src/backtest/task/task.js';
import { HOUR } from '../../fixtures.js';

function lead(leadMs: number, error: number, given: Partial<LeadMeasures> = {}): LeadMeasures {
  const others = { forecasts: 10, dayAgoError: 2, nowError: 4, linearError: 8, coverage: 0.9, intervalScore: 1 };
  return { leadMs, error, ...others, ...given };
}

const results = (...leads: readonly LeadMeasures[][]) =>
  leads.map((each) => ({ leads: each }) as unknown as SeriesResult);

test('errors by lead time are medians over the series, beside what else one would take', () => {
  const path = lead(Number.NaN, 3);
  const totals = totalsByLead(
    results([path, lead(6 * HOUR, 1), lead(HOUR, 0.5)], [lead(HOUR, 1.5), lead(6 * HOUR, 2, { coverage: 0.5 })]),
  );
  assert.deepEqual(
    totals.map(({ leadMs, series, mase }) => [leadMs, series, mase]),
    [
      [HOUR, 2, 0.5],
      [6 * HOUR, 2, 0.75],
      [Number.NaN, 1, 1.5],
    ],
  );
  const { nowMase, linearMase, coverage } = totals[1]!;
  assert.deepEqual([nowMase, linearMase, coverage], [2, 4, 0.7]);
});

test('a series without a day before, or that never varies, says nothing of lead times', () => {
  assert.deepEqual(totalsByLead(results([lead(HOUR, 1, { forecasts: 0 })], [lead(HOUR, 1, { dayAgoError: 0 })])), []);
  assert.equal(formatByLead(results([])), '');
});

test('the table names each lead time, and "as yesterday" is 1', () => {
  const [title, header, row, last] = formatByLead(results([lead(6 * HOUR, 1), lead(Number.NaN, 3)])).split('\n');
  assert.equal(title, 'Forecasts by lead time');
  assert.match(header!, /^forecast ahead +MASE +as yesterday +as now +predict_linear +coverage$/);
  assert.match(row!, /^6 h +0\.50 +1\.00 +2\.00 +4\.00 +0\.900$/);
  assert.match(last!, /^all up to a day +1\.50/);
});
