import { CALIBRATION_LENGTH, type IntervalFactors, learnEdges } from '../interval/interval-calibration.js';
import { type Anchor, type CombinationLayout, LISTED_PENDING } from './combination-layout.js';

/*
 * Forecasts that are combined beat the best of them (Bates & Granger 1969, "The Combination of Forecasts"). Four experts say
 * what is expected at a lead time: the model's curve, the median of the last seven days at that time, the last day, and the
 * same weekday of the last two weeks. To each is added what is usually left by then of the present deviation from it: φ times
 * the deviation, φ by least squares that are robust (Huber 1964). They are weighted by their errors. All that is learnt comes
 * from forecasts that were kept until they were due, so the errors are out of sample.
 */

export const EXPERTS = 4;
/** The expert that always knows something: the model's curve. */
export const CURVE = 0;

/* The layout of an anchor's state: what was learnt, decayed sums over the forecasts that came due; then those still out. */
/** Values are kept as differences from this one, because Float32 has 24 bits. */
const REFERENCE = 0;
/** How many forecasts the interval has learnt from. */
const COUNT = 1;
/** Of each expert deviations then times deviations now, and deviations now squared, in σ; then its absolute errors in σ. */
const PRODUCTS = 2;
const SQUARES = PRODUCTS + EXPERTS;
const ERRORS = SQUARES + EXPERTS;
const CALIBRATION = ERRORS + EXPERTS;
const PENDING_AT = CALIBRATION + CALIBRATION_LENGTH;
/**
 * Of a forecast that is out: the step it is due at, half of the model's interval, what the curve says and its deviation, and the
 * value then. What the other experts say follows from the history, and is asked for when the forecast is due.
 */
const DUE = 0;
const HALF = 1;
const SAID = 2;
const DEVIATION = 3;
const VALUE = 4;
const FIELDS = 5;
/** Steps are counted modulo this, because Float32 has 24 bits. */
const DUE_MODULO = 2 ** 23;

const HALF_LIFE_MS = 3 * 86_400_000;
/** Larger deviations are taken for this many σ: one incident must not decide how persistent a series is. */
const MAX_SIGMAS = 6;
/** Errors count up to this many σ: an expert that is far off must lose its weight, one spike must not decide. */
const MAX_ERROR = 10;
/** Weights are errors to this power. */
const POWER = -8;
/** A residual of more σ than this counts for φ as if it were so large: one incident must not decide. */
const HUBER_SIGMAS = 1;

const HOUR_MS = 3_600_000;
/** Gain of the interval up to an hour ahead, and from six hours on, where what it learns comes late. */
const SHORT_GAIN = 0.1;
const LONG_GAIN = 0.02;
const LONG_MS = 6 * HOUR_MS;
/** Starts with the larger gain, which falls by half after so many forecasts. */
const SETTLING = 36;
/** ln of t's quantile over the normal one per ln of 1 over the share outside; within 0.03 from 0.8 to 0.99. */
const HEAVY_TAIL = 0.19;

/** What the experts say of one instant. Values in the unit of the series, deviations in σ. */
export interface ExpertForecasts {
  /** NaN where an expert knows nothing; the first one, the curve, always does. */
  readonly said: Float64Array;
  /** How far the newest step was from what each expert says of it. */
  readonly deviations: Float64Array;
}

/** A forecast that is kept until it is due. */
export interface KeptForecast {
  /** What the curve says, and half of the model's interval. */
  readonly curve: number;
  readonly half: number;
  /** The newest value, NaN where none came, and how far it is from the curve, in σ. */
  readonly value: number;
  readonly deviation: number;
}

/**
 * What the experts other than the curve said at `originMs`, when the newest value was `value`, of the step that just ended; the
 * deviations in the unit of the series. Those of the curve are filled in. Valid until the next call.
 */
export type Recall = (originMs: number, value: number) => ExpertForecasts;

/** A step that ended. */
export interface EndedStep {
  readonly sigma: number;
  /** Share that the interval is meant to hold; NaN within an incident, which teaches nothing of ordinary days. */
  readonly intervalWidth: number;
}

