import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Excursion } from '#src/detect/excursion.js';
import { HOUR, MINUTE } from '../fixtures.js';

/** At which steps of a minute, from 1, a run is said to have lasted for two hours. */
function told(sides: readonly number[]): number[] {
  const run = new Excursion();
  return sides.flatMap((side, i) => (run.next(side, MINUTE, 2 * HOUR) ? [i + 1] : []));
}

const steps = (count: number, sideAt: (i: number) => number) => Array.from({ length: count }, (_, i) => sideAt(i));

const cases: { name: string; sides: number[]; want: number[] }[] = [
  { name: 'two hours above', sides: steps(125, () => 1), want: [120] },
  { name: 'two hours below', sides: steps(125, () => -1), want: [120] },
  { name: 'again half an hour later, as long as it lasts', sides: steps(185, () => 1), want: [120, 150, 180] },
  { name: 'with one step in ten not off', sides: steps(125, (i) => (i % 10 === 9 ? 0 : 1)), want: [120] },
  { name: 'an hour and a half', sides: [...steps(90, () => 1), ...steps(100, () => 0)], want: [] },
  { name: 'by turns above and below', sides: steps(400, (i) => (i % 2 === 0 ? 1 : -1)), want: [] },
  { name: 'half of the time', sides: steps(400, (i) => i % 2), want: [] },
  {
    name: 'from above to below: the time begins anew',
    sides: [...steps(60, () => 1), ...steps(126, () => -1)],
    want: [185],
  },
  { name: 'never', sides: steps(400, () => 0), want: [] },
];

for (const { name, sides, want } of cases) {
  test(`Excursion tells when a series has been off for two hours: ${name}`, () => assert.deepEqual(told(sides), want));
}

test('Excursion takes twelve steps at least', () => {
  const run = new Excursion();
  const lasted = steps(15, () => 1).flatMap((side, i) => (run.next(side, HOUR, 2 * HOUR) ? [i + 1] : []));
  assert.deepEqual(lasted, [12, 15]);
});
