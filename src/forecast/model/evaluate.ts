import { monthSeasonTime, pieceAt, seasonTime, weekTime } from '../../calendar/season-clock.js';
import type { Forecast } from '../../model/samples/columns.js';
import { fourierSum, phase } from '../design/fourier.js';
import { isWithin } from '../design/holidays.js';
import { holdsOn } from '../design/seasonality.js';
import { daysOf, TimeGrid } from '../design/time-grid.js';
import {
  betaOffsetAt,
  CHANGES_OFFSET,
  clockAt,
  coefficientsAt,
  type FittedModel,
  GROWTHS,
  Header,
  Mode,
  nameEndAt,
  type SeasonalityShape,
  seasonalitiesAt,
  seasonalityAt,
  weekdaysOf,
} from './fitted-model.js';
import { type IntervalQuantiles, quantilesOf } from './interval-quantiles.js';

const LOGISTIC = GROWTHS.indexOf('logistic');

/**
 * Writes [yhat, lower, upper] at one instant, past or future, into `out`. `width` is the share of single steps that the
 * interval is meant to hold, 0 < width < 1. Allocates nothing: this runs for every series at every step.
 *
 * The interval is Prophet's without the simulation: noise, and after the history rate changes as frequent and as large
 * as in it. Under logistic growth they move the logit of the trend as they would move a linear one; their part of the
 * interval is converted by the secant between the trend and the point to which they alone would move it.
 */
export function evaluateAt(model: FittedModel, timeMs: number, width: number, out: Float64Array): void {
  const { data } = model;
  evaluateScaled(data, timeMs, out);
  writeForecast(data, timeMs, quantilesOf(width), out);
}

/** The forecast at ascending times, past or future, as by `evaluateAt`. The columns are the caller's own; `timesMs` is shared. */
export function evaluate(
  model: FittedModel,
  timesMs: Float64Array,
  options: { readonly intervalWidth: number },
): Forecast {
  return evaluateOn(model, new TimeGrid(timesMs), options);
}

/** `evaluate` for many models at the same times: takes a fifth less time for each model. */
export function evaluateOn(model: FittedModel, grid: TimeGrid, options: { readonly intervalWidth: number }): Forecast {
  const { data } = model;
  const { timesMs } = grid;
  const interval = quantilesOf(options.intervalWidth);
  // They hold the scaled parts first.
  const [yhat, yhatLower, yhatUpper] = grid.columns(3) as [Float64Array, Float64Array, Float64Array];
  writeTrend(data, timesMs, yhat);
  const { clock } = model;
  let at = seasonalitiesAt(data);
  for (let i = 0; i < data[Header.seasonalities]!; i++) {
    const seasonality = seasonalityAt(data, at);
    addSeasonality(data, seasonality, grid, clock, seasonality.multiplicative ? yhatUpper : yhatLower);
    at = seasonality.betaOffset + coefficientsAt(data, at);
  }
  const forecast = { timesMs, yhat, yhatLower, yhatUpper };
  if (data[Header.growth] === LOGISTIC) writeLogistic(data, interval, forecast);
  else writeLinear(data, interval, forecast);
  return forecast;
}

function writeLogistic(
  data: Float64Array,
  interval: IntervalQuantiles,
  { timesMs, yhat, yhatLower, yhatUpper }: Forecast,
): void {
  const out = new Float64Array(3);
  for (let i = 0; i < timesMs.length; i++) {
    out[0] = yhat[i]!;
    out[1] = yhatLower[i]!;
    out[2] = 1 + yhatUpper[i]!;
    writeForecast(data, timesMs[i]!, interval, out);
    yhat[i] = out[0]!;
    yhatLower[i] = out[1]!;
    yhatUpper[i] = out[2]!;
  }
}

