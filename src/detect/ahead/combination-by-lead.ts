import type { Forecast } from '../../model/samples/columns.js';
import type { IntervalFactors } from '../interval/interval-calibration.js';
import type { Anchor } from './combination-layout.js';
import { type Combination, CURVE, EXPERTS, type ForecastCombination, knownDeviation } from './forecast-combination.js';

/** Where each row of an anchor pair begins; that of the weights is first. */
const WEIGHT_MORE = EXPERTS;
const PHI = 2 * EXPERTS;
const PHI_MORE = 3 * EXPERTS;
const KNOWN = 4 * EXPERTS;
/** Scratch for one anchor pair. */
const PAIR = new Float64Array(5 * EXPERTS);

/** Between which anchors lead times are, and where: in proportion to the logarithm. */
export class LeadPlan {
  /** Numbers of the anchors around each lead time; the same twice at either end. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** 0 at the one before, 1 at the one after. */
  readonly share: Float64Array;
  /** NaN at every lead time: the column of an expert without a forecast. */
  readonly nothing: Float64Array;

  constructor(leadsMs: Float64Array, anchors: readonly Anchor[]) {
    this.before = new Uint8Array(leadsMs.length);
    this.after = new Uint8Array(leadsMs.length);
    this.share = new Float64Array(leadsMs.length);
    this.nothing = new Float64Array(leadsMs.length).fill(Number.NaN);
    for (let i = 0; i < leadsMs.length; i++) {
      const leadMs = leadsMs[i]!;
      let next = 0;
      while (next < anchors.length && anchors[next]!.leadMs < leadMs) next++;
      this.before[i] = Math.max(0, next - 1);
      this.after[i] = Math.min(next, anchors.length - 1);
      if (next === 0 || next === anchors.length) continue;
      const { leadMs: fromMs } = anchors[next - 1]!;
      this.share[i] = Math.log(leadMs / fromMs) / Math.log(anchors[next]!.leadMs / fromMs);
    }
  }
}

/** The combinations at any lead time, from those at the anchors. */
export class CombinationByLead {
  readonly #anchors: readonly Anchor[];
  readonly #combinations: readonly Combination[];
  /** The deviations of the experts, as they are gone by. */
  readonly #known: Float64Array;

  /** `deviations` are those of the experts now, in σ. */
  constructor(combination: ForecastCombination, factors: IntervalFactors, deviations: Float64Array) {
    this.#anchors = combination.layout.anchors;
    this.#combinations = combination.combinations(factors);
    this.#known = deviations.map(knownDeviation);
  }

