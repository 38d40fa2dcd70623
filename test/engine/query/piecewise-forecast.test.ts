import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay } from '#src/backtest/replay/replay.js';
import { forecastOn } from '#src/engine/expectation/expectation.js';
import { PiecewiseGrid } from '#src/engine/query/piecewise-forecast.js';
import type { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { makeLabels } from '#src/model/labels/labels.js';
import type { SeriesStore } from '#src/series/series-store.js';
import { DAY, MINUTE } from '../../fixtures.js';
import { START, storeWith } from '../fixture.js';

/** A series of ten days that has learnt which forecasts to go by, as it is after its last step. */
function learntSeries(): { store: SeriesStore; series: TrackedSeries; nowMs: number } {
  const { rule } = storeWith('m', 'step: 10m\n    horizons: [10m, 1d]');
  const timesMs = Float64Array.from({ length: 10 * 144 }, (_, i) => START + (i + 0.5) * 10 * MINUTE);
  const values = timesMs.map((timeMs, i) => 50 + 20 * Math.sin((2 * Math.PI * timeMs) / DAY) + (i % 7));
  let last: { store: SeriesStore; series: TrackedSeries; nowMs: number } | undefined;
  replay({ timesMs, values }, makeLabels({ __name__: 'm' }), rule, {
    onStep: (store, series) => {
      last = { store, series, nowMs: series.scoredUntilMs };
    },
  });
  return last!;
}

test('a year every five minutes is evaluated in pieces of no more than 4,096 times, the same to the bit as at once', async () => {
  const { store, series, nowMs } = learntSeries();
  const timesMs = Float64Array.from({ length: 365 * 288 + 1 }, (_, i) => nowMs - 200 * DAY + i * 5 * MINUTE);
  let pauses = 0;
  const forecast = await new PiecewiseGrid(timesMs).forecast(store, series, async () => {
    pauses++;
    return true;
  });
  assert.equal(pauses, Math.ceil(timesMs.length / 4_096) - 1);
  assert.deepEqual(forecast, forecastOn(store, series, timesMs));
});

test('a day is evaluated at once, on columns that series share', async () => {
  const { store, series, nowMs } = learntSeries();
  const timesMs = Float64Array.from({ length: 288 }, (_, i) => nowMs + i * 5 * MINUTE);
  const grid = new PiecewiseGrid(timesMs);
  const never = async () => assert.fail('a day needs no pause');
  const forecast = await grid.forecast(store, series, never);
  assert.equal(forecast!.timesMs, grid.timesMs);
  assert.deepEqual(forecast, forecastOn(store, series, timesMs));
  assert.equal((await new PiecewiseGrid(new Float64Array(0)).forecast(store, series, never))!.yhat.length, 0);
});

test('nothing more is evaluated of a series that has gone in a pause', async () => {
  const { store, series, nowMs } = learntSeries();
  const timesMs = Float64Array.from({ length: 3 * 4_096 }, (_, i) => nowMs + i * MINUTE);
  let pauses = 0;
  const gone = await new PiecewiseGrid(timesMs).forecast(store, series, async () => ++pauses < 2);
  assert.equal(gone, undefined);
  assert.equal(pauses, 2);
});
