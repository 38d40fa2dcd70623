import type { Forecast } from '../model/columns.js';
import { halfBand } from './band.js';
import { betaOffsetAt, CHANGES_OFFSET, type FittedModel, GROWTHS, Header } from './fitted-model.js';
import { phase } from './fourier.js';

const LINEAR = GROWTHS.indexOf('linear');
const LOGISTIC = GROWTHS.indexOf('logistic');

/**
 * Writes [yhat, lower, upper] at one instant, past or future, into `out`. `width` is the share of single steps that the
 * band is meant to hold, 0 < width < 1. Allocates nothing: this runs for every series at every step.
 */
export function evaluateAt(model: FittedModel, timeMs: number, width: number, out: Float64Array): void {
  const { data } = model;
  evaluateScaled(data, timeMs, out);
  const yScale = data[Header.yScale]!;
  const factor = out[2]!;
  const yhat = (out[0]! * yScale + data[Header.floor]!) * factor + out[1]! * yScale;
  const half =
    yScale *
    halfBand(
      data[Header.stepSigma]!,
      data[Header.changepoints]!,
      data[Header.meanAbsDelta]! * Math.abs(factor),
      (timeMs - data[Header.startMs]!) / data[Header.spanMs]!,
      width,
    );
  out[0] = yhat;
  out[1] = yhat - half;
  out[2] = yhat + half;
}

/** The forecast at ascending times, past or future; see `evaluateAt`. The columns are the caller's own, but for `timesMs`. */
export function evaluate(model: FittedModel, timesMs: Float64Array, options: { intervalWidth: number }): Forecast {
  const n = timesMs.length;
  const yhat = new Float64Array(n);
  const yhatLower = new Float64Array(n);
  const yhatUpper = new Float64Array(n);
  const out = new Float64Array(3);
  for (let i = 0; i < n; i++) {
    evaluateAt(model, timesMs[i]!, options.intervalWidth, out);
    yhat[i] = out[0]!;
    yhatLower[i] = out[1]!;
    yhatUpper[i] = out[2]!;
  }
  return { timesMs, yhat, yhatLower, yhatUpper };
}

/** The parts of a forecast in the unit of the series: at every time the trend and the seasonalities add up to `yhat`. */
export interface Components {
  readonly trend: Float64Array;
  /** A multiplicative seasonality stands here as what it adds: trend × its factor. */
  readonly seasonalities: readonly {
    readonly name: string;
    readonly multiplicative: boolean;
    readonly values: Float64Array;
  }[];
}

/** Takes a forecast apart at the given times. */
export function components(model: FittedModel, timesMs: Float64Array): Components {
  const { data } = model;
  const out = new Float64Array(3);
  const trend = timesMs.map((timeMs) => {
    evaluateScaled(data, timeMs, out);
    return out[0]! * data[Header.yScale]! + data[Header.floor]!;
  });
  const seasonalities = model.seasonalities.map(({ name, periodMs, fourierOrder, multiplicative, betaOffset }) => ({
    name,
    multiplicative,
    values: timesMs.map(
      (timeMs, i) =>
        fourierSum(data, betaOffset, fourierOrder, phase(timeMs, periodMs)) *
        (multiplicative ? trend[i]! : data[Header.yScale]!),
    ),
  }));
  return { trend, seasonalities };
}

/** Writes [trend, additive part, 1 + multiplicative part] at one instant, scaled: y = out[0]·out[2] + out[1]. */
export function evaluateScaled(data: Float64Array, timeMs: number, out: Float64Array): void {
  let additive = 0;
  let factor = 1;
  let at = CHANGES_OFFSET + 2 * data[Header.changes]!;
  for (let i = 0; i < data[Header.seasonalities]!; i++) {
    const order = data[at + 1]!;
    const betaOffset = betaOffsetAt(data, at);
    const sum = fourierSum(data, betaOffset, order, phase(timeMs, data[at]!));
    if (data[at + 2] === 1) factor += sum;
    else additive += sum;
    at = betaOffset + 2 * order;
  }
  const t = (timeMs - data[Header.startMs]!) / data[Header.spanMs]!;
  out[0] = evaluateTrend(data, t);
  out[1] = additive;
  out[2] = factor;
}

/** Σ β₂ⱼ·sin(jθ) + β₂ⱼ₊₁·cos(jθ) for j = 1 … order, by turning (cos, sin) on by θ. */
function fourierSum(data: Float64Array, betaOffset: number, order: number, theta: number): number {
  const sin1 = Math.sin(theta);
  const cos1 = Math.cos(theta);
  let sin = sin1;
  let cos = cos1;
  let sum = data[betaOffset]! * sin + data[betaOffset + 1]! * cos;
  for (let j = 1; j < order; j++) {
    const turned = sin * cos1 + cos * sin1;
    cos = cos * cos1 - sin * sin1;
    sin = turned;
    sum += data[betaOffset + 2 * j]! * sin + data[betaOffset + 2 * j + 1]! * cos;
  }
  return sum;
}

/** The scaled trend at scaled time `t`. */
function evaluateTrend(data: Float64Array, t: number): number {
  const growth = data[Header.growth]!;
  const end = CHANGES_OFFSET + 2 * data[Header.changes]!;
  let k = data[Header.k]!;
  let m = data[Header.m]!;
  if (growth === LINEAR) {
    let trend = m + k * t;
    for (let at = CHANGES_OFFSET; at < end; at += 2) {
      const since = t - data[at]!;
      if (since < 0) break;
      trend += data[at + 1]! * since;
    }
    return trend;
  }
  if (growth === LOGISTIC) {
    for (let at = CHANGES_OFFSET; at < end; at += 2) {
      const s = data[at]!;
      if (t < s) break;
      const delta = data[at + 1]!;
      // The offset moves so that the curve stays whole where its rate changes.
      m += (s - m) * (1 - k / (k + delta));
      k += delta;
    }
    return data[Header.cap]! / (1 + Math.exp(-k * (t - m)));
  }
  return m;
}
