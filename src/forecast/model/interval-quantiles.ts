import { normalQuantile } from '../math/normal.js';
import { deviationQuantile, deviationScale } from './trend-noise.js';

/** The width of an interval that reaches one σ of the noise to either side. */
export const ONE_SIGMA = 0.6826894921370859;

/*
 * The grid on which quantiles are computed. Its nodes are 2^e·(1 + i/8), evenly spaced between powers of two, so that a
 * number's place follows from its bits, without a logarithm. The bounds are exponents of two.
 */
const NODES_PER_OCTAVE = 8;
/** Expected number of changes a. Fewer have no effect at any width; with more, the distribution is normal. */
const MIN_A = -20;
const MAX_A = 11;
/** Size of changes b, in σ. Smaller ones have an effect only if there are more than `MAX_A`; next to larger ones the noise is negligible. */
const MIN_B = -10;
const MAX_B = 30;
const ROWS = (MAX_A - MIN_A) * NODES_PER_OCTAVE + 1;
const COLUMNS = (MAX_B - MIN_B) * NODES_PER_OCTAVE + 1;
/** Added variance that widens an interval by less than 0.05 %: the shape of its distribution does not matter. */
const NEGLIGIBLE_EXCESS = 1e-3;
/** Scratch for one instant. */
const SIZE = new Float64Array(1);
const AHEAD = new Float64Array(1);
const HALF_WIDTH = new Float64Array(1);
/** Noise that is negligible next to changes of size 1. */
const NO_NOISE = 2 ** -29;

/**
 * Half the width of the interval that holds a given share of single steps, for one share. Quantiles of the deviation's
 * distribution (trend-noise.ts) are computed at the nodes of a grid when they are first needed, and interpolated.
 */
export class IntervalQuantiles {
  readonly width: number;
  /** Half the width divided by the standard deviation where there is only noise, which is normal. */
  readonly ofNoise: number;
  /** Quantile divided by standard deviation at each node; NaN where it has not been needed yet. */
  readonly #nodes = new Float64Array(ROWS * COLUMNS).fill(Number.NaN);

  /** `width` is the share of single steps inside, 0 < width < 1. */
  constructor(width: number) {
    if (!(width > 0 && width < 1))
      throw new RangeError(`Cannot make IntervalQuantiles: width must be in (0, 1), got ${width}`);
    this.width = width;
    this.ofNoise = normalQuantile((1 + width) / 2);
  }

  /**
   * Half the width of the interval where the noise has standard deviation `sigma` and where, for a time `u` since the end
   * of the history, the slope has been changing at random: `rate` times a unit of time, by Laplace amounts of mean `size`.
   */
  halfWidth(sigma: number, rate: number, size: number, u: number): number {
    SIZE[0] = size;
    AHEAD[0] = u;
    this.halfWidths(sigma, rate, SIZE, AHEAD, HALF_WIDTH);
    return HALF_WIDTH[0]!;
  }

  /**
   * `halfWidth` for many sizes and times, into `out`, which may be one of these columns. A call for each would make an object of
   * every number that goes in and comes out.
   */
  halfWidths(sigma: number, rate: number, sizes: Float64Array, ahead: Float64Array, out: Float64Array): void {
    const { ofNoise } = this;
    for (let k = 0; k < out.length; k++) {
      const u = ahead[k]!;
      if (u <= 0) {
        out[k] = sigma * ofNoise;
        continue;
      }
      const a = rate * u;
      const b = (sizes[k]! * u) / sigma;
      const excess = (2 / 3) * a * b * b;
      const scale = sigma * Math.sqrt(1 + excess);
      if (!(excess > NEGLIGIBLE_EXCESS)) {
        out[k] = scale * ofNoise;
        continue;
      }
      const row = (octaves(a) - MIN_A) * NODES_PER_OCTAVE;
      if (row <= 0 || row >= ROWS - 1) {
        out[k] = (row <= 0 ? sigma : scale) * ofNoise;
        continue;
      }
      const column = Math.min(COLUMNS - 1.001, Math.max(0, (octaves(b) - MIN_B) * NODES_PER_OCTAVE));
      const i = Math.floor(row);
      const j = Math.floor(column);
      const down = row - i;
      const right = column - j;
      const upper = this.#node(i, j) * (1 - right) + this.#node(i, j + 1) * right;
      const lower = this.#node(i + 1, j) * (1 - right) + this.#node(i + 1, j + 1) * right;
      out[k] = scale * (upper * (1 - down) + lower * down);
    }
  }

  /** What the half width would be without noise, by the changes alone. */
  changeQuantile(rate: number, size: number, u: number): number {
    return this.halfWidth(size * u * NO_NOISE, rate, size, u);
  }

  #node(i: number, j: number): number {
    const known = this.#nodes[i * COLUMNS + j]!;
    return Number.isNaN(known) ? this.#workOut(i, j) : known;
  }

  #workOut(i: number, j: number): number {
    const a = fromOctaves(MIN_A + i / NODES_PER_OCTAVE);
    const b = fromOctaves(MIN_B + j / NODES_PER_OCTAVE);
    const ratio = deviationQuantile(a, b, this.width) / deviationScale(a, b);
    this.#nodes[i * COLUMNS + j] = ratio;
    return ratio;
  }
}

/** The intervals of the widths in use: a few per configuration, 600 kB each. */
const intervals: IntervalQuantiles[] = [];
const MAX_INTERVALS = 16;

/** The interval of a width, kept for the next call: all series share what has been worked out. */
export function quantilesOf(width: number): IntervalQuantiles {
  for (const interval of intervals) if (interval.width === width) return interval;
  const interval = new IntervalQuantiles(width);
  intervals.push(interval);
  if (intervals.length > MAX_INTERVALS) intervals.shift();
  return interval;
}

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** For x = 2^e·(1 + f), 0 ≤ f < 1: e + f, to 20 bits. Equals log₂ at powers of two and is linear in between. */
function octaves(x: number): number {
  double[0] = x;
  return words[HIGH_WORD]! / 2 ** 20 - 1023;
}

function fromOctaves(position: number): number {
  const exponent = Math.floor(position);
  return 2 ** exponent * (1 + position - exponent);
}
