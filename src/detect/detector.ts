import type { AnomalySettings } from '../model/settings.js';
import {
  addToTail,
  exceedance,
  isYoung,
  MAX_BINS,
  MIN_COUNT,
  rareLevel,
  TAIL_LENGTH,
  tailIndex,
  valuesSeen,
} from './tail.js';
import { JUMPS_LENGTH, UsualJumps } from './usual-jumps.js';
import { SINGLES_LENGTH, UsualSingles } from './usual-singles.js';

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
/** Steps for which the incident stays open without a step in alarm; 0 where none is. */
const OPEN_STEPS = 5;
/** How far off the incident is, in σ, signed. */
const INCIDENT = 6;
/** How surprising the last steps have been, signed. */
const SURPRISE = 7;
/** value − yhat of the last step; NaN where there was none. */
const RESIDUAL = 8;
/** Deviations of the last steps, in σ, and which comes next. */
const RECENT = 9;
const RECENT_STEPS = 5;
const NEXT_RECENT = RECENT + RECENT_STEPS;
/** The usual size of a change from step to step, of all hours and of each hour of the day, in the unit of the series. */
const USUAL_CHANGE = NEXT_RECENT + 1;
const HOURS = 24;
/** Of each statistic: the logarithm of its usual threshold, its present threshold, and its tail. */
const DISTANCE = USUAL_CHANGE + 1 + HOURS;
const JUMP = DISTANCE + 2 + TAIL_LENGTH;
/** The tails of these three need not reach as far: bins they have less. */
const JUMP_FEWER = 16;
const CHANGE_FEWER = 24;
const PERSISTENCE_FEWER = 40;
const CHANGE = JUMP + 2 + TAIL_LENGTH - JUMP_FEWER;
const PERSISTENCE = CHANGE + 2 + TAIL_LENGTH - CHANGE_FEWER;
/** What the statistics were in the first step of an alarm, until it is known whether that is to be learnt. */
const PENDING = PERSISTENCE + 2 + TAIL_LENGTH - PERSISTENCE_FEWER;
const STATISTICS = [DISTANCE, JUMP, CHANGE, PERSISTENCE] as const;
/** For how long steps have been rare without a break, in ms. */
const RARE_MS = PENDING + STATISTICS.length;
/** 1 where the present alarm is, or was, one of distance. */
const IS_FAR = RARE_MS + 1;
/** The last singles. */
const SINGLES = IS_FAR + 2;
/** 1 where the last step was usual, and the incident went on all the same. */
const BRIDGED = IS_FAR + 1;
/** The last jumps. */
const JUMPS = SINGLES + SINGLES_LENGTH;
export const DETECTOR_LENGTH = JUMPS + JUMPS_LENGTH;
const USUAL_LEVEL = 0;
const THRESHOLD = 1;
const TAIL = 2;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A threshold is worked out anew after so many values. */
const THRESHOLD_EVERY = 8;
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
/** Thresholds of this long ago count half in the usual one. */
const USUAL_MS = 14 * 86_400_000;
/** Half of what is told of the last hours is from the last this long, or so many steps. */
const LATELY_MS = 3 * 3_600_000;
const LATELY_STEPS = 3;
/** One step counts for no more: the average is of what goes on, not of a spike. */
const MAX_LATELY = 3;
/**
 * Of an incident only the beginning is learnt, until it has lasted this long: then its steps are learnt as usual ones. When a
 * level is accepted is another matter, which `accept_after` decides.
 */
const HABITUATION_MS = 2 * 3_600_000;
const HABITUATION_STEPS = 12;
/** An alarm goes on through steps that are usual where steps are shorter. */
const COARSE_STEP_MS = 300_000;
/** A value that stays exactly where it was in alarm is an incident for so long. */
const HELD_MS = 86_400_000;
/**
 * One step in how many may be above the threshold of a usual series: one in 1,667 at a step of 5 minutes. Finer steps
 * are allowed fewer, but not in proportion, because large deviations of fine steps come in clusters.
 */
