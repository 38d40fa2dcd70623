import type { Forecast } from '../../model/samples/columns.js';
import type { IntervalFactors } from '../interval/interval-calibration.js';
import type { Anchor } from './combination-layout.js';
import { type Combination, CURVE, EXPERTS, type ForecastCombination, knownDeviation } from './forecast-combination.js';

/** Between which anchors lead times are, and where: in proportion to the logarithm. */
export class LeadPlan {
  /** Numbers of the anchors around each lead time; the same twice at either end. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** 0 at the one before, 1 at the one after. */
  readonly share: Float64Array;
  /** Scratch. */
  readonly sums: Float64Array;
  readonly weights: Float64Array;

  constructor(leadsMs: Float64Array, anchors: readonly Anchor[]) {
    this.before = new Uint8Array(leadsMs.length);
    this.after = new Uint8Array(leadsMs.length);
    this.share = new Float64Array(leadsMs.length);
    this.sums = new Float64Array(leadsMs.length);
    this.weights = new Float64Array(leadsMs.length);
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
    const curve = said[CURVE]!;
    for (let from = 0; from < count; ) {
      const pair = this.#combinations[plan.before[from]!]!;
      const next = this.#combinations[plan.after[from]!]!;
      let to = from + 1;
      while (to < count && plan.before[to] === plan.before[from] && plan.after[to] === plan.after[from]) to++;
      // `weights` holds the sum of weights, `sums` that of what the experts expect, each times its weight.
      const { sums, weights } = plan;
      sums.fill(0, from, to);
      weights.fill(0, from, to);
      for (let e = 0; e < EXPERTS; e++) {
        const column = said[e];
        if (column === undefined) continue;
        const known = this.#known[e]!;
        const phi = pair.phi[e]!;
        const phiMore = next.phi[e]! - phi;
        const own = pair.weights[e]!;
        const ownMore = next.weights[e]! - own;
        for (let i = from; i < to; i++) {
          const value = column[i]!;
          if (Number.isNaN(value)) continue;
          const share = plan.share[i]!;
          const sigma = (yhatUpper[i]! - yhat[i]!) / noise;
          const each = own + share * ownMore;
          sums[i] = sums[i]! + each * (value - curve[i]! + sigma * (phi + share * phiMore) * known);
          weights[i] = weights[i]! + each;
        }
      }
      const isSame = pair.logFactors === next.logFactors;
      let down = isCalibrated ? Math.exp(pair.logFactors[0]!) : 1;
      let up = isCalibrated ? Math.exp(pair.logFactors[1]!) : 1;
      for (let i = from; i < to; i++) {
        if (isCalibrated && !isSame) {
          down = Math.exp(mix(pair.logFactors, next.logFactors, 0, plan.share[i]!));
          up = Math.exp(mix(pair.logFactors, next.logFactors, 1, plan.share[i]!));
        }
        const before = yhat[i]!;
        const center = curve[i]! + (weights[i]! > 0 ? sums[i]! / weights[i]! : 0);
        yhat[i] = center;
        yhatLower[i] = center - (before - yhatLower[i]!) * down;
        yhatUpper[i] = center + (yhatUpper[i]! - before) * up;
      }
      from = to;
    }
  }
}

function mix(a: Float64Array, b: Float64Array, i: number, share: number): number {
  return a[i]! + share * (b[i]! - a[i]!);
}
