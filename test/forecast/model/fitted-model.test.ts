import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitProphet } from '#src/forecast/fit/fit.js';
import { evaluate, evaluateAt } from '#src/forecast/model/evaluate.js';
import { clockAt, FittedModel, Header, readModel, seasonalitiesAt } from '#src/forecast/model/fitted-model.js';
import { HOUR, prophetSettings } from '../../fixtures.js';
import { serverLoad } from '../series.js';

const shifts = {
  name: 'Schichtübergabe',
  periodMs: 8 * HOUR,
  fourierOrder: 2,
  priorScale: 5,
  mode: 'multiplicative',
} as const;
const { model } = fitProphet(serverLoad(24 * 15, 2), prophetSettings({ seasonalities: [shifts] }));

test('FittedModel tells what it was made of', () => {
  assert.equal(model.firstMs, serverLoad(1).timesMs[0]);
  assert.equal(model.lastMs, model.firstMs + (24 * 15 - 0.5) * HOUR);
  assert.equal(model.points, 720);
  assert.equal(model.growth, 'linear');
  assert.deepEqual(
    model.seasonalities.map(({ name, fourierOrder, multiplicative }) => [name, fourierOrder, multiplicative]),
    [
      ['Schichtübergabe', 2, true],
      ['weekly', 3, false],
      ['daily', 4, false],
    ],
  );
});

test('FittedModel is a few hundred bytes', () => {
  assert.ok(model.data.byteLength < 900, `${model.data.byteLength} bytes`);
});

test('FittedModel is the same after it was stored', () => {
  const stored = new Uint8Array(model.data.slice().buffer);
  const restored = new FittedModel(new Float64Array(stored.buffer));
  const timesMs = Float64Array.of(model.firstMs, model.lastMs, model.lastMs + HOUR);
  assert.deepEqual(
    evaluate(restored, timesMs, { intervalWidth: 0.9 }),
    evaluate(model, timesMs, { intervalWidth: 0.9 }),
  );
  assert.deepEqual(restored.seasonalities, model.seasonalities);
});

test('FittedModel refuses what is no model', () => {
  const { data } = model;
  const otherVersion = data.slice();
  otherVersion[0] = 99;
  const manySeasonalities = data.slice();
  manySeasonalities[15] = 1e9;
  for (const bad of [new Float64Array(0), data.slice(0, 20), data.slice(0, -1), otherVersion, manySeasonalities])
    assert.throws(() => new FittedModel(bad), RangeError);
});

test('evaluateAt() and evaluate() are one', () => {
  // Evenly spaced, then not.
  const timesMs = Float64Array.from({ length: 500 }, (_, i) => model.lastMs + 60_000 * i + (i > 250 ? i * i : 0));
  const { yhat, yhatLower, yhatUpper } = evaluate(model, timesMs, { intervalWidth: 0.9 });
  const out = new Float64Array(3);
  timesMs.forEach((timeMs, i) => {
    evaluateAt(model, timeMs, 0.9, out);
    for (const [got, want] of [
      [out[0]!, yhat[i]!],
      [out[1]!, yhatLower[i]!],
      [out[2]!, yhatUpper[i]!],
    ] as const)
      assert.ok(Math.abs(got - want) < 1e-10, `${got}, ${want}`);
  });
});

test('readModel() returns undefined for a model with a season whose name is none', () => {
  const bad = model.data.slice();
  // Period, order, mode and length of the name stand before it.
  const name = seasonalitiesAt(bad) + 4;
  bad[name] = -1;
  assert.equal(readModel(new Uint8Array(bad.buffer)), undefined);
});

test('readModel() returns undefined for bytes that are no model, whatever their length', () => {
  for (const length of [0, 7, 8, 12, 400])
    assert.equal(readModel(new Uint8Array(length)), undefined, `${length} bytes`);
});

test('readModel() reads a model of the layout before, which had no clock', () => {
  const at = clockAt(model.data);
  const before = Float64Array.of(...model.data.subarray(0, at), ...model.data.subarray(at + 1));
  before[Header.version] = 1;
  assert.deepEqual(readModel(new Uint8Array(before.buffer))?.data, model.data);
  assert.equal(readModel(new Uint8Array(before.slice(0, -1).buffer)), undefined);
});