const RARITY_AT_5M = 0.0006;
const RARITY_EXPONENT = 0.4;
const MAX_RARITY = 0.01;
/** A single step alone has to be so rare that it comes once in this time: steps of a heavy tail do not come in clusters. */
const SINGLE_MS = 28 * DAY_MS;
/** The changes from step to step, and what lasts, have to be rarer, because they come on top. */
const EXTRA_RARITY = 0.2;
/** Changes are looked at where steps are shorter: an hour later it is another time of the day. */
const MAX_CHANGE_STEP_MS = 3_600_000;
/** What was usual at an hour this many days ago counts half. */
const USUAL_CHANGE_DAYS = 4;
const MIN_CHANGES = 100;
const MIN_CHANGES_OF_HOUR = 20;
/** Weight of the hour's own mean, where that of all hours has 1. */
const OWN_HOUR = 3;
/** How much the mean of the last steps counts in the height, beside a single one of them. */
const MEAN_WEIGHT = 0.7;
/** Share of a step by which the surprise follows: it lasts for some eight steps. */
const SURPRISE_GAIN = 0.15;
/** No step is more surprising: a single one is the distance's business. */
const MAX_SURPRISE = 6;
/** What lasts is no less surprising than that, on average: one step in eight is, by chance. */
const MIN_PERSISTENCE = 2;
/** Nor nearer to yhat than this, in σ. */
const MIN_LASTING = 1;
/** A step goes on with what lasts if it is among the strangest tenth. */
const GOES_ON_SURPRISE = 2;
/** In a heavy tail, which begins at this index, an incident of so many steps goes on through one usual step. */
const HEAVY_INDEX = 0.27;
const MIN_BRIDGED_STEPS = 5;
const BRIDGED_SHARE = 0.1;
/** An alarm of a young series lasts for so many steps, or this share of those that were seen. */
const MIN_SETTLING_STEPS = 10;
const SETTLING_SHARE = 0.1;
/** An incident stays open for so long, and so many usual steps at least and at most: then what comes is another one. */
const OPEN_FOR_MS = 10 * 60_000;
const MIN_OPEN_STEPS = 2;
const MAX_OPEN_STEPS = 5;
/** A step goes on with an open incident if it is this share of it off. */
const GOES_ON_SHARE = 0.3;
const INCIDENT_GAIN = 0.2;
/** The threshold, in σ, while too little has been seen. */
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

/** A step, and what was expected of it. */
export interface ScoredStep {
  readonly value: number;
  /** The value of the step just before; NaN where there was none. */
  readonly before: number;
  readonly yhat: number;
  readonly sigma: number;
  /** Any time in the step. */
  readonly timeMs: number;
  readonly stepMs: number;
  /** What else is wrong with it, if anything is. */
  readonly also: StepKind | undefined;
  /** Whether the step is usual whatever its deviation, as a known event is in a series that mostly rests. */
  readonly isUsual: boolean;
  /** Whether so little of the series is known, at all, that what it is like may be like this. */
  readonly isNew: boolean;
}

/**
 * What was rare about a step in alarm: its value; how far it jumped; that the series does not move as it usually does, comes
 * to zero where it never does, has been going away from what it was a week ago, or that something that usually comes at that
 * time did not; that events come more often than they do; that its value is beyond the bounds of the metric.
 */
export type StepKind = (typeof STEP_KINDS)[number];
export const STEP_KINDS = ['value', 'jump', 'stuck', 'drift', 'missing', 'rate', 'limit'] as const;

/**
 * Scores the steps of one series, each in its turn. What about a step can be rare: its distance from yhat, its jump away
 * from where the last steps were, its change from the step before, and how surprising the last steps have been together.
 * Each is compared with a threshold of its own, which is learnt from the series itself: what it has lately exceeded only so
 * rarely that a person would want to be told. That decides whether the score is over 1. How high it is, on its side of 1,
 * goes by the usual threshold, the average of the last weeks: so scores of different days can be compared, whatever the days
 * before each were like.
 */
export class Detector {
  /** All there is to keep of it; some 1,300 bytes. */
  readonly state: Float32Array;
  readonly #singles: UsualSingles;
  readonly #jumps: UsualJumps;
  /** Of the last step that scored over 1. */
  kind: StepKind = 'value';

