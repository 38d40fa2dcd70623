import { normalQuantile } from '../math/normal.js';

/*
 * The distribution of a forecast's deviation after the history, in σ of the noise: D = Z + b·Σ Lᵢ·Uᵢ with Z normal, the
 * number of rate changes Poisson(a), Lᵢ Laplace(0, 1) (their sizes) and Uᵢ uniform on (0, 1) (how long ago they came).
 * Its characteristic function is real,
 *
 *     φ(w) = exp(−w²/2 + a·(arctan(bw)/(bw) − 1)),
 *
 * so that P(|D| > q) = 1 − (2/π)·∫ sin(wq)·φ(w)/w dw over w > 0. Along the real axis the integrand swings q/2π times a
 * unit; along the ray w = x·e^{iα} it decays like e^{−xq·sin α}, whatever a and b, and with y = ln x the trapezoidal
 * rule converges exponentially. Turning the contour at the pole w = 0 adds α.
 */
const ANGLE = Math.PI / 8;
const COS = Math.cos(ANGLE);
const SIN = Math.sin(ANGLE);
/** Step in ln x; the integrand is analytic for π/8 on either side, so the error is about e^{−2π·(π/8)/step} = 3e-9. */
const STEP = 0.125;
/** Left of x = LEFT/scale the integrand is linear in x to 1e-8 and summed in closed form. */
const LEFT = 1e-4;
/** Where e^{−x²·cos(2α)/2 − xq·sin α} is below e^{−RIGHT}, the integrand is negligible. */
const RIGHT = 25;

const MAX_ROOT_STEPS = 100;

/** Standard deviation of D: E[L²] = 2 and E[U²] = 1/3. */
export function deviationScale(a: number, b: number): number {
  return Math.sqrt(1 + (2 / 3) * a * b * b);
}

/** The q with P(|D| ≤ q) = width, 0 < width < 1, for a ≥ 0 and b ≥ 0; relative error about 1e-6. */
export function deviationQuantile(a: number, b: number, width: number): number {
  const outside = 1 - width;
  // D is wider than its normal part alone, and no wider than Chebyshev's inequality allows.
  let low = normalQuantile((1 + width) / 2);
  let high = deviationScale(a, b) / Math.sqrt(outside);
  const tail = new Tail(a, b, low, high);
  const excess = (q: number) => Math.log(Math.max(1e-300, tail.probability(q)) / outside);
  let atLow = excess(low);
  let atHigh = excess(high);
  if (atLow <= 0) return low;
  if (atHigh >= 0) return high;
  // Regula falsi on a logarithmic scale, in its Illinois form.
  for (let step = 0; step < MAX_ROOT_STEPS && high > low * (1 + 1e-7); step++) {
    const share = atLow / (atLow - atHigh);
    const q = low * (high / low) ** Math.min(0.99, Math.max(0.01, share));
    const at = excess(q);
    if (at > 0) {
      low = q;
      atLow = at;
      atHigh /= 2;
    } else {
      high = q;
      atHigh = at;
      atLow /= 2;
    }
  }
  return (low + high) / 2;
}

/** P(|D| > q) for given a and b: the part of the integrand that does not depend on q is computed once. */
class Tail {
  readonly #x: Float64Array;
  /** ln φ along the ray. */
  readonly #re: Float64Array;
  readonly #im: Float64Array;

  /** For q between `low` and `high`. */
  constructor(a: number, b: number, low: number, high: number) {
    const first = LEFT / high;
    const drift = low * SIN;
    const spread = Math.cos(2 * ANGLE);
    const last = (2 * RIGHT) / (drift + Math.sqrt(drift * drift + 2 * spread * RIGHT));
    const count = Math.ceil(Math.log(last / first) / STEP) + 1;
    this.#x = Float64Array.from({ length: count }, (_, i) => first * Math.exp(i * STEP));
    this.#re = new Float64Array(count);
    this.#im = new Float64Array(count);
    const sin2 = Math.sin(2 * ANGLE);
    for (let i = 0; i < count; i++) {
      const x = this.#x[i]!;
      const r = b * x;
      let re: number;
      let im: number;
      if (r < 1e-3) {
        // arctan(z)/z − 1 = −z²/3 + O(z⁴)
        re = (-r * r * spread) / 3;
        im = (-r * r * sin2) / 3;
      } else {
        // arctan z = (i/2)·(ln(1 − iz) − ln(1 + iz)), z = r·e^{iα}
        const away = Math.hypot(1 + r * SIN, r * COS);
        const near = Math.hypot(1 - r * SIN, r * COS);
        const arcRe = (Math.atan2(r * COS, 1 - r * SIN) + Math.atan2(r * COS, 1 + r * SIN)) / 2;
        const arcIm = Math.log(away / near) / 2;
        re = (arcRe * COS + arcIm * SIN) / r - 1;
        im = (arcIm * COS - arcRe * SIN) / r;
      }
      this.#re[i] = (-x * x * spread) / 2 + a * re;
      this.#im[i] = (-x * x * sin2) / 2 + a * im;
    }
  }

  probability(q: number): number {
    // The part left of the first node: Im f ≈ x·q·cos α, in a geometric series.
    const ratio = Math.exp(-STEP);
    let sum = (this.#x[0]! * q * COS * ratio) / (1 - ratio);
    for (let i = 0; i < this.#x.length; i++) {
      const reach = this.#x[i]! * q;
      sum += Math.exp(this.#re[i]! - reach * SIN) * Math.sin(this.#im[i]! + reach * COS);
    }
    return 1 - (2 / Math.PI) * (ANGLE + STEP * sum);
  }
}
