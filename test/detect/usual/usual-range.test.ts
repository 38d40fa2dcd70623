import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RANGE_LENGTH, UsualRange } from '#src/detect/usual/usual-range.js';

const STEP = 300_000;
const DAY_STEPS = 288;

/** Climbs from 100 to 200 in 100 steps, and is reset. */
const leak = (step: number) => 100 + (step % 100);

function rangeAfter(days: number): UsualRange {
  const range = new UsualRange(new Float32Array(RANGE_LENGTH));
  for (let step = 0; step < days * DAY_STEPS; step++) range.next(leak(step), STEP);
  return range;
}

test('UsualRange finds a leak beyond, though it creeps, once it is so by 15 % of the range', () => {
  const range = rangeAfter(6);
  const said = Array.from({ length: 60 }, (_, i) => range.next(190 + i, STEP));
  const first = said.indexOf(1);
  assert.ok(first > 20 && first < 35, `${first}`);
});

test('UsualRange takes what stays beyond for two hours for how things are, and finds no spike of a step', () => {
  const range = rangeAfter(6);
  assert.equal(range.next(260, STEP), 0);
  const said = Array.from({ length: 60 }, () => range.next(300, STEP));
  assert.equal(said.filter((side) => side === 1).length, 24);
});

test('UsualRange finds nothing before it has seen four days', () => {
  const range = rangeAfter(3);
  assert.ok(Array.from({ length: 60 }, () => range.next(1000, STEP)).every((side) => side === 0));
});
