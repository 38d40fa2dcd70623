import { dot } from '../math/gram.js';

/**
 * The columns of a piecewise linear trend, never written out: 1, t, and max(0, t − s) for each changepoint s. Their
 * products with other columns come from sums over the segments between changepoints, carried from the last to the first,
 * so that all of them cost one pass. Every term is a product of distances: nothing cancels.
 */
export class TrendMoments {
  /** Where the hinges start: t itself is the hinge at 0, then the changepoints. Empty for a flat trend. */
  readonly origins: Float64Array;
  /** Index of the first sample of each segment, and the end of the last. */
  readonly #starts: Int32Array;
  readonly #t: Float64Array;

  /** `t` and `changepoints` ascending in [0, 1]; `isFlat` leaves only the constant column. */
  constructor(t: Float64Array, changepoints: Float64Array, isFlat: boolean) {
    this.#t = t;
    this.origins = isFlat ? new Float64Array(0) : Float64Array.of(0, ...changepoints);
    this.#starts = new Int32Array(this.origins.length + 1).fill(t.length);
    let sample = 0;
    this.origins.forEach((origin, hinge) => {
      while (sample < t.length && t[sample]! < origin) sample++;
      this.#starts[hinge] = sample;
    });
  }

  /** Writes the products of `a∘b` with the columns 1 and hinge 0, 1, … to `out`. */
  project(a: Float64Array, b: Float64Array, out: Float64Array): void {
    const { origins } = this;
    const t = this.#t;
    const starts = this.#starts;
    if (origins.length === 0) {
      out[0] = dot(a, b);
      return;
    }
    // Over all samples from a segment's start: Σ c and Σ c·(t − origin).
    let sum = 0;
    let moment = 0;
    for (let hinge = origins.length - 1; hinge >= 0; hinge--) {
      const origin = origins[hinge]!;
      if (hinge + 1 < origins.length) moment += (origins[hinge + 1]! - origin) * sum;
      for (let i = starts[hinge]!; i < starts[hinge + 1]!; i++) {
        const c = a[i]! * b[i]!;
        sum += c;
        moment += c * (t[i]! - origin);
      }
      out[hinge + 1] = moment;
    }
    out[0] = sum;
  }

  /**
   * Writes the Gram matrix of the columns, each multiplied by `weight`, to `out`: (1 + hinges)², symmetric.
   */
  gram(weight: Float64Array, out: Float64Array): void {
    const { origins } = this;
    const t = this.#t;
    const starts = this.#starts;
    const size = origins.length + 1;
    if (size === 1) {
      out[0] = dot(weight, weight);
      return;
    }
    let sum = 0;
    let moment = 0;
    let square = 0;
    for (let hinge = size - 2; hinge >= 0; hinge--) {
      const origin = origins[hinge]!;
      if (hinge + 1 < origins.length) {
        const distance = origins[hinge + 1]! - origin;
        square += distance * (2 * moment + distance * sum);
        moment += distance * sum;
      }
      for (let i = starts[hinge]!; i < starts[hinge + 1]!; i++) {
        const w = weight[i]! * weight[i]!;
        const since = t[i]! - origin;
        sum += w;
        moment += w * since;
        square += w * since * since;
      }
      const row = (hinge + 1) * size;
      out[row] = moment;
      out[hinge + 1] = moment;
      for (let earlier = 0; earlier <= hinge; earlier++) {
        // Where the later hinge is open the earlier one is higher by their distance.
        const product = square + (origin - origins[earlier]!) * moment;
        out[row + earlier + 1] = product;
        out[(earlier + 1) * size + hinge + 1] = product;
      }
    }
    out[0] = sum;
  }

  /** Writes the trend of the given offset and slopes (of hinge 0, 1, …) at every sample. */
  evaluate(offset: number, slopes: Float64Array, out: Float64Array): void {
    const { origins } = this;
    const t = this.#t;
    const starts = this.#starts;
    if (origins.length === 0) out.fill(offset);
    let height = offset;
    let slope = 0;
    for (let hinge = 0; hinge < origins.length; hinge++) {
      const origin = origins[hinge]!;
      if (hinge > 0) height += slope * (origin - origins[hinge - 1]!);
      slope += slopes[hinge]!;
      for (let i = starts[hinge]!; i < starts[hinge + 1]!; i++) out[i] = height + slope * (t[i]! - origin);
    }
  }
}
