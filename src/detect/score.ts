import type { AnomalySettings } from '../model/settings.js';

/**
 * The narrowest a half-band is taken, as a share of |yhat|: less cannot be told from rounding. It decides only where
 * the band has no width, and keeps the score of a constant series from blowing up.
 */
const MIN_HALF_BAND_SHARE = 1e-9;
/** The score where there is nothing to measure by: a deviation from a zero-width band at zero. */
const MAX_SCORE = 1e9;

/**
 * Distance of `value` from `yhat` in half-bands, on the side of the miss: 0 at `yhat`, exactly 1 on the edge of the
 * band, more than 1 outside.
 *
 * The half-band is never taken narrower than `minDeviation` nor `minRelativeDeviation`·|yhat|, so a score over 1 means
 * both outside the band and at least that far off. The side that `direction` leaves out scores 0, and no score is over
 * 1e9. NaN where any input is NaN or the value is infinite: there is no score then.
 */
export function anomalyScore(
  value: number,
  yhat: number,
  lower: number,
  upper: number,
  { direction, minDeviation, minRelativeDeviation }: AnomalySettings,
): number {
  if (!Number.isFinite(value) || Number.isNaN(yhat) || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (value === yhat) return 0;
  const above = value > yhat;
  if (direction === (above ? 'down' : 'up')) return 0;
  // The same subtraction for the value and for the edge: that makes the score of the edge 1 to the last bit.
  const deviation = above ? value - yhat : yhat - value;
  const halfBand = Math.max(
    above ? upper - yhat : yhat - lower,
    minDeviation,
    Math.max(minRelativeDeviation, MIN_HALF_BAND_SHARE) * Math.abs(yhat),
  );
  // The inner cap is for differences that a double cannot hold.
  return Math.min(Math.min(deviation, Number.MAX_VALUE) / halfBand, MAX_SCORE);
}
