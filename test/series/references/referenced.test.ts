import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Match, matchOf, type Referenced } from '#src/series/references/referenced.js';
import { MINUTE } from '../../fixtures.js';
import { T0 } from '../fixture.js';

const series = (value: number, timeMs = T0, isEnded = false): Referenced => ({ value, timeMs, isEnded });

test('matchOf() has the value of the only series, however old, and of several the one they agree on', () => {
  const cases: [name: string, series: Referenced[], want: Match][] = [
    ['none', [], 'none'],
    ['one', [series(5)], 5],
    ['one that ended', [series(5, T0, true)], 5],
    ['one without a value', [series(Number.NaN)], 'none'],
    ['two of which one has no value yet', [series(Number.NaN), series(5)], 5],
    ['two of one value', [series(5), series(5, T0 - MINUTE)], 5],
    ['two of different values', [series(5), series(6)], 'several'],
    ['one beside one that ended', [series(5, T0, true), series(6, T0 - MINUTE)], 6],
    ['one beside one that is silent for longer than PromQL looks back', [series(5, T0 - 6 * MINUTE), series(6)], 6],
    ['one beside one that is silent for less', [series(5, T0 - 4 * MINUTE), series(6)], 'several'],
    ['two that ended', [series(5, T0 - MINUTE, true), series(6, T0, true)], 6],
  ];
  for (const [name, given, want] of cases) assert.equal(matchOf(given), want, name);
});
