import { LOOKBACK_MS } from '../../model/samples/staleness.js';
import type { Aggregate } from '../../model/settings/settings.js';

/*
 * How samples become the value of a step. No state but the value so far and its weight: means and rates are running
 * weighted means (a rate is the mean of the rates of its pairs, weighted by their seconds, which is Σ increase ÷ Σ
 * elapsed), maxima and minima need only the value.
 */

/** The mean so far, `weight` heavy, with one more value of weight `added`. Exact for equal values, sound at any offset. */
export function runningMean(mean: number, weight: number, value: number, added: number): number {
  return weight === 0 ? value : mean + (value - mean) * (added / (weight + added));
}

/** The value of a step, of `weight` samples so far, with one more. A rate is not made of values but of increases. */
export function aggregateOf(aggregate: Aggregate, current: number, weight: number, value: number): number {
  switch (aggregate) {
    case 'mean':
      return runningMean(current, weight, value, 1);
    case 'max':
      return current >= value ? current : value;
    case 'min':
      return current <= value ? current : value;
    case 'last':
      return value;
    case 'rate':
      throw new TypeError('Cannot aggregate a counter: its increases are added');
    default:
      return aggregate satisfies never;
  }
}

/** A counter that falls by no more than this share has not been reset: it is corrected. */
const MAX_DIP_SHARE = 0.01;
/** Nor has one that falls by two hundredths, as iowait in /proc/stat does, which counts in hundredths of a second. */
const MAX_TICK = 0.02;

/** Whether a counter is corrected downwards: it has not been reset, and its increases count from where it was. */
export function isDip(before: number, after: number): boolean {
  return after < before && (before - after <= MAX_DIP_SHARE * before || isTick(before, after));
}

/** Whether a counter is corrected by a hundredth or two, however small it is still. */
export function isTick(before: number, after: number): boolean {
  // Hundredths are no binary fractions: what is left of them may be a little more.
  return after < before && before - after <= MAX_TICK * (1 + 1e-6) + Number.EPSILON * before && after >= before / 2;
}

/**
 * Increase of a counter from one sample to the next; after a reset it counts from zero (Prometheus, `rate`). `wasReset`
 * where the sender says so; undefined: where it falls by more than a dip.
 */
export function counterIncrease(before: number, after: number, wasReset?: boolean): number {
  if (wasReset ?? (after < before && !isDip(before, after))) return after;
  return Math.max(0, after - before);
}

/** Two samples further apart than PromQL looks back, and than two steps, say nothing about the rate between them. */
export function maxPairGapMs(stepMs: number): number {
  return Math.max(LOOKBACK_MS, 2 * stepMs);
}
