import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sparklinePaths } from '#src/ui/list/sparkline.js';

test('a sparkline draws the values with their gaps, inside the interval', () => {
  const data = { values: [0, null, 10, 5], yhat_lower: [2, 2, 2, 2], yhat_upper: [8, 8, 8, 8] };
  assert.deepEqual(sparklinePaths(data, 30, 12), {
    line: 'M0.0 11.0M20.0 1.0L30.0 6.0',
    interval: 'M0.0 3.0L10.0 3.0L20.0 3.0L30.0 3.0L30.0 9.0L20.0 9.0L10.0 9.0L0.0 9.0Z',
  });
});

test('a series without values, without a forecast, or that never changes has no part that is not there', () => {
  assert.deepEqual(sparklinePaths({ values: [null], yhat_lower: [], yhat_upper: [] }, 30, 12), {
    line: '',
    interval: '',
  });
  assert.deepEqual(sparklinePaths({ values: [4, 4], yhat_lower: [], yhat_upper: [] }, 30, 12), {
    line: 'M0.0 6.0L30.0 6.0',
    interval: '',
  });
});
