import { isTick } from './step-aggregate.js';

/*
 * How a series shows what it is where no type comes: a counter only climbs, except at resets, after which it begins near zero; a
 * gauge falls a little, again and again.
 */

/** So many climbs from step to step, of whole numbers and without a fall, and a series is taken for a counter. */
const COUNTER_CLIMBS = 45;
/**
 * So many where it is not whole numbers that climb, but seconds, or blocks: hours at a step of a minute. What a tank or a disk
 * holds climbs for a while too, and falls in between.
 */
const SLOW_COUNTER_CLIMBS = 240;
/** Fractions up to here may be a percentage or a share, and are never taken for a counter. */
const MAX_SHARE = 100;
/** What a disk or a memory holds is a multiple of this; of a counter of events few values are. */
const BLOCK = 512;
/** So much less is known of how many samples in a row were whole numbers, where one is a multiple of a block. */
const BLOCK_WEIGHT = 8;
/** A fall to more than this share is no reset: a counter begins again with what came within one interval. */
const MIN_RESET_SHARE = 0.5;
/** A fall weighs as much as this many climbs; so heavy, and a series is taken for a gauge. */
const FALL_WEIGHT = 16;
export const GAUGE_FALLS = 3 * FALL_WEIGHT;
/**
 * What is a counter only because it climbed is a gauge after so many falls, however far apart, to more than this share: what
 * memory and queues hold climbs for an hour too, until it is collected.
 */
export const REFUTING_FALLS = 3;
const MIN_REFUTING_SHARE = 0.2;
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

/** How many samples in a row were whole numbers and not blocks, with one more. */
export function countWhole(wholes: number, value: number): number {
  if (!Number.isInteger(value)) return 0;
  return value % BLOCK === 0 ? Math.max(0, wholes - BLOCK_WEIGHT) : Math.min(wholes + 1, MAX_COUNT);
}

/** Whether a series that climbed so often, of which so many samples were whole numbers, is a counter. */
export function isCounter(climbs: number, wholes: number, value: number): boolean {
  if (wholes >= COUNTER_CLIMBS) return climbs >= COUNTER_CLIMBS;
  return climbs >= SLOW_COUNTER_CLIMBS && value > MAX_SHARE;
}

/** Falls, with one more, that refute what a series has shown by climbing; a reset to near zero confirms it. */
export function countRefutingFall(count: number, before: number, after: number): number {
  if (after >= before || isTick(before, after)) return count;
  return after > MIN_REFUTING_SHARE * before || after < 0 ? Math.min(count + 1, MAX_COUNT) : 0;
}

/** The weight of falls, with one more sample. */
export function weighFall(falls: number, before: number, after: number): number {
  if (isTick(before, after)) return falls;
  if (isPartialFall(before, after)) return Math.min(falls + FALL_WEIGHT, MAX_COUNT);
  return after > before ? Math.max(0, falls - 1) : falls;
}
