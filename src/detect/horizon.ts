import type { SeriesSettings } from '../model/settings.js';
import { IntervalCalibration } from './interval-calibration.js';

/* The layout of the state: decayed sums over the forecasts that came due; then those still out. */
/** Deviations then times deviations now, and deviations now squared, in σ. */
const PRODUCTS = 0;
const SQUARES = 1;
/** Absolute errors of the two forecasts, in σ. */
const MODEL_ERROR = 2;
const BLEND_ERROR = 3;
const PENDING_AT = 4;
/** Of a forecast that is out: when it is due, the deviation it knew of, the two forecasts, and the interval as it was told. */
const DUE_MS = 0;
const DEVIATION = 1;
const MODEL = 2;
const BLEND = 3;
const LOWER = 4;
const UPPER = 5;
const FIELDS = 6;
/** So many of the forecasts of a horizon are kept until they are due, evenly spread, and learnt from. */
const PENDING = 36;

const HALF_LIFE_MS = 3 * 86_400_000;
/** Larger deviations are taken for this many σ: one incident must not decide how persistent a series is. */
const MAX_SIGMAS = 6;

/** What there is to make a forecast of, beside the model. Values in the unit of the series. */
export interface Known {
  /** σ of a step at the time forecast. */
  readonly sigma: number;
  /** Of the last step from yhat, in σ; NaN where there is none. */
  readonly deviation: number;
  /** What the series was at that time of day, the last time; NaN where that is not known. */
  readonly dayBefore: number;
  readonly stepMs: number;
  /** Whether the interval is to be stretched. */
  readonly interval: SeriesSettings['interval'];
}

/** A step that ended. */
export interface Ended {
  /** From yhat, in σ; NaN where the step had no value. */
  readonly deviation: number;
  readonly sigma: number;
  readonly stepMs: number;
  /** Share that the interval is meant to hold; NaN within an incident, which teaches the interval nothing. */
  readonly intervalWidth: number;
}

/**
 * What is expected of one series a fixed time ahead. Two forecasts compete: the model's, with what is usually left of the
 * present deviation by then (φ times it, by least squares), and the mean of that and the value at the same time of the day
 * before. The one that was nearer lately is told. All that is learnt comes from forecasts that came due, so it is honest,
 * the interval's calibration for this horizon too.
 */
export class Horizon {
  readonly ms: number;
  /** All there is to keep of it beside the calibration; 1,760 bytes. */
  readonly state: Float64Array;
  readonly calibration: IntervalCalibration;

  constructor(
    ms: number,
    state: Float64Array = new Float64Array(PENDING_AT + PENDING * FIELDS),
    calibration: IntervalCalibration = new IntervalCalibration(),
  ) {
    this.ms = ms;
    this.state = state;
    this.calibration = calibration;
  }

  /** Turns the model's [yhat, lower, upper] for the step that ends at `dueMs` into what is expected then, in place. */
  expect(interval: Float64Array, dueMs: number, { sigma, deviation, dayBefore, stepMs, interval: kind }: Known): void {
    const { state, calibration } = this;
    const [yhat, lower, upper] = interval as unknown as [number, number, number];
    const known = Number.isNaN(deviation) ? 0 : limit(deviation);
    const model = yhat + sigma * this.#phi() * known;
    const blend = (model + dayBefore) / 2;
    const center = state[BLEND_ERROR]! < state[MODEL_ERROR]! && !Number.isNaN(blend) ? blend : model;
    interval[0] = center;
    interval[1] = center - (yhat - lower) * (kind === 'calibrated' ? calibration.lowerFactor : 1);
    interval[2] = center + (upper - yhat) * (kind === 'calibrated' ? calibration.upperFactor : 1);

    const everyMs = this.#everyMs(stepMs);
    const at = this.#pendingAt(dueMs, everyMs);
    if (Math.floor(state[at + DUE_MS]! / everyMs) === Math.floor(dueMs / everyMs)) return;
    state.set([dueMs, known, model, blend, interval[1], interval[2]], at);
  }

  /** Learns from the step that ended at `endMs`, if a forecast for it was kept. */
  learn(endMs: number, value: number, { deviation, sigma, stepMs, intervalWidth }: Ended): void {
    const { state } = this;
    const everyMs = this.#everyMs(stepMs);
    const at = this.#pendingAt(endMs, everyMs);
    if (state[at + DUE_MS] !== endMs || Number.isNaN(deviation)) return;
    const keep = 2 ** (-everyMs / HALF_LIFE_MS);
    const known = state[at + DEVIATION]!;
    state[PRODUCTS] = state[PRODUCTS]! * keep + limit(deviation) * known;
    state[SQUARES] = state[SQUARES]! * keep + known * known;
    const blend = state[at + BLEND]!;
    if (!Number.isNaN(blend)) {
      state[MODEL_ERROR] = state[MODEL_ERROR]! * keep + Math.abs(limit((value - state[at + MODEL]!) / sigma));
      state[BLEND_ERROR] = state[BLEND_ERROR]! * keep + Math.abs(limit((value - blend) / sigma));
    }
    if (!Number.isNaN(intervalWidth))
      this.calibration.learn(value, state[at + LOWER]!, state[at + UPPER]!, intervalWidth);
  }

  /** How much of a deviation is usually left after the horizon. */
  #phi(): number {
    const squares = this.state[SQUARES]!;
    return squares > 0 ? Math.min(1, Math.max(0, this.state[PRODUCTS]! / squares)) : 0;
  }

  /** How far apart the forecasts are that are kept. */
  #everyMs(stepMs: number): number {
    return Math.ceil(this.ms / PENDING / stepMs) * stepMs;
  }

  #pendingAt(dueMs: number, everyMs: number): number {
    return PENDING_AT + (Math.floor(dueMs / everyMs) % PENDING) * FIELDS;
  }
}

function limit(sigmas: number): number {
  return Math.min(MAX_SIGMAS, Math.max(-MAX_SIGMAS, sigmas));
}
