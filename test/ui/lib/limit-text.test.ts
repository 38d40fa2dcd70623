import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitTexts } from '#src/ui/lib/limit-text.js';
import { localDayTime } from '#src/ui/lib/times.js';

const at = (seconds: number) => `at ${localDayTime(seconds).slice(0, -3)}`;

test('a limit within the horizon is a sentence: when, and at the earliest', () => {
  assert.deepEqual(limitTexts({ reaches_limit: { max: { expected: 90_000, earliest: 40_000 } } }), [
    `If it goes on as it does, it reaches the max of its rule ${at(90_000)}, ${at(40_000)} at the earliest.`,
  ]);
  assert.deepEqual(limitTexts({ reaches_limit: { min: { expected: 600, earliest: 600 } } }), [
    `If it goes on as it does, it reaches the min of its rule ${at(600)}.`,
  ]);
});

test('a limit that only the near edge reaches may be reached', () => {
  assert.deepEqual(limitTexts({ reaches_limit: { max: { expected: null, earliest: 600 } } }), [
    `It may reach the max of its rule ${at(600)}.`,
  ]);
});

test('nothing is said of a series that reaches none, or has none', () => {
  assert.deepEqual(limitTexts({ reaches_limit: { max: { expected: null, earliest: null } } }), []);
  assert.deepEqual(limitTexts({}), []);
});
