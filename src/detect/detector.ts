import type { AnomalySettings } from '../model/settings.js';
import { addToTail, isYoung, rareLevel, TAIL_LENGTH } from './tail.js';

/* The layout of a detector's state. */
/** Where the deviations have been in the last steps, in σ. */
const LEVEL = 0;
/** Where they have been in the last hours, in σ. */
const DRIFT = 1;
/** What is left of the last scores over 1. */
const RECOVERING = 2;
/** How long the score has been over 1 without a break, in ms. */
const ALARM_MS = 3;
const DISTANCE_TAIL = 4;
const JUMP_TAIL = DISTANCE_TAIL + TAIL_LENGTH;
export const DETECTOR_LENGTH = JUMP_TAIL + TAIL_LENGTH;

/** Share of a step by which the level follows the deviation: it has forgotten a jump after some five steps. */
const LEVEL_GAIN = 0.4;
/** The drift goes half of the way in this time, or in so many steps where that is longer, and never faster than by a σ. */
const DRIFT_MS = 6 * 3_600_000;
const DRIFT_STEPS = 30;
/** What was seen this long ago counts half: a noise that changed for good is the usual one after about a week. */
const HALF_LIFE_MS = 4 * 86_400_000;
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
 * learnt from the series itself: what it exceeds only so rarely that a person would want to be told. The score is the
 * distance in alarm levels, or a jump that is over its own where that is more: over 1 is an alarm.
 */
export class Detector {
  /** All there is to keep of it; 680 bytes. */
  readonly state: Float32Array;

  constructor(state: Float32Array = new Float32Array(DETECTOR_LENGTH)) {
    this.state = state;
  }

  /**
   * The score of the step that came after the last one given. 0 at yhat, but for the steps after an alarm; NaN, and
   * nothing is learnt, where the value is not finite or there is no yhat.
   */
  next(value: number, yhat: number, sigma: number, stepMs: number, settings: AnomalySettings): number {
    const { state } = this;
    const deviation = inSigmas(value, yhat, sigma);
    if (Number.isNaN(deviation)) return Number.NaN;
    const distance = this.#follow(deviation, stepMs);
    const level = state[LEVEL]!;
    const jump = deviation - level;
    state[LEVEL] = level + LEVEL_GAIN * jump;
    const distanceLevel = this.#learn(DISTANCE_TAIL, distance, stepMs);
    const jumpLevel = this.#learn(JUMP_TAIL, Math.abs(jump), stepMs);
    // A jump back towards yhat is the end of something, not a beginning: it counts as no more than the distance left.
    const isReturn = jump * level < 0 && Math.abs(deviation) < Math.abs(level);
    const jumped = (isReturn ? Math.min(distance, Math.abs(jump)) : Math.abs(jump)) / jumpLevel;
    const far = distance / distanceLevel;
    // Usual jumps tell nothing: how far off a step is ranks it better.
    const told = limit(jumped > 1 ? Math.max(far, jumped) : far, value, yhat, settings);
    state[ALARM_MS] = told > 1 ? state[ALARM_MS]! + stepMs : 0;
    return this.#recover(told);
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
    return limit(distance / this.#alarmLevel(DISTANCE_TAIL, stepMs), value, yhat, settings);
  }

  /** How far a deviation is from yhat, or from where the series has drifted since the fit, whichever is nearer. */
  #follow(deviation: number, stepMs: number): number {
    const drift = this.state[DRIFT]!;
    const off = deviation - drift;
    const gain = 1 - 2 ** -(1 / Math.max(DRIFT_STEPS, DRIFT_MS / stepMs));
    this.state[DRIFT] = drift + gain * Math.min(1, Math.max(-1, off));
    return Math.min(Math.abs(deviation), Math.abs(off));
  }

  /** The alarm level for a statistic, before its present value is learnt. */
  #learn(tail: number, statistic: number, stepMs: number): number {
    const level = this.#alarmLevel(tail, stepMs);
    const alarmMs = this.state[ALARM_MS]!;
    if (alarmMs === 0 || alarmMs > ACCEPTED_AFTER_MS) {
      // An incident in the first hours must not be what the next is measured by.
      const taught = isYoung(this.state, tail) ? Math.min(statistic, level) : statistic;
      addToTail(this.state, tail, taught, HALF_LIFE_MS / stepMs);
    }
    return level;
  }

  #alarmLevel(tail: number, stepMs: number): number {
    const rarity = Math.min(MAX_RARITY, RARITY_AT_5M * (stepMs / 300_000) ** RARITY_EXPONENT);
    const level = rareLevel(this.state, tail, rarity);
    return Number.isNaN(level) ? FIRST_LEVEL : level;
  }

  /** After an alarm the score is below 1 at once, but as long in coming down as the alarm was high. */
  #recover(score: number): number {
    const { state } = this;
    const left = state[RECOVERING]! * 2 ** (-1 / RECOVERY_STEPS);
    state[RECOVERING] = score > 1 ? Math.max(left, Math.min(score, MAX_RECOVERING)) : left;
    return Math.max(score, left > 1 ? 1 - 0.01 / left : 0.99 * left);
  }
}

/** How far a value is from yhat in σ, signed; NaN where there is no telling. */
function inSigmas(value: number, yhat: number, sigma: number): number {
  if (!Number.isFinite(value)) return Number.NaN;
  const floor = MIN_SIGMA_SHARE * Math.max(Math.abs(value), Math.abs(yhat)) + MIN_SIGMA;
  const deviation = (value - yhat) / Math.max(sigma, floor);
  return Math.min(MAX_SIGMAS, Math.max(-MAX_SIGMAS, deviation));
}

/** A score over 1 must also be on a side that counts and at least as far off as was configured. */
function limit(
  score: number,
  value: number,
  yhat: number,
  { direction, minDeviation, minRelativeDeviation }: AnomalySettings,
): number {
  if (direction === (value > yhat ? 'down' : 'up')) return 0;
  const least = Math.max(minDeviation, minRelativeDeviation * Math.abs(yhat));
  return least > 0 ? Math.min(score, Math.abs(value - yhat) / least) : score;
}
