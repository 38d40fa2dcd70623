import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Member } from '#src/incidents/incident.js';
import { Population } from '#src/incidents/population.js';
import { findGroups } from '#src/incidents/scan.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { MINUTE } from '../fixtures.js';

const SERVICES = ['a', 'b', 'c', 'd'];

/** A fleet of pods, each with one series, and the groups of those in alarm, by service and minutes of their onset. */
function groupsOf(
  services: number,
  pods: number,
  alarms: readonly (readonly [service: string, minutes: readonly number[]])[],
) {
  const population = new Population();
  const labelsOf = (service: string, pod: number) =>
    makeLabels({ __name__: 'latency', cluster: 'main', service, pod: `${service}-${pod}` });
  let series = 0;
  for (const service of SERVICES.slice(0, services)) {
    for (let pod = 0; pod < pods; pod++) population.add(series++, labelsOf(service, pod), 'all');
  }
  const members = alarms
    .flatMap(([service, minutes]) => minutes.map((minute, pod) => ({ labels: labelsOf(service, pod), minute })))
    .sort((a, b) => a.minute - b.minute)
    .map(({ labels, minute }): Member => {
      const onsetMs = minute * MINUTE;
      const pairs = population.internAll(labels, 'all');
      const rest = { peakScore: 2, kind: 'value', side: 'above', incident: undefined } as const;
      return { key: '', labels, rule: 'all', pairs, onsetMs, lastMs: onsetMs, gapMs: 10 * MINUTE, ...rest };
    });
  const scan = findGroups(population, members);
  let step = scan.next();
  while (step.done !== true) step = scan.next();
  return step.value.groups.map(({ pair, members: own, of }) => {
    const label = pair === undefined ? 'all' : `${population.pair(pair).name}=${population.pair(pair).value}`;
    return `${label}: ${own.length} of ${of}`;
  });
}

test('two services of four that fail at once are two groups', () => {
  const alarms = [
    ['a', [0, 0, 1]],
    ['c', [0, 1, 1]],
  ] as const;
  assert.deepEqual(groupsOf(4, 3, alarms).sort(), ['service=a: 3 of 3', 'service=c: 3 of 3']);
});

test('two services that are all there is are one group', () => {
  assert.deepEqual(
    groupsOf(2, 3, [
      ['a', [0, 0, 1]],
      ['b', [0, 1, 1]],
    ]),
    ['all: 6 of 6'],
  );
});

test('a service of two is named, and what began long before it is no part of it', () => {
  assert.deepEqual(
    groupsOf(2, 3, [
      ['b', [0]],
      ['a', [12, 13, 13]],
    ]),
    ['service=a: 3 of 3'],
  );
});

test('what begins with it cannot be told apart', () => {
  assert.deepEqual(
    groupsOf(2, 3, [
      ['b', [12]],
      ['a', [12, 13, 13]],
    ]),
    ['all: 4 of 6'],
  );
});

test('two alarms of six series are no group', () => {
  assert.deepEqual(
    groupsOf(2, 3, [
      ['a', [0]],
      ['b', [1]],
    ]),
    [],
  );
});