  /**
   * Turns the model's [yhat, lower, upper] of an instant `leadMs` ahead into what is expected then, in place; `said` is what the
   * experts say, σ that of the model then. The interval is stretched if `isCalibrated`.
   */
  combine(
    interval: Float64Array,
    leadMs: number,
    said: Float64Array,
    options: { sigma: number; isCalibrated: boolean },
  ): void {
    const { sigma, isCalibrated } = options;
    const plan = new LeadPlan(Float64Array.of(leadMs), this.#anchors);
    const before = this.#combinations[plan.before[0]!]!;
    const after = this.#combinations[plan.after[0]!]!;
    const share = plan.share[0]!;
    const [yhat, lower, upper] = interval as unknown as [number, number, number];
    let sum = 0;
    let weight = 0;
    // Differences from one of them are summed: equal forecasts have no rounding then.
    const origin = said[CURVE]!;
    for (let i = 0; i < EXPERTS; i++) {
      if (Number.isNaN(said[i]!)) continue;
      const expected = said[i]! - origin + sigma * mix(before.phi, after.phi, i, share) * this.#known[i]!;
      const each = mix(before.weights, after.weights, i, share);
      sum += each * expected;
      weight += each;
    }
    const center = origin + (weight > 0 ? sum / weight : 0);
    interval[0] = center;
    interval[1] =
      center - (yhat - lower) * (isCalibrated ? Math.exp(mix(before.logFactors, after.logFactors, 0, share)) : 1);
    interval[2] =
      center + (upper - yhat) * (isCalibrated ? Math.exp(mix(before.logFactors, after.logFactors, 1, share)) : 1);
  }

  /** Whether any forecast has a part of what this expert says. */
  counts(expert: number): boolean {
    return this.#combinations.some(({ weights }) => weights[expert] !== 0);
  }

  /**
   * `combine` at all lead times of a plan, to the bit, in columns: `said` has one for each expert, undefined for one that does
   * not count, and σ is what the interval reaches above yhat, divided by `noise`.
   */
  combineAlong(
    { yhat, yhatLower, yhatUpper }: Omit<Forecast, 'timesMs'>,
    plan: LeadPlan,
    said: readonly (Float64Array | undefined)[],
    { noise, isCalibrated }: { noise: number; isCalibrated: boolean },
  ): void {
    const count = yhat.length;
    const [curve, median, lastDay, sameWeekday] = said.map((column) => column ?? plan.nothing) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const pair = PAIR;
    for (let from = 0; from < count; ) {
      const before = this.#combinations[plan.before[from]!]!;
      const after = this.#combinations[plan.after[from]!]!;
      let to = from + 1;
      while (to < count && plan.before[to] === plan.before[from] && plan.after[to] === plan.after[from]) to++;
      writePair(before, after, this.#known, pair);
      const isSame = before.logFactors === after.logFactors;
      let down = isCalibrated ? Math.exp(before.logFactors[0]!) : 1;
      let up = isCalibrated ? Math.exp(before.logFactors[1]!) : 1;
      for (let i = from; i < to; i++) {
        const share = plan.share[i]!;
        const origin = curve[i]!;
        const a = median[i]!;
        const b = lastDay[i]!;
        const c = sameWeekday[i]!;
        const sigma = (yhatUpper[i]! - yhat[i]!) / noise;
        const ofCurve = weightOf(pair, CURVE, origin, share);
        const ofA = weightOf(pair, 1, a, share);
        const ofB = weightOf(pair, 2, b, share);
        const ofC = weightOf(pair, 3, c, share);
        const weight = ofCurve + ofA + ofB + ofC;
        const sum =
          0 +
          ofCurve * expectedBy(pair, CURVE, origin, origin, share, sigma) +
          ofA * expectedBy(pair, 1, a, origin, share, sigma) +
          ofB * expectedBy(pair, 2, b, origin, share, sigma) +
          ofC * expectedBy(pair, 3, c, origin, share, sigma);
        if (isCalibrated && !isSame) {
          down = Math.exp(mix(before.logFactors, after.logFactors, 0, share));
          up = Math.exp(mix(before.logFactors, after.logFactors, 1, share));
        }
        const middle = yhat[i]!;
        const center = origin + (weight > 0 ? sum / weight : 0);
        yhat[i] = center;
        yhatLower[i] = center - (middle - yhatLower[i]!) * down;
        yhatUpper[i] = center + (yhatUpper[i]! - middle) * up;
      }
      from = to;
    }
  }
}

/** Writes a row of `pair` for each figure of two anchors, and for what is known; each has a column for each expert. */
function writePair(before: Combination, after: Combination, known: Float64Array, pair: Float64Array): void {
  for (let e = 0; e < EXPERTS; e++) {
    pair[e] = before.weights[e]!;
    pair[WEIGHT_MORE + e] = after.weights[e]! - before.weights[e]!;
    pair[PHI + e] = before.phi[e]!;
    pair[PHI_MORE + e] = after.phi[e]! - before.phi[e]!;
    pair[KNOWN + e] = known[e]!;
  }
}

/** The weight of an expert whose forecast is `value`; 0 for NaN. */
function weightOf(pair: Float64Array, expert: number, value: number, share: number): number {
  return Number.isNaN(value) ? 0 : pair[expert]! + share * pair[WEIGHT_MORE + expert]!;
}

/** The forecast of an expert, moved by its last deviation, as a difference from `origin`; 0 for NaN. */
function expectedBy(
  pair: Float64Array,
  expert: number,
  value: number,
  origin: number,
  share: number,
  sigma: number,
): number {
  if (Number.isNaN(value)) return 0;
  const phi = pair[PHI + expert]! + share * pair[PHI_MORE + expert]!;
  return value - origin + sigma * phi * pair[KNOWN + expert]!;
}

function mix(a: Float64Array, b: Float64Array, i: number, share: number): number {
  return a[i]! + share * (b[i]! - a[i]!);
}
