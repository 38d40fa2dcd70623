import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatIncidents, parseIncidents } from '#src/incidents/incident-state.js';
import { MINUTE } from '../fixtures.js';
import { seededRandom } from '../forecast/series.js';
import { Fleet, judge, play, type Script, START, STEP, seen, sharesOf, trackerOf } from './fleet.js';

/** Other seeds than those it was made with. */
const SEEDS = Array.from({ length: 20 }, (_, i) => 1000 + i);
const MAX_NOISE = 12;

const SCRIPTS: Readonly<Record<string, (fleet: Fleet) => Script>> = {
  'one deploy': (fleet) => fleet.deploy('checkout'),
  'two deploys at once': (fleet) => fleet.twoDeploys(),
  'a shared database': (fleet) => fleet.sharedDatabase(),
  'a node down': (fleet) => fleet.node(),
  'a flapping pod': (fleet) => fleet.flappingPod(),
  'a rolling restart': (fleet) => fleet.rollingRestart(),
  'a region': (fleet) => fleet.region(),
};

for (const [name, script] of Object.entries(SCRIPTS)) {
  test(`IncidentTracker makes one incident each of ${name}, with the right members and cause`, () => {
    const verdicts = SEEDS.flatMap((seed) => {
      const fleet = new Fleet(seed);
      const { alarms, truths } = script(fleet);
      const noise = fleet.noise(seed % MAX_NOISE);
      const tracker = play(fleet, { alarms: [...alarms, ...noise] }, { random: seededRandom(seed) });
      return truths.map((truth) => judge(fleet, tracker.incidents, truth));
    });
    const found = sharesOf(verdicts);
    assert.ok(found.recall >= 0.95 && found.precision >= 0.95, JSON.stringify(found));
    assert.ok(found.one >= 0.95, JSON.stringify(found));
    assert.ok(found.cause >= 0.8, JSON.stringify(found));
  });

  test(`IncidentTracker makes the same of ${name} after a restart in the middle`, () => {
    const fleet = new Fleet(8);
    const { alarms } = script(fleet);
    const whole = { alarms: [...alarms, ...fleet.noise(MAX_NOISE)] };
    const to = START + 3 * MINUTE;
    const before = play(fleet, whole, { random: seededRandom(1), to });
    const text = [...formatIncidents(before)].join('');
    const tracker = trackerOf(fleet, (fresh) => fresh.restore(parseIncidents(text)));
    play(fleet, whole, { random: seededRandom(2), tracker, from: to + STEP });
    assert.ok(before.open.length > 0);
    assert.deepEqual(seen(tracker), seen(play(fleet, whole, { random: seededRandom(1) })));
  });
}
