import type { AnomalySettings } from '../model/settings.js';

/**
 * The narrowest a half-band may be, as a share of the magnitudes at hand: it keeps the score of a zero-width band
 * finite (below 2e9) and still calls every deviation that a double or a ring can tell from rounding an anomaly.
 */
const MIN_HALF_BAND_SHARE = 1e-9;

/**
 * Distance of `value` from `yhat` in half-bands, on the side of the miss: 0 at `yhat`, exactly 1 on the edge of the
 * band, more than 1 outside.
 *
 * The half-band is never taken narrower than `minDeviation` nor `minRelativeDeviation`·|yhat|, so a score over 1 means
 * both outside the band and at least that far off. The side that `direction` leaves out scores 0. NaN where any input
 * is NaN or the value is infinite: there is no score then.
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
    minRelativeDeviation * Math.abs(yhat),
    MIN_HALF_BAND_SHARE * Math.max(Math.abs(value), Math.abs(yhat)),
  );
  // Only magnitudes at either end of what a double holds need the cap.
  return Math.min(deviation / halfBand, Number.MAX_VALUE);
}