/** What `writeForecast` does where growth is not logistic, along columns. */
function writeLinear(
  data: Float64Array,
  interval: IntervalQuantiles,
  { timesMs, yhat, yhatLower, yhatUpper }: Forecast,
): void {
  const yScale = data[Header.yScale]!;
  const floor = data[Header.floor]!;
  const sigma = data[Header.stepSigma]!;
  const rate = data[Header.changepoints]!;
  const size = data[Header.meanAbsDelta]!;
  const startMs = data[Header.startMs]!;
  const spanMs = data[Header.spanMs]!;
  // Until they are turned into edges below: how large a change is at each time, and the time since the end of the history.
  const sizes = yhatUpper;
  const ahead = yhatLower;
  for (let i = 0; i < timesMs.length; i++) {
    const factor = 1 + yhatUpper[i]!;
    yhat[i] = (yhat[i]! * yScale + floor) * factor + yhatLower[i]! * yScale;
    sizes[i] = size * Math.abs(factor);
    ahead[i] = (timesMs[i]! - startMs) / spanMs - 1;
  }
  interval.halfWidths(sigma, rate, sizes, ahead, sizes);
  for (let i = 0; i < timesMs.length; i++) {
    const center = yhat[i]!;
    const half = yScale * sizes[i]!;
    yhatLower[i] = center - half;
    yhatUpper[i] = center + half;
  }
}

/** The parts of a forecast in the unit of the series. At every time, the trend and the seasonalities add up to `yhat`. */
export interface Components {
  readonly trend: Float64Array;
  /** A multiplicative seasonality counts as what it adds: trend × its factor. */
  readonly seasonalities: readonly {
    readonly name: string;
    readonly multiplicative: boolean;
    readonly values: Float64Array;
  }[];
}

/** Takes a forecast apart at the given ascending times. */
export function components(model: FittedModel, timesMs: Float64Array): Components {
  const { data } = model;
  const yScale = data[Header.yScale]!;
  const { clock } = model;
  const grid = new TimeGrid(timesMs);
  const trend = new Float64Array(timesMs.length);
  writeTrend(data, timesMs, trend);
  for (let i = 0; i < trend.length; i++) trend[i] = trend[i]! * yScale + data[Header.floor]!;
  const seasonalities = model.seasonalities.map((seasonality) => {
    const { name, multiplicative } = seasonality;
    const values = new Float64Array(timesMs.length);
    addSeasonality(data, seasonality, grid, clock, values);
    for (let i = 0; i < values.length; i++) values[i] = values[i]! * (multiplicative ? trend[i]! : yScale);
    return { name, multiplicative, values };
  });
  return { trend, seasonalities };
}

/** Writes [trend, additive part, 1 + multiplicative part] at one instant, scaled: y = out[0]·out[2] + out[1]. */
export function evaluateScaled(data: Float64Array, timeMs: number, out: Float64Array): void {
  let additive = 0;
  let factor = 1;
  const clock = clockAt(data);
  const piece = pieceAt(data, clock + 1, data[clock]!, timeMs);
  let at = seasonalitiesAt(data);
  for (let i = 0; i < data[Header.seasonalities]!; i++) {
    const mode = data[at + 2]!;
    const betaOffset = betaOffsetAt(data, at);
    if ((mode & Mode.spans) !== 0) {
      const spans = nameEndAt(data, at);
      const effect = isWithin(data, spans + 1, data[spans]!, timeMs) ? data[betaOffset]! : 0;
      if ((mode & Mode.multiplicative) === 0) additive += effect;
      else factor += effect;
    } else if (mode <= Mode.multiplicative || holdsOn(weekdaysOf(mode), weekTime(data, piece, timeMs))) {
      const time =
        (mode & Mode.month) === 0 ? seasonTime(data, piece, timeMs, data[at]!) : monthSeasonTime(data, piece, timeMs);
      const theta = phase(time, data[at]!);
      const sum = seasonSum(
        data,
        betaOffset,
        data[at + 1]!,
        (mode & Mode.level) !== 0,
        Math.sin(theta),
        Math.cos(theta),
      );
      if ((mode & Mode.multiplicative) === 0) additive += sum;
      else factor += sum;
    }
    at = betaOffset + coefficientsAt(data, at);
  }
  out[0] = evaluateTrend(data, timeMs);
  out[1] = additive;
  out[2] = factor;
}

const scratch = new Float64Array(3);

/** By how much the trend alone moves the series between two instants, in its unit; multiplicative seasonalities are those of `toMs`. */
export function trendBetween({ data }: FittedModel, fromMs: number, toMs: number): number {
  evaluateScaled(data, toMs, scratch);
  return (scratch[0]! - evaluateTrend(data, fromMs)) * scratch[2]! * data[Header.yScale]!;
}

