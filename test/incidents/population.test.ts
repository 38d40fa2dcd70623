import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Population, RULE } from '#src/incidents/population.js';
import { makeLabels } from '#src/model/labels/labels.js';

const texts = (population: Population, pairs: Int32Array) =>
  [...pairs].map((pair) => population.pair(pair)).map(({ name, value }) => `${name}=${value}`);

test('Population knows the metric name, the rule and the labels of each series', () => {
  const population = new Population();
  population.add(3, makeLabels({ __name__: 'up', job: 'a', zone: 'z' }), 'web');
  population.add(1, makeLabels({ __name__: 'up', job: 'b' }), 'web');
  assert.deepEqual(texts(population, population.pairsOf(3)), ['__name__=up', `${RULE}=web`, 'job=a', 'zone=z']);
  assert.equal(population.pairsOf(3)[0], population.pairsOf(1)[0]);
  assert.deepEqual([population.size, population.top, population.pairsOf(2).length], [2, 4, 0]);
  assert.equal(population.pairAt(1, 3), -1);
});

test('Population gives the number of a label value out again once nothing has it', () => {
  const population = new Population();
  population.add(0, makeLabels({ __name__: 'up', job: 'a' }), 'web');
  const kept = population.internAll(makeLabels({ __name__: 'up', job: 'a' }), 'web');
  population.remove(0);
  population.remove(0);
  assert.deepEqual([population.size, texts(population, kept)[2]], [0, 'job=a']);
  population.release(kept);
  population.add(0, makeLabels({ __name__: 'down', job: 'b' }), 'web');
  assert.equal(population.pairsTop, 3);
});

test('Population takes no more labels of a series than it has room for', () => {
  const population = new Population();
  const labels = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`l${i}`, 'v']));
  population.add(0, makeLabels({ __name__: 'up', ...labels }), 'web');
  population.add(1, makeLabels({ __name__: 'up' }), 'web');
  assert.deepEqual([population.pairsOf(0).length, population.pairsOf(1).length], [16, 2]);
});

test('Population knows how many values a label has', () => {
  const population = new Population();
  population.add(0, makeLabels({ __name__: 'up', job: 'a' }), 'web');
  population.add(1, makeLabels({ __name__: 'up', job: 'b' }), 'web');
  population.add(2, makeLabels({ __name__: 'up', job: 'b' }), 'web');
  assert.deepEqual(
    [population.valuesOf('job'), population.valuesOf('__name__'), population.valuesOf('zone')],
    [2, 1, 0],
  );
  population.remove(1);
  population.remove(0);
  assert.equal(population.valuesOf('job'), 1);
  population.remove(2);
  assert.equal(population.valuesOf('job'), 0);
});
