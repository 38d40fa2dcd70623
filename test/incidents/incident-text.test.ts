import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causeText, groupText, incidentText } from '#src/incidents/incident-text.js';
import { Fleet, play, START } from './fleet.js';

test('incidentText() says who, since when, and where it may come from, as a hint', () => {
  const fleet = new Fleet(3);
  const { incidents } = play(fleet, fleet.sharedDatabase(), { random: Math.random, to: START + 600_000 });
  const text = incidentText(incidents[0]!);
  assert.match(
    text,
    /^\d+ of \d+ series of namespace="shop": in alarm since 2023-\S+Z, highest score 4\.6\. A hint, not a proof: 6 of 6 series of service="payments-db" are part of it, and began 1m before the others; \d+ of the others name it in a label\.$/,
  );
});

test('causeText() leaves out what did not happen', () => {
  const label = { name: 'service', value: 'a' };
  const cause = { label, series: 3, of: 4, firstMs: 0, leadMs: 0, connected: 0, weight: 0.5 };
  assert.equal(causeText(cause), '3 of 4 series of service="a" are part of it');
});

test('incidentText() gives no hint that says who it is once more', () => {
  const fleet = new Fleet(3);
  const { incidents } = play(fleet, fleet.deploy('checkout'), { random: Math.random, to: START + 600_000 });
  assert.match(
    incidentText(incidents[0]!),
    /^\d+ of \d+ series of service="checkout": in alarm since 2023-\S+Z, highest score 4\.6\.$/,
  );
});

test('incidentText() calls what nothing explains the whole fleet', () => {
  const alike = { groupedBy: undefined, members: [], series: 12 };
  assert.equal(groupText(alike), 'the whole fleet');
});