/** `trendBetween` from one instant to each of ascending times. */
export function trendsBetween(model: FittedModel, fromMs: number, toMs: Float64Array, out: Float64Array): void {
  const { data } = model;
  if (hasFactor(data)) {
    for (let i = 0; i < toMs.length; i++) out[i] = trendBetween(model, fromMs, toMs[i]!);
    return;
  }
  // Without the factor of the seasonalities, which is 1, and then without the seasonalities.
  writeTrend(data, toMs, out);
  const before = evaluateTrend(data, fromMs);
  const yScale = data[Header.yScale]!;
  for (let i = 0; i < toMs.length; i++) out[i] = (out[i]! - before) * yScale;
}

/** Whether any seasonality multiplies. Allocates nothing. */
function hasFactor(data: Float64Array): boolean {
  let at = seasonalitiesAt(data);
  for (let i = 0; i < data[Header.seasonalities]!; i++) {
    if ((data[at + 2]! & Mode.multiplicative) !== 0) return true;
    at = betaOffsetAt(data, at) + coefficientsAt(data, at);
  }
  return false;
}

function addSeasonality(
  data: Float64Array,
  { periodMs, fourierOrder, betaOffset, hasLevel, weekdays, byMonth, spans }: SeasonalityShape,
  grid: TimeGrid,
  clock: Float64Array,
  sums: Float64Array,
): void {
  if (spans !== undefined) {
    for (let i = 0; i < sums.length; i++)
      if (isWithin(spans, 0, spans.length / 2, grid.timesMs[i]!)) sums[i] = sums[i]! + data[betaOffset]!;
    return;
  }
  const phases = grid.phases(clock)({ periodMs, byMonth });
  const { sin, cos } = phases;
  const columns = weekdays === 0 ? grid.harmonics(phases, fourierOrder) : undefined;
  if (columns !== undefined) {
    addHarmonics(data, { betaOffset, fourierOrder, hasLevel }, columns, sums);
    return;
  }
  const days = weekdays === 0 ? undefined : daysOf(grid.timesMs, clock);
  // From the phase alone: columns of all orders would take longer to allocate than this takes.
  for (let i = 0; i < sums.length; i++) {
    if (days !== undefined && !holdsOn(weekdays, days[i]!)) continue;
    sums[i] = sums[i]! + seasonSum(data, betaOffset, fourierOrder, hasLevel, sin[i]!, cos[i]!);
  }
}

/** Scratch for a seasonality at all times of a grid. */
let season = new Float64Array(0);

/** Adds a seasonality that holds on all days, from columns that series share; the same to the bit as by `seasonSum` at each time. */
function addHarmonics(
  data: Float64Array,
  { betaOffset, fourierOrder, hasLevel }: Pick<SeasonalityShape, 'betaOffset' | 'fourierOrder' | 'hasLevel'>,
  columns: readonly Float64Array[],
  sums: Float64Array,
): void {
  const n = sums.length;
  if (season.length < n) season = new Float64Array(n);
  const sum = season;
  const offset = hasLevel ? betaOffset + 1 : betaOffset;
  // Two orders at a time: a pass over the sums takes longer than an order.
  for (let j = 0; j < fourierOrder; j += 2) {
    const ofSin = data[offset + 2 * j]!;
    const ofCos = data[offset + 2 * j + 1]!;
    const sin = columns[2 * j]!;
    const cos = columns[2 * j + 1]!;
    if (j + 1 === fourierOrder) {
      if (j === 0) for (let i = 0; i < n; i++) sum[i] = ofSin * sin[i]! + ofCos * cos[i]!;
      else for (let i = 0; i < n; i++) sum[i] = sum[i]! + (ofSin * sin[i]! + ofCos * cos[i]!);
      break;
    }
    const ofSin2 = data[offset + 2 * j + 2]!;
    const ofCos2 = data[offset + 2 * j + 3]!;
    const sin2 = columns[2 * j + 2]!;
    const cos2 = columns[2 * j + 3]!;
    if (j === 0) {
      for (let i = 0; i < n; i++) sum[i] = ofSin * sin[i]! + ofCos * cos[i]! + (ofSin2 * sin2[i]! + ofCos2 * cos2[i]!);
    } else {
      for (let i = 0; i < n; i++)
        sum[i] = sum[i]! + (ofSin * sin[i]! + ofCos * cos[i]!) + (ofSin2 * sin2[i]! + ofCos2 * cos2[i]!);
    }
  }
  if (hasLevel) {
    const level = data[betaOffset]!;
    for (let i = 0; i < n; i++) sums[i] = sums[i]! + (level + sum[i]!);
  } else {
    for (let i = 0; i < n; i++) sums[i] = sums[i]! + sum[i]!;
  }
}