  constructor(state: Float32Array = new Float32Array(DETECTOR_LENGTH)) {
    this.state = state;
    this.#singles = new UsualSingles(state.subarray(SINGLES, SINGLES + SINGLES_LENGTH));
    this.#jumps = new UsualJumps(state.subarray(JUMPS, JUMPS + JUMPS_LENGTH));
  }

  /**
   * The score of the step that came after the last one given. Near 0 at yhat, except in the hours after something rare; NaN,
   * and nothing is learnt, where the value is not finite or there is no yhat.
   */
  next(step: ScoredStep, settings: AnomalySettings): number {
    const { state } = this;
    const { value, before, yhat, sigma, stepMs, also, isUsual } = step;
    const deviation = inSigmas(value, yhat, sigma);
    if (Number.isNaN(deviation)) return Number.NaN;
    const off = this.#follow(deviation, stepMs);
    const distance = Math.abs(off);
    const level = state[LEVEL]!;
    const jump = deviation - level;
    state[LEVEL] = level + LEVEL_GAIN * jump;
    const surprise = this.#surprise(off);
    const change = this.#change(step);
    const isHeld =
      value === before &&
      state[IS_FAR] === 1 &&
      state[ALARM_MS]! > 0 &&
      state[ALARM_MS]! < HELD_MS &&
      off * state[INCIDENT]! > 0;
    const distanceLevel = this.#threshold(DISTANCE);
    const jumpLevel = this.#threshold(JUMP);
    const changeLevel = this.#threshold(CHANGE);
    const lastingLevel = Math.max(MIN_PERSISTENCE, this.#threshold(PERSISTENCE));
    // A jump back towards yhat is the end of something, not a beginning: it counts as no more than the distance left.
    const isReturn = jump * level < 0 && Math.abs(deviation) < Math.abs(level);
    const jumped = isReturn ? Math.min(distance, Math.abs(jump)) : Math.abs(jump);
    const isRareJump = jumped > jumpLevel;
    const isRareChange =
      !isYoung(state, CHANGE + TAIL) && !(isReturn && state[OPEN_STEPS]! > 0) && change > changeLevel;
    const isSame = off * state[SURPRISE]! > 0;
    const lasts =
      !isYoung(state, PERSISTENCE + TAIL) &&
      !isUsual &&
      isSame &&
      Math.abs(deviation) >= GOES_ON_SHARE * Math.abs(level) &&
      distance >= MIN_LASTING &&
      surprise >= GOES_ON_SURPRISE &&
      Math.abs(state[SURPRISE]!) > lastingLevel;
    const most = mostOf(value, yhat, settings);
    const isFar = distance > distanceLevel && !isUsual;
    const hasJumped = (isRareJump || isRareChange) && !isUsual;
    this.#jumps.follow(value - before);
    const isUsualJump = hasJumped && !isFar && this.#jumps.isUsual(value - before, step.timeMs);
    const isRareStep = isFar || (hasJumped && !isUsualJump);
    const factor = Math.max(distance / distanceLevel, jumped / jumpLevel, isRareChange ? change / changeLevel : 0);
    const mostAlone = gainsOf(stepMs).singles ** tailIndex(state, DISTANCE + TAIL);
    const isOpen = state[OPEN_STEPS]! > 0;
    const isPassed = this.#singles.passes(step.timeMs, stepMs, factor, mostAlone, isRareStep, isOpen);
    const isRare = (isRareStep && !isPassed) || lasts;
    const goesOn = isHeld || this.#goesOn(deviation, surprise, stepMs) || this.#isBridged(deviation, stepMs);
    const isAlarm =
      most > 1 && (isRare || also !== undefined || (goesOn && !isUsual)) && !(step.isNew && this.#isSettled(stepMs));
    // Usual jumps tell nothing: how far off a step is ranks it better.
    const jumpHeight = isRareJump && !isUsualJump ? jumped / this.#usualLevel(JUMP) : 0;
    const mean = MEAN_WEIGHT * Math.abs(this.#meanOfRecent(deviation));
    const height = Math.min(most, Math.max(Math.max(distance, mean) / this.#usualLevel(DISTANCE), jumpHeight));
    if (isAlarm) this.kind = kindOf(isFar || lasts, isRareJump || isRareChange, also, this.kind);
    if (!isAlarm && state[ALARM_MS]! > 0) this.#singles.end(state[ALARM_MS]!, step.timeMs, stepMs);
    const rareMs = state[RARE_MS]!;
    state[RARE_MS] = isRareStep && !isPassed ? rareMs + stepMs : 0;
    if (state[RARE_MS]! > 0 && rareMs === 0) {
      [distance, Math.abs(jump), change, Math.abs(state[SURPRISE]!)].forEach((statistic, i) => {
        state[PENDING + i] = statistic;
      });
    } else if (
      !isHeld &&
      also === undefined &&
      (!isAlarm || rareMs > Math.max(HABITUATION_MS, HABITUATION_STEPS * stepMs))
    ) {
      this.#learn(DISTANCE, distance, distanceLevel, stepMs);
      this.#learn(JUMP, Math.abs(jump), jumpLevel, stepMs);
      this.#learn(CHANGE, change, changeLevel, stepMs);
      this.#learn(PERSISTENCE, Math.abs(state[SURPRISE]!), lastingLevel, stepMs);
    }
    state[BRIDGED] = Number(isAlarm && !isRare && !isHeld && also === undefined && surprise < GOES_ON_SURPRISE);
    if (!isAlarm) state[IS_FAR] = 0;
    else if (isFar || also === 'value') state[IS_FAR] = 1;
    this.#open(isAlarm, isRare, deviation, stepMs);
    state[ALARM_MS] = isAlarm ? state[ALARM_MS]! + stepMs : 0;
    return this.#tell(isAlarm, height, stepMs);
  }

  /** Learns the first step of an alarm; to be called where it is not known to be how things are at that time of the day. */
  learnFirst(stepMs: number): void {
    const { state } = this;
    if (!(state[RARE_MS]! > 0 && state[RARE_MS]! <= stepMs)) return;
    STATISTICS.forEach((at, i) => {
      this.#learn(at, state[PENDING + i]!, this.#threshold(at), stepMs);
    });
  }

  /** How many more steps have to be seen until the threshold is the series' own; until then it is `FIRST_LEVEL` σ. */
  get settlingSteps(): number {
    return Math.max(0, MIN_COUNT - valuesSeen(this.state, DISTANCE + TAIL));
  }

  /** What is expected has moved to where the series is; its noise, and so each change, is `scale` times as large there. */
  levelMoved(scale: number): void {
    const { state } = this;
    for (let i = USUAL_CHANGE; i <= USUAL_CHANGE + HOURS; i++) state[i]! *= scale;
    this.#jumps.scale(scale);
    for (const field of [LEVEL, DRIFT, ALARM_MS, RARE_MS, OPEN_STEPS, INCIDENT, SURPRISE]) state[field] = 0;
    state.fill(0, RECENT, RECENT + RECENT_STEPS);
    state[RESIDUAL] = Number.NaN;
  }

  /** On which side the series is pulled back again and again: 1 above, −1 below; 0 where it is not. */
  get resetsFrom(): number {
    return this.#jumps.resetsFrom;
  }

  /** What a value would score by its distance from yhat alone, by what has been learnt so far. */
  distanceScore(value: number, yhat: number, sigma: number, settings: AnomalySettings): number {
    const deviation = inSigmas(value, yhat, sigma);
    const distance = Math.min(Math.abs(deviation), Math.abs(deviation - this.state[DRIFT]!));
    const most = mostOf(value, yhat, settings);
    const height = Math.min(most, distance / this.#usualLevel(DISTANCE));
    return most > 1 && distance > this.#threshold(DISTANCE) ? overOne(height) : underOne(height);
  }

  /** How far a deviation is from yhat, or from where the series has drifted since the fit, whichever is nearer; signed. */
  #follow(deviation: number, stepMs: number): number {
    const drift = this.state[DRIFT]!;
    const off = deviation - drift;
    this.state[DRIFT] = drift + gainsOf(stepMs).drift * Math.min(1, Math.max(-1, off));
    return Math.abs(deviation) < Math.abs(off) ? deviation : off;
  }

  /** How surprising a distance is, −ln of the share of steps that are as far off; it is added to that of the last steps. */
  #surprise(off: number): number {
    const { state } = this;
    const share = exceedance(state, DISTANCE + TAIL, Math.abs(off));
    const surprise = Math.min(MAX_SURPRISE, -Math.log(share));
    state[SURPRISE]! += SURPRISE_GAIN * (Math.sign(off) * surprise - state[SURPRISE]!);
    return surprise;
  }

  /** The change from the step before, as a multiple of what is usual at that hour; 0 where either is unknown. */
  #change({ value, before, yhat, timeMs, stepMs }: ScoredStep): number {
    const { state } = this;
    const residual = value - yhat;
    const change = Math.min(Math.abs(value - before), Math.abs(residual - state[RESIDUAL]!));
    state[RESIDUAL] = residual;
    if (Number.isNaN(change) || stepMs >= MAX_CHANGE_STEP_MS) return 0;
    const hour = USUAL_CHANGE + 1 + (Math.floor(timeMs / 3_600_000) % HOURS);
    const own = state[hour]!;
    const all = state[USUAL_CHANGE]!;
    const usual = own === 0 ? all : (OWN_HOUR * own + all) / (OWN_HOUR + 1);
    const perHour = gainsOf(stepMs).changeOfHour;
    state[hour] = own === 0 ? change : own + perHour * (change - own);
    state[USUAL_CHANGE] = all === 0 ? change : all + gainsOf(stepMs).change * (change - all);
    return usual === 0 ? 0 : Math.min(MAX_SIGMAS, change / usual);
  }

  /** Whether a step that is not rare belongs to the incident that is still open. */
  #goesOn(deviation: number, surprise: number, stepMs: number): boolean {
    const incident = this.state[INCIDENT]!;
    return (
      this.state[OPEN_STEPS]! > 0 &&
      stepMs < COARSE_STEP_MS &&
      surprise >= GOES_ON_SURPRISE &&
      deviation / incident > GOES_ON_SHARE
    );
  }

  /** Whether a young series has been rare for so long that it is how things are: little of its life was otherwise. */
  #isSettled(stepMs: number): boolean {
    const seen = valuesSeen(this.state, DISTANCE + TAIL);
    const mostSteps = Math.max(MIN_SETTLING_STEPS, SETTLING_SHARE * seen);
    return isYoung(this.state, DISTANCE + TAIL) && this.state[RARE_MS]! >= mostSteps * stepMs;
  }

  /** Whether a step that is usual may be so by chance: values of a heavy tail are as low at times, also while they are high. */
  #isBridged(deviation: number, stepMs: number): boolean {
    const { state } = this;
    return (
      state[BRIDGED] === 0 &&
      state[ALARM_MS]! >= MIN_BRIDGED_STEPS * stepMs &&
      deviation / state[INCIDENT]! > BRIDGED_SHARE &&
      tailIndex(state, DISTANCE + TAIL) >= HEAVY_INDEX
    );
  }

