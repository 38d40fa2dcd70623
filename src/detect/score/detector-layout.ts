import { JUMPS_LENGTH } from '../usual/usual-jumps.js';
import { SINGLES_LENGTH } from '../usual/usual-singles.js';
import { MAX_BINS, TAIL_LENGTH } from './tail.js';

/* The layout of a detector's state. */
/** Mean deviation of the last steps, in σ. */
export const LEVEL = 0;
/** Mean deviation of the last hours, in σ. */
export const DRIFT = 1;
/** What remains of the last scores over 1. */
export const RECOVERING = 2;
/** Mean height of the steps of the last hours. */
export const LATELY = 3;
/** How long the score has been over 1 without a break, in ms. */
export const ALARM_MS = 4;
/** Steps for which the incident stays open without a step in alarm; 0 where none is. */
export const OPEN_STEPS = 5;
/** How far off the incident is, in σ, signed. */
export const INCIDENT = 6;
/** Mean surprise of the last steps, signed. */
export const SURPRISE = 7;
/** value − yhat of the last step; NaN where there was none. */
export const RESIDUAL = 8;
/** Deviations of the last steps, in σ, and which comes next. */
export const RECENT = 9;
export const RECENT_STEPS = 5;
export const NEXT_RECENT = RECENT + RECENT_STEPS;
/**
 * The usual size of a change from step to step, of all hours and of each hour of the day, in the unit of the series.
 */
export const USUAL_CHANGE = NEXT_RECENT + 1;
export const HOURS = 24;
/** For each statistic: the logarithm of its usual threshold, its present threshold, and its tail. */
export const DISTANCE = USUAL_CHANGE + 1 + HOURS;
export const JUMP = DISTANCE + 2 + TAIL_LENGTH;
/** By how many bins the tails of these three are shorter: their values do not reach as far. */
const JUMP_FEWER = 16;
const CHANGE_FEWER = 24;
const PERSISTENCE_FEWER = 40;
export const CHANGE = JUMP + 2 + TAIL_LENGTH - JUMP_FEWER;
export const PERSISTENCE = CHANGE + 2 + TAIL_LENGTH - CHANGE_FEWER;
/** The statistics in the first step of an alarm, until it is known whether to learn them. */
export const PENDING = PERSISTENCE + 2 + TAIL_LENGTH - PERSISTENCE_FEWER;
export const STATISTICS = [DISTANCE, JUMP, CHANGE, PERSISTENCE] as const;
/** For how long steps have been rare without a break, in ms. */
export const RARE_MS = PENDING + STATISTICS.length;
/** 1 where the present alarm is, or was, by distance. */
export const IS_FAR = RARE_MS + 1;
/** The last singles. */
export const SINGLES = IS_FAR + 2;
/** 1 where the last step was usual and the incident continued through it. */
export const BRIDGED = IS_FAR + 1;
/** The last jumps. */
export const JUMPS = SINGLES + SINGLES_LENGTH;
/** The part of SURPRISE that comes from incidents that are over. */
export const LEFT_SURPRISE = JUMPS + JUMPS_LENGTH;
export const DETECTOR_LENGTH = LEFT_SURPRISE + 1;
export const USUAL_LEVEL = 0;
export const THRESHOLD = 1;
export const TAIL = 2;

/** How many bins the tail of a statistic has. */
export function binsOf(at: number): number {
  if (at === JUMP) return MAX_BINS - JUMP_FEWER;
  if (at === CHANGE) return MAX_BINS - CHANGE_FEWER;
  return at === PERSISTENCE ? MAX_BINS - PERSISTENCE_FEWER : MAX_BINS;
}