/** What a seasonality is where it holds: its level, if it has one, and its Fourier sum. */
function seasonSum(
  data: Float64Array,
  betaOffset: number,
  order: number,
  hasLevel: boolean,
  sin: number,
  cos: number,
): number {
  return hasLevel
    ? data[betaOffset]! + fourierSum(data, betaOffset + 1, order, sin, cos)
    : fourierSum(data, betaOffset, order, sin, cos);
}

/** The scaled trend at one instant. */
function evaluateTrend(data: Float64Array, timeMs: number): number {
  const t = (timeMs - data[Header.startMs]!) / data[Header.spanMs]!;
  const isLogistic = data[Header.growth] === LOGISTIC;
  const end = CHANGES_OFFSET + 2 * data[Header.changes]!;
  let k = data[Header.k]!;
  let m = data[Header.m]!;
  for (let at = CHANGES_OFFSET; at < end && data[at]! <= t; at += 2) {
    m += offsetChange(isLogistic, k, m, data[at]!, data[at + 1]!);
    k += data[at + 1]!;
  }
  return isLogistic ? data[Header.cap]! / (1 + Math.exp(-k * (t - m))) : m + k * t;
}

/** `evaluateTrend` at ascending times: each change is passed once. */
function writeTrend(data: Float64Array, timesMs: Float64Array, trend: Float64Array): void {
  const isLogistic = data[Header.growth] === LOGISTIC;
  const startMs = data[Header.startMs]!;
  const spanMs = data[Header.spanMs]!;
  const cap = data[Header.cap]!;
  const end = CHANGES_OFFSET + 2 * data[Header.changes]!;
  let at = CHANGES_OFFSET;
  let k = data[Header.k]!;
  let m = data[Header.m]!;
  for (let i = 0; i < timesMs.length; i++) {
    const t = (timesMs[i]! - startMs) / spanMs;
    for (; at < end && data[at]! <= t; at += 2) {
      m += offsetChange(isLogistic, k, m, data[at]!, data[at + 1]!);
      k += data[at + 1]!;
    }
    trend[i] = isLogistic ? cap / (1 + Math.exp(-k * (t - m))) : m + k * t;
  }
}

/** How much the offset changes where the rate changes by `delta` at `s`, so that the curve stays continuous. */
function offsetChange(isLogistic: boolean, k: number, m: number, s: number, delta: number): number {
  return isLogistic ? (s - m) * (1 - k / (k + delta)) : -s * delta;
}

/** Turns the scaled parts in `out` into [yhat, lower, upper] in the unit of the series. */
function writeForecast(data: Float64Array, timeMs: number, interval: IntervalQuantiles, out: Float64Array): void {
  const trend = out[0]!;
  const factor = out[2]!;
  const yScale = data[Header.yScale]!;
  const yhat = (trend * yScale + data[Header.floor]!) * factor + out[1]! * yScale;
  const sigma = data[Header.stepSigma]!;
  const rate = data[Header.changepoints]!;
  const size = data[Header.meanAbsDelta]!;
  const u = (timeMs - data[Header.startMs]!) / data[Header.spanMs]! - 1;
  let up = Math.abs(factor);
  let down = up;
  if (u > 0 && data[Header.growth] === LOGISTIC) {
    const cap = data[Header.cap]!;
    const reach = interval.changeQuantile(rate, size, u);
    up *= logisticSecant(trend, cap, factor < 0 ? -reach : reach);
    down *= logisticSecant(trend, cap, factor < 0 ? reach : -reach);
  }
  const above = yScale * interval.halfWidth(sigma, rate, size * up, u);
  out[0] = yhat;
  out[1] = yhat - (up === down ? above : yScale * interval.halfWidth(sigma, rate, size * down, u));
  out[2] = yhat + above;
}

/** Mean slope of the logistic curve from `trend` to `trend + reach`. */
function logisticSecant(trend: number, cap: number, reach: number): number {
  // For a smaller reach the difference is rounding, and the derivative is as good.
  if (Math.abs(reach) < 1e-6) return trend * (1 - trend / cap);
  const logit = Math.log(trend / (cap - trend));
  return (cap / (1 + Math.exp(-logit - reach)) - trend) / reach;
}
