import { LOOKBACK_MS } from '../../model/samples/staleness.js';

/*
 * How samples become the value of a step. No state but the value so far and its weight: means and rates are running
 * weighted means (a rate is the mean of the rates of its pairs, weighted by their seconds, which is Σ increase ÷ Σ
 * elapsed), maxima and minima need only the value.
 */

/** The mean so far, `weight` heavy, with one more value of weight `added`. Exact for equal values, sound at any offset. */
export function runningMean(mean: number, weight: number, value: number, added: number): number {
  return weight === 0 ? value : mean + (value - mean) * (added / (weight + added));
}

/** Increase of a counter from one sample to the next; after a decrease it counts from zero (Prometheus, `rate`). */
export function counterIncrease(before: number, after: number): number {
  return after < before ? after : after - before;
}

/** Two samples further apart than PromQL looks back, and than two steps, say nothing about the rate between them. */
export function maxPairGapMs(stepMs: number): number {
  return Math.max(LOOKBACK_MS, 2 * stepMs);
}
