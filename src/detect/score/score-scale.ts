import type { AnomalySettings } from '../../model/settings/settings.js';

/** σ is at least this share of the magnitudes compared, because less is rounding in a double or a ring. */
const MIN_SIGMA_SHARE = 1e-9;
const MIN_SIGMA = 1e-300;
/** Larger deviations count as this many σ, because the state must recover from them. */
export const MAX_SIGMAS = 1e12;

/** The score of an alarm of this height, in usual thresholds: over 1. */
export function overOne(height: number): number {
  return Math.max(height, 1.005 + 0.005 * height);
}

/** The score of a step of this height that is no alarm: below 1. */
export function underOne(height: number): number {
  return height > 1 ? 1 - 0.01 / height : 0.99 * height;
}

/** Signed distance from yhat in σ; NaN where the value is not finite. */
export function inSigmas(value: number, yhat: number, sigma: number): number {
  if (!Number.isFinite(value)) return Number.NaN;
  const floor = MIN_SIGMA_SHARE * Math.max(Math.abs(value), Math.abs(yhat)) + MIN_SIGMA;
  const deviation = (value - yhat) / Math.max(sigma, floor);
  return Math.min(MAX_SIGMAS, Math.max(-MAX_SIGMAS, deviation));
}

/**
 * The highest score of a value: 0 on a side that is not scored, at most 1 where it is nearer to yhat than configured.
 */
export function mostOf(
  value: number,
  yhat: number,
  { direction, minDeviation, minRelativeDeviation }: AnomalySettings,
): number {
  const side = value > yhat ? 'up' : 'down';
  if (direction !== 'both' && direction !== side) return 0;
  const least = Math.max(minDeviation[side], minRelativeDeviation[side] * Math.abs(yhat));
  return least > 0 ? Math.abs(value - yhat) / least : Number.POSITIVE_INFINITY;
}
