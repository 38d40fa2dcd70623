import { stepsAhead } from '../../detect/ahead/combination-layout.js';
import type { IntervalCalibration } from '../../detect/interval/interval-calibration.js';
import { TimeGrid } from '../../forecast/design/time-grid.js';
import { type Components, components, evaluate, evaluateAt, evaluateOn } from '../../forecast/model/evaluate.js';
import type { FittedModel } from '../../forecast/model/fitted-model.js';
import { ONE_SIGMA, quantilesOf } from '../../forecast/model/interval-quantiles.js';
import { partsToFormerLevels, toFormerLevelAt, toFormerLevels } from '../../forecast/model/move-level.js';
import type { Forecast } from '../../model/samples/columns.js';
import type { LevelShift } from '../../model/samples/level-shift.js';
import type { SeriesStore } from '../../series/series-store.js';
import { clamp } from '../series/clamp.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { ForecastAhead } from './forecast-ahead.js';
import { roundForecast, roundInterval } from './round-interval.js';

/*
 * What is expected of a series, in the one form in which it is published, scored, served and explained: the model is
 * evaluated, its interval stretched as the series was found to stray, all of it moved to the level that was expected at
 * the time, rounded, and clamped to what the metric can be.
 *
 * Functions that take `out` write [yhat, lower, upper] at one instant into it and allocate nothing, because they run for
 * every series at every step. The series must have a model.
 */

/** What an expectation comes from: a series, or the hypothesis about its level that does not hold at present. */
interface Source {
  readonly model: FittedModel | undefined;
  readonly calibration: IntervalCalibration;
  readonly levelShifts: readonly LevelShift[];
}

/** What is normal at one instant, past or future: what is published without a `horizon`. Returns σ of a step then. */
export function expectAt(store: SeriesStore, series: TrackedSeries, timeMs: number, out: Float64Array): number {
  return expectBy(series, store, series.id, timeMs, out);
}

/** The same by the other hypothesis of a level shift. Returns false, and writes nothing, where there is none. */
export function expectOtherwiseAt(
  store: SeriesStore,
  { id, openShift }: TrackedSeries,
  timeMs: number,
  out: Float64Array,
): boolean {
  if (openShift === undefined) return false;
  expectBy(openShift.other, store, id, timeMs, out);
  return true;
}

/**
 * What is expected, with all that is known by the step that was scored last, of the step that ends `horizonMs` after it,
 * rounded to whole steps: what is published under that `horizon`. The series must have a score.
 */
export function expectAhead(store: SeriesStore, series: TrackedSeries, horizonMs: number, out: Float64Array): void {
  const { id, levelShifts, scoredUntilMs } = series;
  const { stepMs } = store.settings(id);
  const timeMs = scoredUntilMs + (stepsAhead(horizonMs, stepMs) - 0.5) * stepMs;
  new ForecastAhead(store, series).at(timeMs, out);
  finishAt(store, id, levelShifts, timeMs, out);
}

/**
 * The forecast at ascending times: what is normal up to the step that was scored last, from then on what is expected with
 * all that is known by it, so that it agrees with what is published at the same times.
 */
export function forecastOn(store: SeriesStore, series: TrackedSeries, times: Float64Array | TimeGrid): Forecast {
  const grid = times instanceof TimeGrid ? times : new TimeGrid(times);
  const { id, calibration, levelShifts, scoredUntilMs } = series;
  const { prophet, interval, bounds } = store.settings(id);
  const forecast = evaluateOn(series.model!, grid, { intervalWidth: prophet.intervalWidth });
  const { timesMs, yhat, yhatLower, yhatUpper } = forecast;
  const isScored = Number.isFinite(scoredUntilMs);
  const past = isScored ? countUntil(timesMs, scoredUntilMs) : timesMs.length;
  if (interval === 'calibrated' && past > 0) calibration.stretch(part(forecast, 0, past));
  if (past < timesMs.length) {
    new ForecastAhead(store, series).along(past === 0 ? forecast : part(forecast, past), timesMs, past);
  }
  const columns = [yhat, yhatLower, yhatUpper];
  toFormerLevels(timesMs, columns, levelShifts);
  roundForecast(forecast);
  for (const column of columns) clamp(column, bounds, store.aggregate(id));
  return forecast;
}

/** The forecast at ascending times taken apart: its parts add up to yhat before it is rounded and clamped. */
export function componentsOn({ model, levelShifts }: TrackedSeries, timesMs: Float64Array): Components {
  const parts = components(model!, timesMs);
  partsToFormerLevels(timesMs, parts, levelShifts);
  return parts;
}

/** yhat before it is rounded and clamped, and σ of a step, at ascending times: what distances are measured by. */
export function noiseOn(
  { model, levelShifts }: TrackedSeries,
  timesMs: Float64Array,
): { yhat: Float64Array; sigma: Float64Array } {
  const { yhat, yhatUpper } = evaluate(model!, timesMs, { intervalWidth: ONE_SIGMA });
  toFormerLevels(timesMs, [yhat, yhatUpper], levelShifts);
  return { yhat, sigma: yhatUpper.map((upper, i) => upper - yhat[i]!) };
}

function expectBy(
  { model, calibration, levelShifts }: Source,
  store: SeriesStore,
  id: number,
  timeMs: number,
  out: Float64Array,
): number {
  const { prophet, interval } = store.settings(id);
  evaluateAt(model!, timeMs, prophet.intervalWidth, out);
  const half = out[2]! - out[0]!;
  if (interval === 'calibrated') {
    out[1] = out[0]! - half * calibration.lowerFactor;
    out[2] = out[0]! + half * calibration.upperFactor;
  }
  const sigma = half / quantilesOf(prophet.intervalWidth).ofNoise;
  return sigma * finishAt(store, id, levelShifts, timeMs, out);
}

/** Returns the factor by which σ is another at the level of that time. */
function finishAt(
  store: SeriesStore,
  id: number,
  levelShifts: readonly LevelShift[],
  timeMs: number,
  out: Float64Array,
): number {
  const factor = toFormerLevelAt(timeMs, out, levelShifts);
  roundInterval(out);
  clamp(out, store.settings(id).bounds, store.aggregate(id));
  return factor;
}

/** How many of ascending times are no later than `timeMs`. */
export function countUntil(timesMs: Float64Array, timeMs: number): number {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timesMs[middle]! <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A view of some of the columns. */
function part({ timesMs, yhat, yhatLower, yhatUpper }: Forecast, from: number, to?: number): Forecast {
  const [a, b, c, d] = [timesMs, yhat, yhatLower, yhatUpper].map((column) => column.subarray(from, to));
  return { timesMs: a!, yhat: b!, yhatLower: c!, yhatUpper: d! };
}
