import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasLimits, LIMIT_SCORE, limitsAhead, limitsOf, sideBeyond } from '#src/engine/limits/limits.js';
import { StepScorer } from '#src/engine/scoring/step-scorer.js';
import { currentAlarm } from '#src/engine/series/current-alarm.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';
import { START, storeWith, trackedAround } from '../fixture.js';

/** A series around 50 with a history, and a function that scores a value of its next step. */
function scoring(ruleYaml: string, historyMs = MINUTE) {
  const source = storeWith('m', ruleYaml);
  for (let timeMs = START - historyMs + MINUTE / 2; timeMs < START; timeMs += MINUTE)
    source.append(timeMs, 50 + (Math.floor(timeMs / MINUTE) % 2));
  const series = trackedAround(50, source.settings);
  const scorer = new StepScorer(source.store);
  let startMs = START;
  const next = (value: number) => {
    source.append(startMs + MINUTE / 2, value);
    startMs += MINUTE;
    return scorer.score(series, startMs);
  };
  return { ...source, series, next };
}

test('sideBeyond() says beyond which limit a value is; a limit itself is within', () => {
  const cases: [value: number, min: number | undefined, max: number | undefined, want: number][] = [
    [5, undefined, undefined, 0],
    [5, undefined, 5, 0],
    [5.1, undefined, 5, 1],
    [5, 5, undefined, 0],
    [4.9, 5, 6, -1],
    [Number.NaN, 5, 6, 0],
  ];
  for (const [value, min, max, want] of cases) {
    const limits = { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
    assert.equal(sideBeyond(value, limits), want, JSON.stringify({ value, min, max }));
  }
});

test('a value that is usual is an alarm beyond a limit, whatever the least deviation and the direction', () => {
  const { next, series } = scoring('limits: {max: 50.5}\n    anomaly: {direction: down, min_deviation: 1000}');
  assert.ok(next(50).score < 1);
  assert.equal(next(51).score, LIMIT_SCORE);
  assert.deepEqual(currentAlarm(series, MINUTE), { kind: 'limit', sinceMs: START + MINUTE });
  assert.equal(series.alarms.list.at(-1)!.side, 1);
  assert.ok(next(50).score < 1, 'it ends with the step that is within');
});

test('a value that is unheard of scores by how far it is, also beyond a limit', () => {
  const { next } = scoring('limits: {min: 40}');
  assert.ok(next(-1000).score > 10);
});

test('a limit is one of a level that was accepted too: nothing about what is expected changes it', () => {
  const { next, series } = scoring('limits: {max: 80}\n    history: 7d', 3 * DAY);
  const shifts = [];
  const scores: number[] = [];
  for (let minute = 0; minute < (12 * HOUR) / MINUTE; minute++) {
    const { score, levelShift } = next(90 + (minute % 2));
    scores.push(score);
    if (levelShift !== undefined) shifts.push(levelShift.kind);
  }
  assert.deepEqual(shifts, ['accepted'], 'and it is accepted once');
  assert.ok(scores.every((score) => score >= LIMIT_SCORE));
  assert.equal(series.alarms.list.at(-1)!.suppressed, false);
});

test('a series without a model is scored by its limits, and learns from those steps once it has one', () => {
  const { next, series } = scoring('limits: {min: 10, max: 60}');
  const { model } = series;
  series.model = undefined;
  assert.deepEqual(
    [50, 61, 50, 9].map((value) => next(value).score),
    [0, LIMIT_SCORE, 0, LIMIT_SCORE],
  );
  assert.deepEqual(
    series.alarms.list.map(({ side, peakScore, kind }) => [side, peakScore, kind]),
    [[1, LIMIT_SCORE, 'limit']],
  );
  assert.equal(series.hasJudged, false);
  series.model = model!;
  const before = series.detector.settlingSteps;
  next(50);
  assert.equal(before - series.detector.settlingSteps, 4, 'all steps but the two that are beyond');
  assert.ok(series.hasJudged);
});

test('a limit that another series has holds from its first sample on, and changes with the next', () => {
  const { store, next, series, appendTo } = scoring('limits: {max: {series: size, on: [], factor: 0.5}, min: 1}');
  assert.deepEqual(limitsOf(store, series), { min: 1 });
  assert.ok(next(51).score < LIMIT_SCORE);
  appendTo({ __name__: 'size', disk: 'a' }, START + MINUTE, 101);
  assert.deepEqual(limitsOf(store, series), { min: 1, max: 50.5 });
  assert.equal(next(51).score, LIMIT_SCORE);
  appendTo({ __name__: 'size', disk: 'a' }, START + 2 * MINUTE, 1000);
  assert.ok(next(51).score < LIMIT_SCORE);
});

test('a series has no limits as long as all it may have are those of series that did not come', () => {
  const { store, series, appendTo } = scoring('limits: {max: {series: size, on: []}}');
  assert.equal(hasLimits(store, series), false);
  appendTo({ __name__: 'size' }, START, 1);
  assert.equal(hasLimits(store, series), true);
});

test('a series may reach its limits, and the bounds on sides that have none, one that is not known yet included', () => {
  const { store, series, appendTo } = scoring('bounds: {min: 0, max: 200}\n    limits: {max: {series: size, on: []}}');
  assert.deepEqual(limitsAhead(store, series), { min: 0 });
  appendTo({ __name__: 'size' }, START, 100);
  assert.deepEqual(limitsAhead(store, series), { min: 0, max: 100 });
});