  /** Opens an incident, goes on with it, or lets a usual step pass. */
  #open(isAlarm: boolean, isRare: boolean, deviation: number, stepMs: number): void {
    const { state } = this;
    if (isAlarm) {
      const isNew = state[OPEN_STEPS] === 0 || state[INCIDENT]! * deviation < 0;
      state[INCIDENT] = isNew ? deviation : state[INCIDENT]! + INCIDENT_GAIN * (deviation - state[INCIDENT]!);
      if (isRare || !isNew)
        state[OPEN_STEPS] = Math.min(MAX_OPEN_STEPS, Math.max(MIN_OPEN_STEPS, Math.floor(OPEN_FOR_MS / stepMs)));
    } else if (state[OPEN_STEPS]! > 0) state[OPEN_STEPS]!--;
  }

  /** The mean deviation of the last steps, this one with them. */
  #meanOfRecent(deviation: number): number {
    const { state } = this;
    const next = state[NEXT_RECENT]!;
    state[RECENT + next] = deviation;
    state[NEXT_RECENT] = (next + 1) % RECENT_STEPS;
    let sum = 0;
    for (let i = RECENT; i < RECENT + RECENT_STEPS; i++) sum += state[i]!;
    return sum / RECENT_STEPS;
  }

  /** Learns a statistic of a step whose threshold was `level`. */
  #learn(at: number, statistic: number, level: number, stepMs: number): void {
    const { state } = this;
    const { growth, usual, rarity } = gainsOf(stepMs);
    const bins = binsOf(at);
    // An incident in the first hours must not be what the next is measured by.
    const isUnknown = isYoung(state, at + TAIL);
    addToTail(state, at + TAIL, isUnknown ? Math.min(statistic, level) : statistic, growth, bins);
    const seen = valuesSeen(state, at + TAIL);
    const share = Math.max(usual, 1 / seen);
    state[at + USUAL_LEVEL]! += share * (Math.log(level) - state[at + USUAL_LEVEL]!);
    // One value does not move it by much, and working it out takes longest of all.
    if (!isUnknown && seen % THRESHOLD_EVERY !== 0) return;
    const isExtra = at === CHANGE || at === PERSISTENCE;
    const rare = rareLevel(state, at + TAIL, isExtra ? EXTRA_RARITY * rarity : rarity, bins);
    state[at + THRESHOLD] = Number.isNaN(rare) ? 0 : rare;
  }

  #threshold(at: number): number {
    return this.state[at + THRESHOLD]! || FIRST_LEVEL;
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
    state[LATELY]! += gainsOf(stepMs).lately * (Math.min(height, MAX_LATELY) - state[LATELY]!);
    return isAlarm ? overOne(height) : underOne(Math.max(height, left, state[LATELY]!));
  }
}

