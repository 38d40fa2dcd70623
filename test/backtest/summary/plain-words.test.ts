import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorInWords, pagesInWords } from '#src/backtest/summary/plain-words.js';
import type { Totals } from '#src/backtest/summary/totals.js';
import { DAY } from '../../fixtures.js';

test('an error is said in per cent of that of "same as yesterday"', () => {
  assert.equal(errorInWords(0.73), 'The forecast error is 27 % smaller than that of “same as yesterday”');
  assert.equal(errorInWords(1.5), 'The forecast error is 50 % larger than that of “same as yesterday”');
  assert.equal(errorInWords(1.001), 'The forecast error is that of “same as yesterday”');
  assert.equal(errorInWords(Number.NaN), undefined);
});

test('how often somebody would have been paged is a sentence', () => {
  const totals = (alarms: number) => ({ trackedMs: 7 * DAY, alarms, alarmsPerWeek: alarms }) as Totals;
  assert.equal(pagesInWords(totals(0)), 'Over 7 d you would not have been paged.');
  assert.equal(pagesInWords(totals(1)), 'Over 7 d you would have been paged once, 1.0 times a week.');
  assert.equal(pagesInWords(totals(9)), 'Over 7 d you would have been paged 9 times, 9.0 times a week.');
});
