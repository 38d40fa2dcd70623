import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replay } from '#src/backtest/replay/replay.js';
import { forecastOn } from '#src/engine/expectation/expectation.js';
import { learnInHindsight } from '#src/engine/expectation/hindsight.js';
import type { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { makeLabels } from '#src/model/labels/labels.js';
import type { SeriesStore } from '#src/series/series-store.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';
import { START, storeWith } from '../fixture.js';

const STEP = 10 * MINUTE;
/** START is in the middle of a day. */
const FIRST = Math.ceil(START / DAY) * DAY;
const DAYS = 10;

/** At rest around 50, with a job to 150 from 03:00 to 03:30: more of a peak than the seasons of a model can draw. */
function valueAt(timeMs: number): number {
  const ofDay = timeMs % DAY;
  const isJob = ofDay >= 3 * HOUR && ofDay < 3 * HOUR + 30 * MINUTE;
  return (isJob ? 150 : 50) + 2 * Math.sin(timeMs / 7_777_777);
}

/** A series at the first step that is scored, with so many days of history before. */
function firstScored(days: number, value = valueAt): { store: SeriesStore; series: TrackedSeries } {
  const { rule } = storeWith('m', 'step: 10m');
  const untilMs = FIRST + days * DAY + 12 * HOUR;
  const count = Math.round((untilMs - FIRST) / STEP) + 2;
  const timesMs = Float64Array.from({ length: count }, (_, i) => FIRST + (i + 0.5) * STEP);
  let scored: { store: SeriesStore; series: TrackedSeries } | undefined;
  replay({ timesMs, values: timesMs.map(value) }, makeLabels({ __name__: 'm' }), rule, {
    historyUntilMs: untilMs,
    onStep: (store, series) => {
      scored ??= { store, series };
    },
  });
  return scored!;
}

/** The next day, in steps. */
function nextDay({ series }: { series: TrackedSeries }): Float64Array {
  return Float64Array.from({ length: 144 }, (_, i) => series.scoredUntilMs + (i + 0.5) * STEP);
}

test('the first forecasts of a series with history know its days', () => {
  const { store, series } = firstScored(DAYS);
  const timesMs = nextDay({ series });
  const { yhat, yhatLower, yhatUpper } = forecastOn(store, series, timesMs);
  let outside = 0;
  timesMs.forEach((timeMs, i) => {
    const value = valueAt(timeMs);
    const at = new Date(timeMs).toISOString();
    assert.ok(Math.abs(yhat[i]! - value) < 20, `${at}: ${yhat[i]}, ${value} was`);
    assert.ok(yhatUpper[i]! - yhatLower[i]! < 60, `${at}: ${yhatLower[i]} to ${yhatUpper[i]} is wider than it errs`);
    if (value < yhatLower[i]! || value > yhatUpper[i]!) outside++;
  });
  assert.ok(outside <= 3, `${outside} of 144 steps are outside, of which three are the job's`);
});

test('what is not to be learnt is not learnt in hindsight, nor is anything from less than a day', () => {
  const { store, series } = firstScored(1);
  const before = series.combination!.state.slice();
  learnInHindsight(store, series, series.scoredUntilMs - 12 * HOUR, () => true);
  assert.deepEqual(series.combination!.state, before);
  const long = firstScored(DAYS);
  const learnt = long.series.combination!.state.slice();
  learnInHindsight(long.store, long.series, long.series.scoredUntilMs, () => false);
  assert.deepEqual(long.series.combination!.state, learnt);
});

test('incidents in the history do not make the first intervals wider', () => {
  const load = (timeMs: number) => 50 + 20 * Math.sin((2 * Math.PI * timeMs) / DAY) + 3 * Math.sin(timeMs ** 1.5);
  const isIncident = (timeMs: number) =>
    [1, 4, 7, 8].includes(Math.floor((timeMs - FIRST - 9 * HOUR) / DAY)) &&
    timeMs % DAY < 12 * HOUR &&
    timeMs % DAY >= 9 * HOUR;
  const width = (value: (timeMs: number) => number) => {
    const scored = firstScored(DAYS, value);
    const { yhatLower, yhatUpper } = forecastOn(scored.store, scored.series, nextDay(scored));
    return yhatUpper.reduce((sum, upper, i) => sum + upper - yhatLower[i]!, 0) / yhatUpper.length;
  };
  const ordinary = width(load);
  const withIncidents = width((timeMs) => (isIncident(timeMs) ? 4 : 1) * load(timeMs));
  assert.ok(withIncidents < 1.1 * ordinary, `${withIncidents} with incidents, ${ordinary} without`);
});
