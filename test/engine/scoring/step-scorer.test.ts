import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StepScorer } from '#src/engine/scoring/step-scorer.js';
import { MINUTE } from '../../fixtures.js';
import { START, storeWith, trackedAround } from '../fixture.js';

function scoring(ruleYaml = 'step: 1m') {
  const source = storeWith('m', ruleYaml);
  source.append(START - MINUTE / 2, 50);
  const series = trackedAround(50, source.settings);
  const scorer = new StepScorer(source.store);
  return { ...source, series, score: (evaluationMs: number) => scorer.score(series, evaluationMs) };
}

test('a scored step has its value and score, and the score that it follows', () => {
  const { append, score } = scoring();
  const first = score(START);
  assert.equal(first.value, 50);
  assert.equal(first.scoreBefore, Number.NaN);
  append(START + MINUTE / 2, 90);
  const second = score(START + MINUTE);
  assert.equal(second.value, 90);
  assert.ok(second.score > 1, `score ${second.score}`);
  assert.equal(second.scoreBefore, first.score);
  assert.equal(second.levelShift, undefined);
  assert.equal(first.value, 50, 'a value stays what it is when the next step is scored');
});

test('a step is scored once: between the ends of long steps the last score holds, without a value', () => {
  const { append, score, series } = scoring('step: 10m');
  append(START + MINUTE, 90);
  const scored = score(START + 10 * MINUTE);
  const learnt = series.learnt.slice();
  for (const minutes of [14, 17]) {
    assert.deepEqual(score(START + minutes * MINUTE), {
      stepEndMs: START + 10 * MINUTE,
      value: Number.NaN,
      score: scored.score,
      scoreBefore: scored.score,
      levelShift: undefined,
      earlier: [],
    });
  }
  assert.deepEqual(series.learnt, learnt);
});

test('a step without a value has no score', () => {
  const { score } = scoring();
  score(START);
  const { value, score: none } = score(START + MINUTE);
  assert.deepEqual([value, none], [Number.NaN, Number.NaN]);
});

test('a level that is accepted comes with the step that decides it, and the series wants a fit', () => {
  const { append, score, series } = scoring('step: 1m\n    history: 7d');
  // Old enough for it to be known what a day is like.
  const firstMs = START + 49 * 60 * MINUTE;
  for (let timeMs = START + MINUTE / 2; timeMs < firstMs; timeMs += MINUTE)
    append(timeMs, 50 + ((timeMs / MINUTE) % 2));
  series.fittedUntilMs = firstMs;
  series.fittedSpanMs = firstMs;
  const shifts = [];
  for (let minute = 1; minute <= 150; minute++) {
    append(firstMs + (minute - 0.5) * MINUTE, 90 + (minute % 2));
    const { levelShift } = score(firstMs + minute * MINUTE);
    if (levelShift !== undefined) shifts.push({ minute, ...levelShift });
  }
  assert.equal(shifts.length, 1, JSON.stringify(shifts));
  const [{ minute, kind, timeMs, from, to }] = shifts as [(typeof shifts)[0]];
  assert.equal(kind, 'accepted');
  assert.equal(timeMs, firstMs + minute * MINUTE);
  assert.ok(minute >= 120 && Math.abs(from - 50) < 1 && Math.abs(to - 90.5) < 1, `${minute}: ${from} → ${to}`);
  assert.deepEqual([series.fittedUntilMs, series.fittedSpanMs], [Number.NEGATIVE_INFINITY, 0]);
});