/** What an alarm is for; one that goes on is of the kind it was. */
function kindOf(isFar: boolean, isJump: boolean, also: StepKind | undefined, before: StepKind): StepKind {
  if (isFar && also !== 'stuck' && also !== 'missing') return 'value';
  return also ?? (isJump ? 'jump' : before);
}

/** What follows from the step alone. */
interface Gains {
  /** Shares by which the averages move with a step. */
  readonly drift: number;
  readonly lately: number;
  readonly usual: number;
  readonly change: number;
  readonly changeOfHour: number;
  /** How much more a step weighs in the tails than the one before. */
  readonly growth: number;
  /** The share of steps that may be in alarm. */
  readonly rarity: number;
  /** How often, by that, a step is beyond in `SINGLE_MS`, if steps have nothing to do with each other. */
  readonly singles: number;
}

const gainsByStep = new Map<number, Gains>();

function gainsOf(stepMs: number): Gains {
  const known = gainsByStep.get(stepMs);
  if (known !== undefined) return known;
  const rarity = Math.min(MAX_RARITY, RARITY_AT_5M * (stepMs / 300_000) ** RARITY_EXPONENT);
  const made = {
    drift: gain(DRIFT_MS, DRIFT_STEPS, stepMs),
    lately: gain(LATELY_MS, LATELY_STEPS, stepMs),
    usual: gain(USUAL_MS, 1, stepMs),
    change: gain(USUAL_CHANGE_DAYS * DAY_MS, MIN_CHANGES, stepMs),
    // An hour of the day is seen for an hour a day.
    changeOfHour: gain(USUAL_CHANGE_DAYS * HOUR_MS, MIN_CHANGES_OF_HOUR, stepMs),
    growth: 2 ** (1 / Math.max(HALF_LIFE_STEPS, HALF_LIFE_MS / stepMs)),
    rarity,
    singles: Math.max(1, (rarity * SINGLE_MS) / stepMs),
  };
  gainsByStep.set(stepMs, made);
  return made;
}

function binsOf(at: number): number {
  if (at === JUMP) return MAX_BINS - JUMP_FEWER;
  if (at === CHANGE) return MAX_BINS - CHANGE_FEWER;
  return at === PERSISTENCE ? MAX_BINS - PERSISTENCE_FEWER : MAX_BINS;
}

/** By what share of the way an average moves with one step, so that it goes half of it in `halfMs`, or in so many steps. */
function gain(halfMs: number, leastSteps: number, stepMs: number): number {
  return 1 - 2 ** -(1 / Math.max(leastSteps, halfMs / stepMs));
}

/** The score of an alarm so many usual thresholds high. */
function overOne(height: number): number {
  return Math.max(height, 1.005 + 0.005 * height);
}

/** The same of what is no alarm. */
function underOne(height: number): number {
  return height > 1 ? 1 - 0.01 / height : 0.99 * height;
}

/** Signed distance from yhat in σ; NaN where the value is not finite. */
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
