import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SINGLES_LENGTH, UsualSingles } from '#src/detect/usual/usual-singles.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 0, 5);

const after = (...hours: number[]) => {
  const singles = new UsualSingles(new Float32Array(SINGLES_LENGTH));
  for (const hour of hours) singles.end(MINUTE, START + hour * HOUR, MINUTE);
  return singles;
};

test('UsualSingles lets a weak step pass after one, and a stronger one after three in a week', () => {
  const at = START + 30 * HOUR;
  // singles before, at these hours; how far it is beyond its threshold; whether it passes
  const cases: [number[], number, boolean][] = [
    [[], 1.2, false],
    [[1], 1.2, true],
    [[1], 1.6, false],
    [[1, 10, 20], 1.6, true],
    [[1, 10, 20], 2.1, false],
    [[-200], 1.2, false],
  ];
  for (const [hours, height, want] of cases)
    assert.equal(after(...hours).passes(at, MINUTE, height, 3, true, false), want, `${hours}: ${height}`);
});

test('UsualSingles lets no third step in a row pass, and none while an incident is open', () => {
  const singles = after(1, 10, 20);
  const at = START + 30 * HOUR;
  assert.equal(singles.passes(at, MINUTE, 1.2, 3, true, true), false);
  const inRow = [0, 1, 2].map((i) => singles.passes(at + i * MINUTE, MINUTE, 1.2, 3, true, false));
  assert.deepEqual(inRow, [true, true, false]);
});

test('UsualSingles does not take a long alarm for a single', () => {
  const singles = new UsualSingles(new Float32Array(SINGLES_LENGTH));
  singles.end(10 * MINUTE, START, MINUTE);
  assert.equal(singles.passes(START + HOUR, MINUTE, 1.2, 3, true, false), false);
});
