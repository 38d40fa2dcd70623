import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorInWords, pagesInWords } from '#src/backtest/summary/plain-words.js';
import type { Totals } from '#src/backtest/summary/totals.js';
import { DAY, HOUR } from '../../fixtures.js';

test('an error is said in per cent of that of "same as yesterday"', () => {
  assert.equal(errorInWords(0.73), 'The forecast error is 27 % smaller than that of “same as yesterday”');
  assert.equal(errorInWords(1.5), 'The forecast error is 50 % larger than that of “same as yesterday”');
  assert.equal(errorInWords(1.001), 'The forecast error is that of “same as yesterday”');
  assert.equal(errorInWords(Number.NaN), undefined);
});

test('how often somebody would have been paged is a sentence', () => {
  const totals = (count: number, alarms: number, trackedMs = 7 * DAY) =>
    ({ trackedMs, alarms, messages: { count, atNight: count - 1, longestMs: 3 * HOUR } }) as Totals;
  assert.equal(pagesInWords(totals(0, 0)), 'Over 7 d you would not have been paged.');
  assert.equal(pagesInWords(totals(0, 2)), 'Over 7 d you would not have been paged for 2 alarms.');
  assert.equal(
    pagesInWords(totals(1, 1)),
    'Over 7 d you would have been paged once: 1.0 times a week, never at night; the longest lasted 3 h.',
  );
  assert.equal(
    pagesInWords(totals(4, 9)),
    'Over 7 d you would have been paged 4 times for 9 alarms: 4.0 times a week, 3 times at night; the longest lasted 3 h.',
  );
});

test('less than a week has no rate', () => {
  const messages = { count: 1, atNight: 0, longestMs: HOUR };
  assert.equal(
    pagesInWords({ trackedMs: 8 * HOUR, alarms: 1, messages } as Totals),
    'Over 8 h you would have been paged once: too short to say a rate, never at night; the longest lasted 60 min.',
  );
});