/** A value that was forecast, and what the experts said of it. */
export interface DueValue {
  readonly value: number;
  readonly sigma: number;
  /** Deviations in the unit of the series. */
  readonly forecasts: ExpertForecasts;
  /** Time since the one before at the same lead time. */
  readonly spacingMs: number;
}

/** How the experts are combined at a lead time. */
export interface Combination {
  readonly phi: Float64Array;
  /** Add up to 1. */
  readonly weights: Float64Array;
  /** Logarithms of the factors that stretch the model's interval. */
  readonly logFactors: Float64Array;
}

/** For one call of `#learnExperts`, which runs for every series at every step and allocates nothing. */
const SCRATCH = {
  phi: new Float64Array(EXPERTS),
  weights: new Float64Array(EXPERTS),
  error: new Float64Array(EXPERTS),
};

/** What has been learnt of one series about its forecasts at the lead times of a layout. */
export class ForecastCombination {
  readonly layout: CombinationLayout;
  /** All there is to keep of it. */
  readonly state: Float32Array;

  constructor(layout: CombinationLayout, before?: ForecastCombination) {
    this.layout = layout;
    this.state = new Float32Array(layout.anchors.reduce((sum, anchor) => sum + lengthOf(anchor), 0)).fill(Number.NaN);
    let at = 0;
    for (const anchor of layout.anchors) {
      const segment = this.state.subarray(at, at + lengthOf(anchor));
      const known = before?.segment(anchor);
      if (known === undefined) segment.fill(0, COUNT, PENDING_AT);
      // Where other forecasts are kept now, what was learnt of the former ones still holds.
      else segment.set(known.length === segment.length ? known : known.subarray(0, PENDING_AT));
      at += segment.length;
    }
  }

  /** What was learnt at the lead time of an anchor; undefined where nothing was. */
  segment(wanted: Anchor): Float32Array | undefined {
    if (wanted.leadSteps * this.layout.stepMs !== wanted.leadMs) return undefined;
    let at = 0;
    for (const anchor of this.layout.anchors) {
      const length = lengthOf(anchor);
      if (anchor.leadSteps === wanted.leadSteps) return this.state.subarray(at, at + length);
      at += length;
    }
    return undefined;
  }

  /**
   * Keeps forecasts for the steps ahead of the one that ended at `endMs`, where one is to be kept. `say` is asked for the one of
   * the step that ends at `dueMs`.
   */
  keep(endMs: number, say: (dueMs: number) => KeptForecast): void {
    const { stepMs, anchors } = this.layout;
    const { state } = this;
    let at = 0;
    for (const anchor of anchors) {
      const due = Math.round(endMs / stepMs) + anchor.leadSteps;
      const slot = at + pendingAt(anchor, due);
      const isKept =
        Math.floor(state[slot + DUE]! / anchor.everySteps) === Math.floor((due % DUE_MODULO) / anchor.everySteps);
      if (!isKept) {
        const { curve, half, value, deviation } = say(due * stepMs);
        if (Number.isNaN(state[at + REFERENCE]!)) state[at + REFERENCE] = curve;
        const reference = state[at + REFERENCE]!;
        state[slot + DUE] = due % DUE_MODULO;
        state[slot + HALF] = half;
        state[slot + SAID] = curve - reference;
        state[slot + DEVIATION] = knownDeviation(deviation);
        state[slot + VALUE] = value - reference;
      }
      at += lengthOf(anchor);
    }
  }

  /** Learns from the step that ended at `endMs`, unless in an incident, at the lead times of which a forecast for it was kept. */
  learn(endMs: number, value: number, ended: EndedStep, recall: Recall): void {
    if (Number.isNaN(value) || Number.isNaN(ended.intervalWidth)) return;
    const { stepMs, anchors } = this.layout;
    const step = Math.round(endMs / stepMs);
    let at = 0;
    for (const anchor of anchors) {
      const slot = at + pendingAt(anchor, step);
      if (this.state[slot + DUE] === step % DUE_MODULO) {
        const valueThen = this.state[at + REFERENCE]! + this.state[slot + VALUE]!;
        const forecasts = recall(endMs - anchor.leadMs, valueThen);
        this.#learnAt(anchor, at, slot, value, ended, forecasts);
      }
      at += lengthOf(anchor);
    }
  }

