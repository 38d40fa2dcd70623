import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Stillness, StillRun } from '#src/detect/kinds/stillness.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';
import { Random } from '../../ordinary-days/random.js';

/** Noise around 100 that is a twentieth of itself from `fromMs` on, and what was said of each minute after that. */
function calmed(fromMs: number, forMs: number): Stillness[] {
  const still = new StillRun();
  const random = new Random(3);
  const values: number[] = [];
  const said: Stillness[] = [];
  for (let t = 0; t < fromMs + forMs; t += MINUTE) {
    const value = 100 + (t < fromMs ? 3 : 0.15) * random.normal();
    const stillness = still.next(value, values.at(-1) ?? Number.NaN, values.at(-2) ?? Number.NaN, t, MINUTE, true);
    values.push(value);
    if (t >= fromMs) said.push(stillness);
  }
  return said;
}

for (const minute of [0, 20, 35, 55]) {
  test(`StillRun reports within an hour what hardly moves, if that begins ${minute} minutes past the hour`, () => {
    const said = calmed(5 * DAY + 10 * HOUR + minute * MINUTE, 4 * HOUR);
    const first = said.indexOf('calm');
    assert.ok(first > 0 && first < 60, `${first}`);
    assert.equal(said.filter((each) => each === 'calm').length, 120);
  });
}
