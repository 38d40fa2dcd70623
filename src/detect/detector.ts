import type { AnomalySettings } from '../model/settings.js';
import { addToTail, isYoung, rareLevel, TAIL_LENGTH, valuesSeen } from './tail.js';

/* The layout of a detector's state. */
/** Where the deviations have been in the last steps, in σ. */
const LEVEL = 0;
/** Where they have been in the last hours, in σ. */
const DRIFT = 1;
/** What is left of the last scores over 1. */
const RECOVERING = 2;
/** How high steps have been in the last hours, on average. */
const LATELY = 3;
/** How long the score has been over 1 without a break, in ms. */
const ALARM_MS = 4;
/** Of each of the two statistics: the logarithm of its usual alarm level, and its tail. */
const DISTANCE = 5;
const JUMP = DISTANCE + 1 + TAIL_LENGTH;
export const DETECTOR_LENGTH = JUMP + 1 + TAIL_LENGTH;
const USUAL_LEVEL = 0;
const TAIL = 1;

/** Share of a step by which the level follows the deviation: it has forgotten a jump after some five steps. */
const LEVEL_GAIN = 0.4;
/** The drift goes half of the way in this time, or in so many steps where that is longer, and never faster than by a σ. */
const DRIFT_MS = 6 * 3_600_000;
const DRIFT_STEPS = 30;
/**
 * What was seen this long ago, or so many steps where that is longer, counts half: a noise that changed for good is the
 * usual one after about a week.
 */
const HALF_LIFE_MS = 4 * 86_400_000;
const HALF_LIFE_STEPS = 200;
/** Alarm levels of this long ago count half in the usual one. */
const USUAL_MS = 14 * 86_400_000;
/** Half of what is told of the last hours is from the last this long, or so many steps. */
const LATELY_MS = 3 * 3_600_000;
const LATELY_STEPS = 3;
/** One step counts for no more: the average is of what goes on, not of a spike. */
const MAX_LATELY = 3;
/** Of an incident only its beginning is remembered, until it has lasted this long: then it is how things are now. */
const ACCEPTED_AFTER_MS = 2 * 3_600_000;
/**
 * One step in how many may be above the alarm level of a usual series: one in 1,667 at a step of 5 minutes. Finer steps
 * are allowed fewer, but not in proportion, because large deviations of fine steps come in clusters.
 */
const RARITY_AT_5M = 0.0006;
const RARITY_EXPONENT = 0.4;
const MAX_RARITY = 0.01;
/** The alarm level, in σ, while too little has been seen. */
const FIRST_LEVEL = 8;
/** What is left of an alarm is halved in so many steps. */
const RECOVERY_STEPS = 5;
/** Scores beyond are all as high for that. */
const MAX_RECOVERING = 1000;
/** σ is never taken smaller than this share of the magnitudes compared: what a double or a ring can tell from rounding. */
const MIN_SIGMA_SHARE = 1e-9;
const MIN_SIGMA = 1e-300;
/** No deviation counts for more σ: the state has to come back from it. */
const MAX_SIGMAS = 1e12;

/**
 * Scores the steps of one series, each in its turn. Two things about a step can be rare: its distance from yhat, and its
 * jump away from where the last steps were. Both are measured in σ and compared with an alarm level of their own, which is
 * learnt from the series itself: what it has lately exceeded only so rarely that a person would want to be told. That
 * decides whether the score is over 1. How high it is, on its side of 1, goes by the usual alarm level, the average of the
 * last weeks: so scores of different days can be compared, whatever the days before each were like.
 */
export class Detector {
  /** All there is to keep of it; 692 bytes. */
  readonly state: Float32Array;

  constructor(state: Float32Array = new Float32Array(DETECTOR_LENGTH)) {
    this.state = state;
  }

