import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextIndex, pointedAt } from '#src/ui/chart/pointing.js';
import { forecastSeries } from '../forecast.js';

const given = forecastSeries({
  step: 10,
  resolution: 10,
  observed: {
    times: [5, 15, 25, 35, 45],
    values: [1, 2, 3, 4, 5],
    anomaly_score: [0.9, 1.5, 3, null, 0.2],
    steps_from: 5,
  },
});

const pointings: readonly (readonly [what: string, time: number, reach: number, index: number | undefined])[] = [
  ['the nearest value', 37, 0, 3],
  ['the worst alarm in reach', 33, 20, 2],
  ['the nearest value, where no alarm is in reach', 44, 15, 4],
  ['no alarm out of reach', 17, 5, 1],
  ['nothing, where no value is near', 56, 0, undefined],
];
for (const [what, time, reach, index] of pointings) {
  test(`${reach} s about ${time} one points at ${what}`, () => {
    const pointed = pointedAt(given, time, reach);
    assert.deepEqual(pointed, { time: index === undefined ? time : given.observed.times[index], index });
  });
}

const moves: readonly (readonly [from: number, direction: number, stride: number, to: number])[] = [
  [0, 1, 3, 3],
  [0, 1, 5, 4],
  [4, 1, 3, 5],
  [6, -1, 3, 4],
  [3, -1, 3, 0],
  [5, 1, 3, 7],
  [7, 1, 3, 7],
  [0, -1, 3, 0],
];
for (const [from, direction, stride, to] of moves) {
  test(`a key goes from ${from} by ${direction * stride} to ${to}, not past an alarm`, () => {
    const scores = [0, null, 0.5, 0.9, 7, 2, 0.1, 0];
    assert.equal(nextIndex(scores, from, direction, stride), to);
  });
}

test('where no value came there is nowhere to go, and nothing to point at', () => {
  const none = forecastSeries({ observed: { times: [], values: [], anomaly_score: [], steps_from: null } });
  assert.deepEqual(pointedAt(none, 7, 100), { time: 7, index: undefined });
});
