import type { Forecast } from '../../model/samples/columns.js';

const GRAIN_SHARE = 1 / 512;

/** For access to the bits of a double, in the order of the machine: a DataView takes three times as long. */
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;
const EXPONENT_BITS = 0x7ff0_0000;
/** A double of this size or more is a whole number. */
const WHOLE = 2 ** 52;

/*
 * Forecasts are rounded to a grain: the largest power of two up to a 512th of the interval. That moves them by at most a
 * thousandth of the interval, and neighbouring values have most of their bits in common, so that a TSDB keeps them in a fifth
 * of the space (Gorilla's XOR encoding, see xor-encoder.ts: 6.3 bytes a value become 1.2).
 */

/** Rounds [yhat, lower, upper] of one instant in place. Their order stays. */
export function roundInterval(interval: Float64Array): void {
  const grain = grainOf(interval[1]!, interval[2]!);
  for (let i = 0; i < 3; i++) interval[i] = roundTo(grain, interval[i]!);
}

/** Rounds a forecast in place, every instant by its own interval. */
export function roundForecast({ yhat, yhatLower, yhatUpper }: Forecast): void {
  // Intervals from `widest` / 2 up to it, and without it, have one grain: mostly that of the instant before.
  let widest = Number.NaN;
  let grain = 0;
  let perUnit = 0;
  for (let i = 0; i < yhat.length; i++) {
    const lower = yhatLower[i]!;
    const upper = yhatUpper[i]!;
    const width = upper - lower;
    if (!(width < widest && width >= 0.5 * widest)) {
      grain = grainOf(lower, upper);
      widest = 2 * (grain / GRAIN_SHARE);
      // Exact, because a grain is a power of two; where it is too small for that, widths are too, and values are as they are.
      perUnit = 1 / grain;
      if (!(perUnit < Number.POSITIVE_INFINITY)) widest = Number.NaN;
    }
    if (Number.isNaN(widest)) {
      yhat[i] = roundTo(grain, yhat[i]!);
      yhatLower[i] = roundTo(grain, lower);
      yhatUpper[i] = roundTo(grain, upper);
      continue;
    }
    const most = grain * WHOLE;
    const middle = yhat[i]!;
    if (Math.abs(middle) < most) yhat[i] = nearest(middle * perUnit) * grain + 0;
    if (Math.abs(lower) < most) yhatLower[i] = nearest(lower * perUnit) * grain + 0;
    if (Math.abs(upper) < most) yhatUpper[i] = nearest(upper * perUnit) * grain + 0;
  }
}

/** 0 where there is no interval. */
function grainOf(lower: number, upper: number): number {
  const width = upper - lower;
  if (!(width > 0)) return 0;
  // Without its mantissa a double is the power of two below it: Math.log2 takes thirty times as long.
  double[0] = width;
  words[HIGH_WORD] = words[HIGH_WORD]! & EXPONENT_BITS;
  words[1 - HIGH_WORD] = 0;
  return double[0]! * GRAIN_SHARE;
}

/** `Math.round`, which takes twice as long, because it branches where nobody can predict it. */
function nearest(value: number): number {
  return Math.floor(value + 0.5);
}

/** The nearest multiple of the grain; the value itself where a double is no finer. Never -0. */
function roundTo(grain: number, value: number): number {
  return Math.abs(value) < grain * WHOLE ? nearest(value / grain) * grain + 0 : value;
}
