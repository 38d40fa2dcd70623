import { COARSE_STEP_MS } from './coarse-series.js';

const DAY_HOURS = 86_400_000 / COARSE_STEP_MS;

/** Why a series is not worth watching, in the order in which that is asked. */
export const REASONS = {
  ended: 'have ended',
  young: 'are too young',
  gaps: 'come and go',
  constant: 'never change, or hardly',
  zero: 'are nearly always 0',
  rising: 'only ever rise, such as clocks',
  irregular: 'have no rhythm and no steady level',
  copy: 'move as another one does',
  internal: 'are about scraping, or parts of histograms',
} as const;

export type Reason = keyof typeof REASONS;

/** What is thought of a series: why not, or how regular it is (0 to 1: the share of its variance that its hours of the day explain). */
export type Verdict = { readonly reason: Reason } | { readonly reason?: undefined; readonly regularity: number };

/** Hours at the end in which there has to be a value. */
const FRESH_HOURS = 3;
/** Fewer days show no rhythm. */
const MIN_DAYS = 2;
const RHYTHM_DAYS = 3;
const MIN_PRESENT = 0.8;
const MIN_CHANGES = 0.02;
const MAX_ZEROS = 0.8;
const MAX_RISES = 0.97;
/** Noise that hours of the day explain by chance: 24 means of 14 days each explain 7 %, which is taken off already. */
const MIN_RHYTHM = 0.15;
/** Half the mean square of neighbours' differences over the variance: 1 of noise around a level, near 0 of what wanders. */
const MIN_STEADINESS = 0.4;
/** From the lowest to the highest hundredth over the middle half: 3.4 of normal noise; what is mostly quiet and at times far off has more. */
const MAX_SPREAD = 12;

/**
 * Judges a series by its hours. `available` is how many of them, from the first that any series has, could have been
 * there.
 */
export function judge(values: Float64Array, available: number): Verdict {
  const end = values.length;
  let first = 0;
  while (first < end && Number.isNaN(values[first]!)) first++;
  if (!values.subarray(end - FRESH_HOURS).some((value) => !Number.isNaN(value))) return { reason: 'ended' };
  const span = end - first;
  if (span < MIN_DAYS * DAY_HOURS && span < available - FRESH_HOURS) return { reason: 'young' };
  const present = values.subarray(first).filter((value) => !Number.isNaN(value));
  const n = present.length;
  if (n < MIN_PRESENT * span) return { reason: 'gaps' };

  let [changes, rises, zeros] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    if (present[i] === 0) zeros++;
    if (i > 0 && present[i] !== present[i - 1]) changes++;
    if (i > 0 && present[i]! > present[i - 1]!) rises++;
  }
  if (changes < Math.max(2, MIN_CHANGES * n)) return { reason: 'constant' };
  if (zeros > MAX_ZEROS * n) return { reason: 'zero' };
  if (rises > MAX_RISES * (n - 1)) return { reason: 'rising' };

  const clipped = clip(values.subarray(first));
  const rhythm = span >= RHYTHM_DAYS * DAY_HOURS ? shareOfRhythm(clipped.values) : 0;
  if (rhythm >= MIN_RHYTHM) return { regularity: rhythm };
  if (clipped.spread > MAX_SPREAD || steadiness(clipped.values) < MIN_STEADINESS) return { reason: 'irregular' };
  return { regularity: 0 };
}

/** Cuts single outliers: an incident must not hide a rhythm. */
function clip(values: Float64Array): { values: Float64Array; spread: number } {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  const [low, high] = [at(0.01), at(0.99)];
  const half = at(0.75) - at(0.25);
  return {
    values: values.map((value) => Math.min(high, Math.max(low, value))),
    spread: half > 0 ? (high - low) / half : Number.POSITIVE_INFINITY,
  };
}

/** Adjusted R² of the mean of each hour of the day. */
function shareOfRhythm(values: Float64Array): number {
  const sums = new Float64Array(DAY_HOURS);
  const counts = new Float64Array(DAY_HOURS);
  let [n, sum] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    sums[i % DAY_HOURS]! += values[i]!;
    counts[i % DAY_HOURS]! += 1;
    sum += values[i]!;
    n++;
  }
  let [total, rest] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    total += (values[i]! - sum / n) ** 2;
    rest += (values[i]! - sums[i % DAY_HOURS]! / counts[i % DAY_HOURS]!) ** 2;
  }
  return total === 0 ? 0 : 1 - rest / (n - DAY_HOURS) / (total / (n - 1));
}

function steadiness(values: Float64Array): number {
  const present = values.filter((value) => !Number.isNaN(value));
  const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
  let [squares, differences] = [0, 0];
  for (let i = 0; i < present.length; i++) {
    squares += (present[i]! - mean) ** 2;
    if (i > 0) differences += (present[i]! - present[i - 1]!) ** 2;
  }
  return squares === 0 ? 0 : differences / (2 * squares);
}