  /**
   * Learns what would have been forecast of a value at the lead time of an anchor by the days before it. The curve is fitted to
   * what came since: what is left of its deviations counts, and it errs as the others do on average. Returns how far off the others
   * were together; NaN, with nothing learnt, where they know nothing.
   */
  learnInHindsight(anchor: Anchor, due: DueValue): number {
    const { value, forecasts } = due;
    const { said } = forecasts;
    if (Number.isNaN(value) || !(due.sigma > 0) || said.every((each, i) => i === CURVE || Number.isNaN(each)))
      return Number.NaN;
    const at = this.#placeOf(anchor);
    if (Number.isNaN(this.state[at + REFERENCE]!)) this.state[at + REFERENCE] = said[CURVE]!;
    return Math.abs(value - this.#learnExperts(at, due, true));
  }

  /**
   * Begins with an interval `factor` times as wide as the model's at 0.8. To be called after what is learnt in hindsight, at
   * each lead time of which something was.
   */
  beginInterval(anchor: Anchor, intervalWidth: number, factor: number): void {
    const edges = this.#placeOf(anchor) + CALIBRATION;
    this.state.fill(startOf(anchor, intervalWidth) + Math.log(factor), edges, edges + CALIBRATION_LENGTH);
  }

  #placeOf(anchor: Anchor): number {
    let at = 0;
    for (const each of this.layout.anchors) {
      if (each === anchor) break;
      at += lengthOf(each);
    }
    return at;
  }

  /**
   * How the experts are combined at each anchor. Where nothing was learnt yet it is the model's curve, with the interval of
   * the next shorter lead time, or of `factors` where there is none.
   */
  combinations(factors: IntervalFactors): Combination[] {
    const { state, layout } = this;
    let at = 0;
    let logFactors = Float64Array.of(Math.log(factors.lowerFactor), Math.log(factors.upperFactor));
    return layout.anchors.map((anchor) => {
      if (state[at + COUNT]! > 0) logFactors = Float64Array.of(state[at + CALIBRATION]!, state[at + CALIBRATION + 1]!);
      const made = { phi: new Float64Array(EXPERTS), weights: new Float64Array(EXPERTS), logFactors };
      this.#phi(at, made.phi);
      this.#weights(at, made.weights);
      at += lengthOf(anchor);
      return made;
    });
  }

