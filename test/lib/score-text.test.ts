import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scoreText } from '#src/lib/score-text.js';

const texts: readonly (readonly [score: number, text: string])[] = [
  [0, '0.00'],
  [0.125, '0.12'],
  [0.9996, '0.99'],
  [1, '1.00'],
  [1.0001, '1.01'],
  [1.234, '1.23'],
  [164.669, '164.67'],
];
for (const [score, text] of texts) {
  test(`a score of ${score} is ${text}`, () => assert.equal(scoreText(score), text));
}
