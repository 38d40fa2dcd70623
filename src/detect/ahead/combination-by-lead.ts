import type { IntervalFactors } from '../interval/interval-calibration.js';
import type { Anchor } from './combination-layout.js';
import {
  type Combination,
  CURVE,
  EXPERTS,
  type ExpertForecasts,
  type ForecastCombination,
  knownDeviation,
} from './forecast-combination.js';

/** The combinations at any lead time, from those at the anchors: between two of them in proportion to the logarithm. */
export class CombinationByLead {
  readonly #anchors: readonly Anchor[];
  readonly #combinations: readonly Combination[];

  constructor(combination: ForecastCombination, factors: IntervalFactors) {
    this.#anchors = combination.layout.anchors;
    this.#combinations = combination.combinations(factors);
  }

  /**
   * Turns the model's [yhat, lower, upper] of an instant `leadMs` ahead into what is expected then, in place; `said` and
   * `deviations` are those of the experts, σ that of the model then. The interval is stretched if `isCalibrated`.
   */
  combine(
    interval: Float64Array,
    leadMs: number,
    { said, deviations }: ExpertForecasts,
    { sigma, isCalibrated }: { sigma: number; isCalibrated: boolean },
  ): void {
    const [before, after, share] = this.#between(leadMs);
    const [yhat, lower, upper] = interval as unknown as [number, number, number];
    const mix = (a: Float64Array, b: Float64Array, i: number) => a[i]! + share * (b[i]! - a[i]!);
    let sum = 0;
    let weight = 0;
    // Differences from one of them are summed: equal forecasts have no rounding then.
    const origin = said[CURVE]!;
    for (let i = 0; i < EXPERTS; i++) {
      if (Number.isNaN(said[i]!)) continue;
      const expected = said[i]! - origin + sigma * mix(before.phi, after.phi, i) * knownDeviation(deviations[i]!);
      const each = mix(before.weights, after.weights, i);
      sum += each * expected;
      weight += each;
    }
    const center = origin + (weight > 0 ? sum / weight : 0);
    interval[0] = center;
    interval[1] = center - (yhat - lower) * (isCalibrated ? Math.exp(mix(before.logFactors, after.logFactors, 0)) : 1);
    interval[2] = center + (upper - yhat) * (isCalibrated ? Math.exp(mix(before.logFactors, after.logFactors, 1)) : 1);
  }

  #between(leadMs: number): [Combination, Combination, number] {
    const anchors = this.#anchors;
    const combinations = this.#combinations;
    let next = 0;
    while (next < anchors.length && anchors[next]!.leadMs < leadMs) next++;
    if (next === 0) return [combinations[0]!, combinations[0]!, 0];
    if (next === anchors.length) return [combinations[next - 1]!, combinations[next - 1]!, 0];
    const { leadMs: fromMs } = anchors[next - 1]!;
    const share = Math.log(leadMs / fromMs) / Math.log(anchors[next]!.leadMs / fromMs);
    return [combinations[next - 1]!, combinations[next]!, share];
  }
}
