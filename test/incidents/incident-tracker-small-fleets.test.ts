import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../forecast/series.js';
import { judge, play, type Script, sharesOf } from './fleet.js';
import { type SHAPES, SmallFleet } from './small-fleet.js';

/** Other seeds than those it was made with. */
const SEEDS = Array.from({ length: 40 }, (_, i) => 2000 + i);

/** Of six series two services are all there is: nothing says that their deployments are two things. */
const SCRIPTS: readonly (readonly [string, readonly (keyof typeof SHAPES)[], (fleet: SmallFleet) => Script])[] = [
  ['one deploy and a noisy series', [6, 12, 20], (fleet) => fleet.deployAndNoise()],
  ['two deploys at once', [12, 20], (fleet) => fleet.twoDeploys()],
  ['all of it', [6, 12, 20], (fleet) => fleet.everything()],
];

for (const [name, sizes, script] of SCRIPTS) {
  for (const size of sizes) {
    test(`of ${size} series IncidentTracker makes one incident each of ${name}, with the right members`, () => {
      const verdicts = SEEDS.flatMap((seed) => {
        const fleet = new SmallFleet(size, seed);
        const { alarms, truths } = script(fleet);
        const tracker = play(fleet, { alarms }, { random: seededRandom(seed) });
        return truths.map((truth) => judge(fleet, tracker.incidents, truth));
      });
      const found = sharesOf(verdicts);
      assert.ok(found.recall >= 0.95 && found.precision >= 0.95 && found.one >= 0.95, JSON.stringify(found));
    });
  }
}
