import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences } from './compare.js';
import { simulate } from './simulation.js';

for (const seed of [1, 2]) {
  test(`a day of faults leaves no mark, seed ${seed}`, async () => {
    const disturbed = await simulate({ seed, days: 1, hasFaults: true });
    const undisturbed = await simulate({ seed, days: 1, hasFaults: false });
    assert.ok(disturbed.starts > 1 && disturbed.faults.size > 5 && disturbed.excluded > 1);
    assert.ok(disturbed.incidents > 1, `${disturbed.incidents} incidents`);
    assert.deepEqual([...disturbed.violations, ...undisturbed.violations], []);
    assert.deepEqual(differences(disturbed, undisturbed), []);
  });
}

/** Faults found by a seed, which has to show them for as long as the simulation draws what it did then. */
const FOUND: readonly (readonly [seed: number, days: number, isNarrow: boolean, what: string])[] = [
  [1350, 2, true, 'an end of what is published, and a kill before the next snapshot'],
  [1370, 2, true, 'a start without a snapshot, and a clock that is set back before the next one'],
  [3065, 1.5, false, 'a start by a clock that is behind, which takes no series of the snapshot'],
];
for (const [seed, days, isNarrow, what] of FOUND) {
  test(`no timestamp is published twice: ${what}, seed ${seed}`, async () => {
    const { violations } = await simulate({ seed, days, hasFaults: true, isNarrow });
    assert.deepEqual(violations, []);
  });
}

test('a seed gives the same run each time', async () => {
  const runs = [];
  for (let run = 0; run < 2; run++) {
    const told: string[] = [];
    await simulate({ seed: 3, days: 0.3, hasFaults: true, tell: (timeMs, what) => told.push(`${timeMs} ${what}`) });
    runs.push(told);
  }
  assert.ok(runs[0]!.length > 10);
  assert.deepEqual(runs[0], runs[1]);
});
