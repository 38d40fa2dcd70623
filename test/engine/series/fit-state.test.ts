import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptFit } from '#src/engine/series/fit-state.js';
import { acceptLevel } from '#src/engine/series/level-state.js';
import { FittedModel } from '#src/forecast/model/fitted-model.js';
import { MINUTE } from '../../fixtures.js';
import { START, storeWith, trackedAround } from '../fixture.js';

/** A series around 50 in the fifth step above it, and a function that has it fitted anew. */
function excursion() {
  const { store, settings, append } = storeWith('m', 'step: 1m');
  append(START, 60);
  const series = trackedAround(50, settings);
  const { fit, fittedUntilMs, fittedSpanMs } = series;
  const refit = () => {
    const model = new FittedModel(series.model!.data.slice());
    acceptFit(series, { model, fit, fittedUntilMs, fittedSpanMs, fittedWith: settings.prophet });
    return model;
  };
  for (let step = 0; step < 5; step++) series.excursion.next(1, MINUTE, 120 * MINUTE);
  return { store, series, refit };
}

const CHANGE = { atMs: START, factor: 2, offset: 0, resetsHistory: false };

test('what is expected where a level shift is reverted is what was before the series was off, whatever was fitted since', () => {
  const { store, series, refit } = excursion();
  const before = series.model;
  refit();
  refit();
  acceptLevel(store, series, CHANGE, 1, START + 120 * MINUTE);
  assert.equal(series.openShift!.other.model, before);
});

test('fits from before the series was off count', () => {
  const { store, series, refit } = excursion();
  refit();
  series.excursion.end();
  const last = refit();
  series.excursion.next(1, MINUTE, 120 * MINUTE);
  acceptLevel(store, series, CHANGE, 1, START + 120 * MINUTE);
  assert.equal(series.openShift!.other.model, last);
});
