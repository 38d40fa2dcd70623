import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  alarmsInWords,
  changeInWords,
  errorInWords,
  foundInWords,
  pagesInWords,
} from '#src/backtest/summary/plain-words.js';
import type { Totals } from '#src/backtest/summary/totals.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';

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

test('what is rarer than every other week has no rate of 0.0', () => {
  const messages = { count: 2, atNight: 0, longestMs: HOUR };
  assert.equal(
    pagesInWords({ trackedMs: 280 * DAY, alarms: 2, messages } as Totals),
    'Over 280 d you would have been paged 2 times: about once in 20 weeks, never at night; the longest lasted 60 min.',
  );
  assert.equal(alarmsInWords(2, 280 * DAY), '0.05 a week');
});

test('less than a week has no rate', () => {
  const messages = { count: 1, atNight: 0, longestMs: HOUR };
  assert.equal(
    pagesInWords({ trackedMs: 8 * HOUR, alarms: 1, messages } as Totals),
    'Over 8 h you would have been paged once: too short to say a rate, never at night; the longest lasted 60 min.',
  );
});

test('alarms of less than a week are counted, those of more have a rate', () => {
  assert.equal(alarmsInWords(2, 14 * DAY), '1.0 a week');
  assert.equal(alarmsInWords(1, 8 * HOUR), '1 in 8 h');
  assert.equal(changeInWords(12, 3, 7 * DAY), '12.0 → 3.0 alarms a week');
  assert.equal(changeInWords(12, 3, 4 * DAY), '12 → 3 alarms, too short to say a weekly rate');
});

test('how many of the marked anomalies were found, and how soon, are two sentences', () => {
  const totals = { precision: 0.5, recall: 0.8, f1: 0.62, foundAfterMs: { median: 3 * MINUTE, worst: 2.2 * HOUR } };
  assert.deepEqual(foundInWords(totals), [
    'Of the anomalies that are marked 80 % were found, and 50 % of the alarms were about one (F1 0.62).',
    'They were found 3 min after their begin in the median, 2 h at worst.',
  ]);
});

test('nothing is said of how soon where none was found, and nothing at all without marks', () => {
  const none = { precision: Number.NaN, foundAfterMs: { median: Number.NaN, worst: Number.NaN } };
  assert.deepEqual(foundInWords({ ...none, recall: 0, f1: 0 }), [
    'Of the anomalies that are marked 0 % were found, and none of the alarms were about one (F1 0.00).',
  ]);
  assert.deepEqual(foundInWords({ ...none, recall: Number.NaN, f1: Number.NaN }), []);
});