  #learnAt(
    anchor: Anchor,
    at: number,
    slot: number,
    value: number,
    { sigma, intervalWidth }: EndedStep,
    forecasts: ExpertForecasts,
  ): void {
    const { state } = this;
    const spacingMs = anchor.everySteps * this.layout.stepMs;
    forecasts.said[CURVE] = state[at + REFERENCE]! + state[slot + SAID]!;
    forecasts.deviations[CURVE] = state[slot + DEVIATION]! * sigma;
    const count = state[at + COUNT]!;
    const middle = this.#learnExperts(at, { value, sigma, forecasts, spacingMs });
    const edges = at + CALIBRATION;
    if (count === 0) state.fill(startOf(anchor, intervalWidth), edges, edges + CALIBRATION_LENGTH);
    const half = state[slot + HALF]!;
    // As it would be now, not as it was published: what is learnt late is not learnt again and again.
    const lower = middle - half * Math.exp(state[edges]!);
    const upper = middle + half * Math.exp(state[edges + 1]!);
    learnEdges(state, edges, { value, lower, upper }, intervalWidth, gainOf(anchor, count));
  }

  /** Learns how persistent deviations are and how far off each expert was. Returns what they expected together. */
  #learnExperts(at: number, { value, sigma, forecasts, spacingMs }: DueValue, isCurveFitted = false): number {
    const { state } = this;
    const keep = 2 ** (-spacingMs / HALF_LIFE_MS);
    const { phi, weights, error } = SCRATCH;
    this.#phi(at, phi);
    this.#weights(at, weights);
    const reference = state[at + REFERENCE]!;
    let center = 0;
    let weight = 0;
    let errors = 0;
    let known = 0;
    error.fill(Number.NaN);
    for (let i = 0; i < EXPERTS; i++) {
      const said = forecasts.said[i]!;
      if (Number.isNaN(said)) continue;
      const deviation = knownDeviation(forecasts.deviations[i]! / sigma);
      const expected = said + sigma * phi[i]! * deviation;
      const left = limit((value - said) / sigma);
      const share = Math.min(1, HUBER_SIGMAS / Math.abs(left - phi[i]! * deviation));
      state[at + PRODUCTS + i] = state[at + PRODUCTS + i]! * keep + share * left * deviation;
      state[at + SQUARES + i] = state[at + SQUARES + i]! * keep + share * deviation * deviation;
      if (isCurveFitted && i === CURVE) continue;
      center += weights[i]! * (expected - reference);
      weight += weights[i]!;
      error[i] = Math.min(MAX_ERROR, Math.abs(value - expected) / sigma);
      errors += error[i]!;
      known++;
    }
    // Errors are compared: an expert that knows nothing yet errs as the others do on average.
    for (let i = 0; i < EXPERTS; i++)
      state[at + ERRORS + i] = state[at + ERRORS + i]! * keep + (Number.isNaN(error[i]!) ? errors / known : error[i]!);
    state[at + COUNT] = Math.min(state[at + COUNT]! + 1, DUE_MODULO);
    return weight > 0 ? reference + center / weight : forecasts.said[CURVE]!;
  }

  /** How much of a deviation is usually left. */
  #phi(at: number, phi: Float64Array): void {
    const { state } = this;
    for (let i = 0; i < EXPERTS; i++) {
      const squares = state[at + SQUARES + i]!;
      phi[i] = squares > 0 ? Math.min(1, Math.max(0, state[at + PRODUCTS + i]! / squares)) : 0;
    }
  }

  #weights(at: number, weights: Float64Array): void {
    const { state } = this;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < EXPERTS; i++) least = Math.min(least, state[at + ERRORS + i]!);
    if (!(least > 0)) {
      // Nothing learnt, or one of them never errs: the first such.
      weights.fill(0);
      let best = CURVE;
      while (state[at + ERRORS + best]! > 0) best++;
      weights[best] = 1;
      return;
    }
    let sum = 0;
    for (let i = 0; i < EXPERTS; i++) {
      weights[i] = (state[at + ERRORS + i]! / least) ** POWER;
      sum += weights[i]!;
    }
    for (let i = 0; i < EXPERTS; i++) weights[i] = weights[i]! / sum;
  }
}

function lengthOf({ pending }: Anchor): number {
  return PENDING_AT + pending * FIELDS;
}

function pendingAt({ everySteps, pending }: Anchor, step: number): number {
  return PENDING_AT + (Math.floor(step / everySteps) % pending) * FIELDS;
}

/** 0 up to an hour ahead, 1 from six hours on. */
function longShare({ leadMs }: Anchor): number {
  return Math.min(1, Math.max(0, Math.log(leadMs / HOUR_MS) / Math.log(LONG_MS / HOUR_MS)));
}

/**
 * The logarithm of the factor that an interval begins with. So far ahead errors have heavier tails than the normal law of the
 * model, and from six forecasts a day it would take months to learn a percentile: it starts as much wider as Student's t with
 * three degrees of freedom is, where that is as wide at 0.8.
 */
function startOf(anchor: Anchor, intervalWidth: number): number {
  return HEAVY_TAIL * longShare(anchor) * Math.log(0.2 / (1 - intervalWidth));
}

function gainOf(anchor: Anchor, count: number): number {
  const { pending } = anchor;
  const share = longShare(anchor);
  // Where fewer are kept each counts for more.
  const settled = Math.min(SHORT_GAIN, (SHORT_GAIN * (LONG_GAIN / SHORT_GAIN) ** share * LISTED_PENDING) / pending);
  return Math.max(settled, SHORT_GAIN / (1 + count / SETTLING));
}

/** A deviation as it is learnt from and gone by: within bounds, 0 where it is not known. */
export function knownDeviation(deviation: number): number {
  return Number.isNaN(deviation) ? 0 : limit(deviation);
}

function limit(sigmas: number): number {
  return Math.min(MAX_SIGMAS, Math.max(-MAX_SIGMAS, sigmas));
}
