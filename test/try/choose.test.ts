import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLabels, makeLabels } from '#src/model/labels/labels.js';
import { type Candidate, distinct, pick } from '#src/try/choose.js';

const HOURS = 14 * 24;

function candidate(name: string, host: number, regularity: number, valueAt: (hour: number) => number): Candidate {
  const labels = makeLabels({ __name__: name, host: String(host) });
  return { labels, regularity, values: Float64Array.from({ length: HOURS }, (_, i) => valueAt(i)) };
}

const wave = (hour: number) => 50 * Math.sin((hour / 24) * 2 * Math.PI);
const noise = (seed: number) => (hour: number) => Math.sin((hour + 1) * (12.9898 + seed)) * 5;
const names = (series: readonly Candidate[]) => series.map(({ labels }) => formatLabels(labels));

test('of series that move together, or against each other, the most regular one is left', () => {
  const { own, copies } = distinct([
    candidate('idle', 1, 0.5, (hour) => 100 - wave(hour) - noise(1)(hour)),
    candidate('busy', 1, 0.6, (hour) => wave(hour) + noise(1)(hour)),
    candidate('busy_percent', 1, 0.4, (hour) => 100 * (wave(hour) + noise(1)(hour)) + 7),
  ]);
  assert.deepEqual([names(own), copies], [['busy{host="1"}'], 2]);
});

test('the same rhythm does not make two series the same', () => {
  const { own } = distinct(
    [1, 2].map((host) => candidate('load', host, 0.9, (hour) => wave(hour) + noise(host)(hour))),
  );
  assert.equal(own.length, 2);
});

test('what is nothing but its rhythm is the same as another such series', () => {
  assert.equal(distinct([1, 2].map((host) => candidate('load', host, 1, wave))).copies, 1);
});

test('one metric gets a fifth of the room, and what others leave', () => {
  const many = Array.from({ length: 20 }, (_, i) => candidate('many', i, 0.9, noise(i)));
  const few = [candidate('few', 1, 0.2, noise(30)), candidate('few', 2, 0.1, noise(31))];
  const picked = names(pick([...many, ...few], 10));
  assert.equal(picked.length, 10);
  assert.deepEqual(
    picked.filter((name) => name.startsWith('few')),
    ['few{host="1"}', 'few{host="2"}'],
  );
  assert.deepEqual(picked.slice(0, 2), ['many{host="0"}', 'many{host="1"}']);
});
