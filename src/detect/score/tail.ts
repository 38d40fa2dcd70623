/*
 * The distribution of a non-negative statistic, from which a rare level follows: a histogram of its logarithm in which
 * older values count less, and Hill's estimate of the tail beyond the largest values (B. M. Hill 1975, "A simple
 * general approach to inference about the tail of a distribution").
 *
 * The layout, from the offset given: total weight, weight of the next value, values seen, the index of the tail, then
 * the bins.
 */
const TOTAL = 0;
const WEIGHT = 1;
const COUNT = 2;
const INDEX = 3;
const BINS_AT = 4;
/** Quarters of octaves from 2^-6 to 2^14; values beyond count in the outermost bins. */
const BINS = 80;
const BINS_PER_OCTAVE = 4;
const LOWEST_LOG2 = -6;

/** Length of one tail in the state of a series, in Float32; a tail with fewer bins is that much shorter. */
export const TAIL_LENGTH = BINS_AT + BINS;
export const MAX_BINS = BINS;

/** The tail begins where this share of the values lies beyond. */
const TAIL_SHARE = 0.01;
/** A return level needs at least this many values. */
export const MIN_COUNT = 30;
/** With fewer values the tail has less than three of them: it may be one incident. */
const GROWN_COUNT = 300;
/** The prior: the tail of a noise a little heavier than normal, with the weight of this many values. */
const PRIOR_INDEX = 0.25;
const PRIOR_COUNT = 20;
const MIN_INDEX = 0.1;
const MAX_INDEX = 1;
/**
 * New weights grow instead of all bins shrinking; at this weight all are scaled back, long before a Float32 overflows.
 */
const MAX_WEIGHT = 2 ** 20;

/** Adds a value with `growth` times the weight of the one before: 2^(1/n) halves a weight after n more values. */
export function addToTail(state: Float32Array, at: number, value: number, growth: number, bins = BINS): void {
  const weight = (state[at + WEIGHT] || 1) * growth;
  state[at + WEIGHT] = weight;
  state[at + TOTAL]! += weight;
  state[at + COUNT]!++;
  state[at + BINS_AT + Math.min(bins - 1, binOf(value))]! += weight;
  if (weight > MAX_WEIGHT) {
    for (let i = at + BINS_AT; i < at + BINS_AT + bins; i++) state[i]! /= weight;
    state[at + TOTAL]! /= weight;
    state[at + WEIGHT] = 1;
  }
}

/** How many values have been added. */
export function valuesSeen(state: Float32Array, at: number): number {
  return state[at + COUNT]!;
}

/** Whether so few values have been seen that one incident could be all of the tail. */
export function isYoung(state: Float32Array, at: number): boolean {
  return state[at + COUNT]! < GROWN_COUNT;
}

/** The level that a share `rarity` of values exceeds, 0 < rarity ≤ 0.01; NaN while fewer than 30 have been seen. */
export function rareLevel(state: Float32Array, at: number, rarity: number, bins = BINS): number {
  if (state[at + COUNT]! < MIN_COUNT) return Number.NaN;
  const tailWeight = TAIL_SHARE * state[at + TOTAL]!;
  // From the largest bin down to the one in which the tail begins: its weight, and the sum of its logarithms in bins.
  let above = 0;
  let sum = 0;
  let bin = bins - 1;
  for (; bin > 0; bin--) {
    const weight = state[at + BINS_AT + bin]!;
    if (!(above + weight < tailWeight)) break;
    // Most bins are empty.
    if (weight === 0) continue;
    above += weight;
    sum += weight * (bin + 0.5);
  }
  const share = Math.min(1, (tailWeight - above) / (state[at + BINS_AT + bin]! || tailWeight));
  const start = bin + 1 - share;
  sum += (tailWeight - above) * (bin + 1 - share / 2);
  const meanExcess = ((sum / tailWeight - start) / BINS_PER_OCTAVE) * Math.LN2;
  const count = tailWeight / state[at + WEIGHT]!;
  const index = (meanExcess * count + PRIOR_INDEX * PRIOR_COUNT) / (count + PRIOR_COUNT);
  const bounded = Math.min(MAX_INDEX, Math.max(MIN_INDEX, index));
  state[at + INDEX] = bounded;
  return 2 ** (start / BINS_PER_OCTAVE + LOWEST_LOG2) * (TAIL_SHARE / rarity) ** bounded;
}

/** Hill's index of the tail when its level was last worked out: a value q times as rare is q^index times as large. */
export function tailIndex(state: Float32Array, at: number): number {
  return state[at + INDEX]! || PRIOR_INDEX;
}

/** The share of values seen that are as large or larger, no less than one of them. 1 while none has been seen. */
export function exceedance(state: Float32Array, at: number, value: number): number {
  const total = state[at + TOTAL]!;
  if (!(state[at + COUNT]! >= MIN_COUNT)) return 1;
  const place = Math.min(BINS - 1e-3, Math.max(0, BINS_PER_OCTAVE * (Math.log2(value) - LOWEST_LOG2)));
  const own = Math.floor(place);
  let above = (own + 1 - place) * state[at + BINS_AT + own]!;
  for (let bin = own + 1; bin < BINS; bin++) above += state[at + BINS_AT + bin]!;
  return Math.min(1, Math.max(above, state[at + WEIGHT]!) / total);
}

function binOf(value: number): number {
  const bin = Math.floor(BINS_PER_OCTAVE * (Math.log2(value) - LOWEST_LOG2));
  return Math.min(BINS - 1, Math.max(0, bin));
}
