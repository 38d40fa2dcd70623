/*
 * How a series shows what it is where no type comes: a counter has whole numbers that only climb, except at resets, after which
 * it begins near zero; a gauge falls a little, again and again.
 */

/**
 * So many climbs from step to step, of whole numbers and without a fall, and a series is taken for a counter. A disk that fills
 * climbs for as long, in percent.
 */
export const COUNTER_CLIMBS = 45;
/** A fall to more than this share is no reset: a counter begins again with what came within one interval. */
const MIN_RESET_SHARE = 0.5;
/** A fall weighs as much as this many climbs; so heavy, and a series is taken for a gauge. */
const FALL_WEIGHT = 16;
export const GAUGE_FALLS = 3 * FALL_WEIGHT;
const MAX_COUNT = 255;

/** Whether a value that is less than the one before is no counter that was reset. */
export function isPartialFall(before: number, after: number): boolean {
  return after < before && (after > MIN_RESET_SHARE * before || after < 0);
}

/** Climbs in a row, with one more step. */
export function countClimb(climbs: number, before: number, after: number): number {
  if (after > before) return after < 0 ? 0 : Math.min(climbs + 1, MAX_COUNT);
  return isPartialFall(before, after) ? 0 : climbs;
}

/** The weight of falls, with one more sample. */
export function weighFall(falls: number, before: number, after: number): number {
  if (isPartialFall(before, after)) return Math.min(falls + FALL_WEIGHT, MAX_COUNT);
  return after > before ? Math.max(0, falls - 1) : falls;
}