  /**
   * The score of the step that came after the last one given. Near 0 at yhat, but for the hours after something rare; NaN,
   * and nothing is learnt, where the value is not finite or there is no yhat.
   */
  next(value: number, yhat: number, sigma: number, stepMs: number, settings: AnomalySettings): number {
    const { state } = this;
    const deviation = inSigmas(value, yhat, sigma);
    if (Number.isNaN(deviation)) return Number.NaN;
    const distance = this.#follow(deviation, stepMs);
    const level = state[LEVEL]!;
    const jump = deviation - level;
    state[LEVEL] = level + LEVEL_GAIN * jump;
    const distanceLevel = this.#learn(DISTANCE, distance, stepMs);
    const jumpLevel = this.#learn(JUMP, Math.abs(jump), stepMs);
    // A jump back towards yhat is the end of something, not a beginning: it counts as no more than the distance left.
    const isReturn = jump * level < 0 && Math.abs(deviation) < Math.abs(level);
    const jumped = isReturn ? Math.min(distance, Math.abs(jump)) : Math.abs(jump);
    const isRareJump = jumped > jumpLevel;
    const most = mostOf(value, yhat, settings);
    const isAlarm = most > 1 && (distance > distanceLevel || isRareJump);
    // Usual jumps tell nothing: how far off a step is ranks it better.
    const jumpHeight = isRareJump ? jumped / this.#usualLevel(JUMP) : 0;
    const height = Math.min(most, Math.max(distance / this.#usualLevel(DISTANCE), jumpHeight));
    state[ALARM_MS] = isAlarm ? state[ALARM_MS]! + stepMs : 0;
    return this.#tell(isAlarm, height, stepMs);
  }

  /** What is expected has moved to where the series is. */
  levelMoved(): void {
    this.state[LEVEL] = 0;
    this.state[DRIFT] = 0;
  }

  /** What a value would score by its distance from yhat alone, by what has been learnt so far. */
  distanceScore(value: number, yhat: number, sigma: number, stepMs: number, settings: AnomalySettings): number {
    const deviation = inSigmas(value, yhat, sigma);
    const distance = Math.min(Math.abs(deviation), Math.abs(deviation - this.state[DRIFT]!));
    const most = mostOf(value, yhat, settings);
    const height = Math.min(most, distance / this.#usualLevel(DISTANCE));
    return most > 1 && distance > this.#alarmLevel(DISTANCE, stepMs) ? overOne(height) : underOne(height);
  }

  /** How far a deviation is from yhat, or from where the series has drifted since the fit, whichever is nearer. */
  #follow(deviation: number, stepMs: number): number {
    const drift = this.state[DRIFT]!;
    const off = deviation - drift;
    this.state[DRIFT] = drift + gain(DRIFT_MS, DRIFT_STEPS, stepMs) * Math.min(1, Math.max(-1, off));
    return Math.min(Math.abs(deviation), Math.abs(off));
  }

  /** The alarm level for a statistic, before its present value is learnt. */
  #learn(at: number, statistic: number, stepMs: number): number {
    const { state } = this;
    const level = this.#alarmLevel(at, stepMs);
    const alarmMs = state[ALARM_MS]!;
    if (alarmMs === 0 || alarmMs > ACCEPTED_AFTER_MS) {
      // An incident in the first hours must not be what the next is measured by.
      const taught = isYoung(state, at + TAIL) ? Math.min(statistic, level) : statistic;
      addToTail(state, at + TAIL, taught, Math.max(HALF_LIFE_STEPS, HALF_LIFE_MS / stepMs));
      const share = Math.max(gain(USUAL_MS, 1, stepMs), 1 / valuesSeen(state, at + TAIL));
      state[at + USUAL_LEVEL]! += share * (Math.log(level) - state[at + USUAL_LEVEL]!);
    }
    return level;
  }

  #alarmLevel(at: number, stepMs: number): number {
    const rarity = Math.min(MAX_RARITY, RARITY_AT_5M * (stepMs / 300_000) ** RARITY_EXPONENT);
    const level = rareLevel(this.state, at + TAIL, rarity);
    return Number.isNaN(level) ? FIRST_LEVEL : level;
  }

  #usualLevel(at: number): number {
    return valuesSeen(this.state, at + TAIL) === 0 ? FIRST_LEVEL : Math.exp(this.state[at + USUAL_LEVEL]!);
  }

  /**
   * After an alarm the score is below 1 at once, but as long in coming down as the alarm was high. And it is never below
   * what steps have been like in the last hours, on average: one usual step does not end what goes on.
   */
  #tell(isAlarm: boolean, height: number, stepMs: number): number {
    const { state } = this;
    const left = state[RECOVERING]! * 2 ** (-1 / RECOVERY_STEPS);
    state[RECOVERING] = isAlarm ? Math.max(left, Math.min(height, MAX_RECOVERING)) : left;
    state[LATELY]! += gain(LATELY_MS, LATELY_STEPS, stepMs) * (Math.min(height, MAX_LATELY) - state[LATELY]!);
    return isAlarm ? overOne(height) : underOne(Math.max(height, left, state[LATELY]!));
  }
}

/** By what share of the way an average moves with one step, so that it goes half of it in `halfMs`, or in so many steps. */
function gain(halfMs: number, leastSteps: number, stepMs: number): number {
  return 1 - 2 ** -(1 / Math.max(leastSteps, halfMs / stepMs));
}

/** The score of an alarm so many usual alarm levels high. */
function overOne(height: number): number {
  return Math.max(height, 1 + 0.01 * height);
}

/** The same of what is no alarm. */
function underOne(height: number): number {
  return height > 1 ? 1 - 0.01 / height : 0.99 * height;
}

/** How far a value is from yhat in σ, signed; NaN where there is no telling. */
function inSigmas(value: number, yhat: number, sigma: number): number {
  if (!Number.isFinite(value)) return Number.NaN;
  const floor = MIN_SIGMA_SHARE * Math.max(Math.abs(value), Math.abs(yhat)) + MIN_SIGMA;
  const deviation = (value - yhat) / Math.max(sigma, floor);
  return Math.min(MAX_SIGMAS, Math.max(-MAX_SIGMAS, deviation));
}

/** What a value can score at most: 0 on a side that does not count, no more than 1 nearer to yhat than was configured. */
function mostOf(
  value: number,
  yhat: number,
  { direction, minDeviation, minRelativeDeviation }: AnomalySettings,
): number {
  if (direction === (value > yhat ? 'down' : 'up')) return 0;
  const least = Math.max(minDeviation, minRelativeDeviation * Math.abs(yhat));
  return least > 0 ? Math.abs(value - yhat) / least : Number.POSITIVE_INFINITY;
}
