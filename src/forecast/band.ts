import { normalQuantile } from './normal.js';

/**
 * Half the width of the interval that holds a share `width` of single steps, in scaled units, at scaled time `t`.
 * `sigma` is the noise; beyond the history (t > 1) rate changes go on as they came: `changepoints` per unit of time with
 * Laplace sizes of mean |δ| = `meanAbsDelta`, so that the trend deviates with variance S·2λ²·u³/3 after u = t − 1.
 */
export function halfBand(sigma: number, changepoints: number, meanAbsDelta: number, t: number, width: number): number {
  const u = Math.max(0, t - 1);
  const trendVariance = (2 / 3) * changepoints * meanAbsDelta * meanAbsDelta * u * u * u;
  return Math.sqrt(sigma * sigma + trendVariance) * normalQuantile((1 + width) / 2);
}
