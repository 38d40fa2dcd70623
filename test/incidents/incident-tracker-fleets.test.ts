import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Incident } from '#src/incidents/incident.js';
import { formatLabels } from '#src/model/labels/labels.js';
import { seededRandom } from '../forecast/series.js';
import { Fleet, play, type Script, type Truth } from './fleet.js';

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

/** How well the incidents say what happened: members in the right one, members of it that are right, whether it is one, its cause. */
function judge(fleet: Fleet, incidents: readonly Incident[], { members, cause }: Truth) {
  const meant = new Set([...members].map((series) => formatLabels(fleet.series[series]!)));
  const hits = incidents.map((incident) => ({
    incident,
    right: incident.members.filter(({ key }) => meant.has(key)).length,
  }));
  const [best] = hits.sort((a, b) => b.right - a.right);
  const { incident, right } = best!;
  const [first] = incident.causes;
  return {
    recall: right / meant.size,
    precision: right / incident.members.length,
    isOne: hits.filter(({ right: some }) => some > 0.05 * meant.size).length === 1,
    isCauseRight: first?.label.name === cause[0] && first.label.value === cause[1],
  };
}

for (const [name, script] of Object.entries(SCRIPTS)) {
  test(`IncidentTracker makes one incident each of ${name}, with the right members and cause`, () => {
    const verdicts = SEEDS.flatMap((seed) => {
      const fleet = new Fleet(seed);
      const { alarms, truths } = script(fleet);
      const noise = fleet.noise(seed % MAX_NOISE);
      const tracker = play(fleet, { alarms: [...alarms, ...noise] }, { random: seededRandom(seed) });
      return truths.map((truth) => judge(fleet, tracker.incidents, truth));
    });
    const mean = (of: (verdict: (typeof verdicts)[number]) => number) =>
      verdicts.reduce((sum, verdict) => sum + of(verdict), 0) / verdicts.length;
    const found = {
      recall: mean(({ recall }) => recall),
      precision: mean(({ precision }) => precision),
      one: mean(({ isOne }) => (isOne ? 1 : 0)),
      cause: mean(({ isCauseRight }) => (isCauseRight ? 1 : 0)),
    };
    assert.ok(found.recall >= 0.95 && found.precision >= 0.95, JSON.stringify(found));
    assert.ok(found.one >= 0.95, JSON.stringify(found));
    assert.ok(found.cause >= 0.8, JSON.stringify(found));
  });
}
