import type { AnomalySettings } from '../../model/settings/settings.js';
import { JUMPS_LENGTH, UsualJumps } from '../usual/usual-jumps.js';
import { SINGLES_LENGTH, UsualSingles } from '../usual/usual-singles.js';
import {
  ALARM_MS,
  BRIDGED,
  binsOf,
  CHANGE,
  DETECTOR_LENGTH,
  DISTANCE,
  DRIFT,
  HOURS,
  INCIDENT,
  IS_FAR,
  JUMP,
  JUMPS,
  LATELY,
  LEFT_SURPRISE,
  LEVEL,
  NEXT_RECENT,
  OPEN_STEPS,
  PENDING,
  PERSISTENCE,
  RARE_MS,
  RECENT,
  RECENT_STEPS,
  RECOVERING,
  RESIDUAL,
  SINGLES,
  STATISTICS,
  SURPRISE,
  TAIL,
  THRESHOLD,
  USUAL_CHANGE,
  USUAL_LEVEL,
} from './detector-layout.js';
import { inSigmas, MAX_SIGMAS, mostOf, overOne, underOne } from './score-scale.js';
import { gainsOf } from './step-gains.js';
import { addToTail, exceedance, isYoung, MIN_COUNT, rareLevel, tailIndex, valuesSeen } from './tail.js';

/** A threshold is recomputed after this many values. */
const THRESHOLD_EVERY = 8;
/** Share by which the level follows the deviation with each step: it forgets a jump after about five steps. */
const LEVEL_GAIN = 0.4;
/** Higher steps count as this height: the average must show what lasts, not a spike. */
const MAX_LATELY = 3;
/**
 * Only the beginning of an incident is learnt until it has lasted this long; later its steps are learnt as usual ones.
 * Whether its level is accepted is decided by `accept_after`, independently of this.
 */
const HABITUATION_MS = 2 * 3_600_000;
const HABITUATION_STEPS = 12;
/** With steps shorter than this, an alarm continues through usual steps. */
const COARSE_STEP_MS = 300_000;
/** A value that does not change at all during an alarm remains an incident for this long. */
const HELD_MS = 86_400_000;
/**
 * Changes from step to step and lasting deviations must be rarer than this share of the others, because their alarms
 * are additional.
 */
const EXTRA_RARITY = 0.2;
/** Until a series has been seen for this long, single steps need to be no rarer than lasting deviations. */
const SINGLES_KNOWN_MS = 86_400_000;
/** Changes are judged only with shorter steps: an hour later it is another time of the day. */
const MAX_CHANGE_STEP_MS = 3_600_000;
/** From this multiple of the usual change on a jump is remembered, whether or not it is rare. */
const LARGE_CHANGE = 20;
/** Weight of the hour's own mean, where that of all hours has 1. */
const OWN_HOUR = 3;
/** Weight of the mean of the last steps in the height; a single step has 1. */
const MEAN_WEIGHT = 0.7;
/** Share by which the surprise follows with each step: it remembers about eight steps. */
const SURPRISE_GAIN = 0.15;
/** Upper limit of the surprise of one step: single steps are judged by their distance. */
const MAX_SURPRISE = 6;
/** Least mean surprise of a lasting deviation: by chance one step in eight has it. */
const MIN_PERSISTENCE = 2;
/** Least distance of a lasting deviation from yhat, in σ. */
const MIN_LASTING = 1;
/** A step continues a lasting deviation if it is among the most surprising tenth. */
const GOES_ON_SURPRISE = 2;
/** A tail is heavy from this index on: an incident of `MIN_BRIDGED_STEPS` continues through one usual step then. */
const HEAVY_INDEX = 0.27;
const MIN_BRIDGED_STEPS = 5;
const BRIDGED_SHARE = 0.1;
/** An alarm of a young series lasts for at most this many steps, or this share of the steps seen. */
const MIN_SETTLING_STEPS = 10;
const SETTLING_SHARE = 0.1;
/**
 * An incident stays open for this long after its last alarm, within these numbers of usual steps; a later alarm is
 * another incident.
 */
const OPEN_FOR_MS = 10 * 60_000;
const MIN_OPEN_STEPS = 2;
const MAX_OPEN_STEPS = 5;
/** A series is back once its deviation is less than this share of what it was. */
const BACK_SHARE = 0.3;
/** A step continues an open incident if its deviation is this share of the incident's; with a heavy tail, if it is not back. */
const GOES_ON_SHARE = 0.5;
const INCIDENT_GAIN = 0.2;
/** The threshold, in σ, while too little has been seen. */
const FIRST_LEVEL = 8;
/** Half-life, in steps, of the score after an alarm. */
const RECOVERY_STEPS = 5;
/** Higher scores recover as if they were this high. */
const MAX_RECOVERING = 1000;

/** A step, and what was expected of it. */
export interface ScoredStep {
  readonly value: number;
  /** The value of the step just before; NaN where there was none. */
  readonly before: number;
  readonly yhat: number;
  readonly sigma: number;
  /** Any time in the step. */
  readonly timeMs: number;
  /** The same time by the local clock of the series' rule; UTC if absent. */
  readonly localMs?: number;
  readonly stepMs: number;
  /** The kind of alarm that another detector found in it, if any. */
  readonly also: StepKind | undefined;
  /** Whether the step is usual whatever its deviation: a series that mostly rests has a known event, for example. */
  readonly isUsual: boolean;
  /** Whether the series is so young that this may be its usual behaviour. */
  readonly isNew: boolean;
  /** By how much the calendar moved yhat since the step before, as at the midnight of a holiday; 0 unless it did. */
  readonly moved?: number;
}

/**
 * Why a step is in alarm: `value`, its value is unusual; `jump`, it jumped too far; `stuck`, the series moves less than
 * it usually does; `drift`, it has been moving away from the level of a week ago; `missing`, something that usually
 * comes at this time did not come; `rate`, its events come more often than usual; `limit`, its value is beyond the
 * limits or bounds of its rule.
 */
export type StepKind = (typeof STEP_KINDS)[number];
export const STEP_KINDS = ['value', 'jump', 'stuck', 'drift', 'missing', 'rate', 'limit'] as const;

/**
 * Scores the steps of one series in order. Four statistics of a step can be rare: its distance from yhat, its jump away
 * from the last steps, its change from the step before, and how surprising the last steps are together. Each has a
 * threshold that is learnt from the series: the level that it exceeds only as often as false alarms are bearable. The
 * thresholds decide whether the score is over 1. How high it is, above or below 1, depends on the usual threshold, the
 * average of the last weeks: so scores of different days are comparable, whatever the days before each were like.
 */
export class Detector {
  /** The whole state, for snapshots; about 1,300 bytes. */
  readonly state: Float32Array;
  readonly #singles: UsualSingles;
  readonly #jumps: UsualJumps;
  /** The kind of the last step that scored over 1. */
  kind: StepKind = 'value';

  constructor(state: Float32Array = new Float32Array(DETECTOR_LENGTH)) {
    this.state = state;
    this.#singles = new UsualSingles(state.subarray(SINGLES, SINGLES + SINGLES_LENGTH));
    this.#jumps = new UsualJumps(state.subarray(JUMPS, JUMPS + JUMPS_LENGTH));
  }

  /**
   * The score of the next step. Near 0 at yhat, except in the hours after something rare. NaN, with nothing learnt,
   * where the value is not finite or there is no yhat.
   */
  next(step: ScoredStep, settings: AnomalySettings): number {
    const { state } = this;
    const { value, before, yhat, sigma, stepMs, also, isUsual } = step;
    const deviation = inSigmas(value, yhat, sigma);
    if (Number.isNaN(deviation)) return Number.NaN;
    const off = this.#follow(deviation, stepMs);
    const distance = Math.abs(off);
    const level = this.#levelBefore(deviation, (step.moved ?? 0) / sigma);
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
    const distanceThreshold = this.#threshold(DISTANCE);
    const jumpThreshold = this.#threshold(JUMP);
    const changeThreshold = this.#threshold(CHANGE);
    const lastingThreshold = Math.max(MIN_PERSISTENCE, this.#threshold(PERSISTENCE));
    // What is learnt does not depend on the sensitivity, so a change of it applies from the next step on.
    const moreOften = settings.falseAlarmsPerWeek;
    const distanceScale = this.#scale(DISTANCE, moreOften);
    const jumpScale = this.#scale(JUMP, moreOften);
    const distanceLevel = distanceScale * distanceThreshold;
    const jumpLevel = jumpScale * jumpThreshold;
    const changeLevel = this.#scale(CHANGE, moreOften) * changeThreshold;
    const lastingLevel = this.#scale(PERSISTENCE, moreOften) * lastingThreshold;
    // A jump back towards yhat ends something: it counts as no more than the distance that remains.
    const isReturn = jump * level < 0 && Math.abs(deviation) < Math.abs(level);
    const jumped = isReturn ? Math.min(distance, Math.abs(jump)) : Math.abs(jump);
    const isRareJump = jumped > jumpLevel;
    const endsIncident = isReturn && (state[OPEN_STEPS]! > 0 || state[ALARM_MS]! > 0);
    const isRareChange = !isYoung(state, CHANGE + TAIL) && !endsIncident && change > changeLevel;
    const lasting = state[SURPRISE]! - state[LEFT_SURPRISE]!;
    const isSame = off * lasting > 0;
    const lasts =
      !isYoung(state, PERSISTENCE + TAIL) &&
      !isUsual &&
      isSame &&
      Math.abs(deviation) >= BACK_SHARE * Math.abs(level) &&
      distance >= MIN_LASTING &&
      surprise >= GOES_ON_SURPRISE &&
      Math.abs(lasting) > lastingLevel;
    const most = mostOf(value, yhat, settings);
    const isFar = distance > distanceLevel && !isUsual;
    const hasJumped = (isRareJump || isRareChange) && !isUsual;
    const isUndone = this.#jumps.follow(value - before);
    const isLarge = (hasJumped && !isFar) || (change > LARGE_CHANGE && !isUndone);
    const isLikeOthers = isLarge && this.#jumps.isUsual(value - before, step.timeMs);
    const isUsualJump = hasJumped && !isFar && isLikeOthers;
    const isRareStep = isFar || (hasJumped && !isUsualJump);
    const factor = Math.max(distance / distanceLevel, jumped / jumpLevel, isRareChange ? change / changeLevel : 0);
    const mostAlone = gainsOf(stepMs).singles ** tailIndex(state, DISTANCE + TAIL);
    const isOpen = state[OPEN_STEPS]! > 0;
    const isPassed = this.#singles.passes(step.timeMs, stepMs, factor, mostAlone, isRareStep, isOpen);
    const isRare = (isRareStep && !isPassed) || lasts;
    const goesOn = isHeld || this.#goesOn(deviation, surprise, stepMs) || this.#isBridged(deviation, stepMs);
    const isAlarm =
      most > 1 && (isRare || also !== undefined || (goesOn && !isUsual)) && !(step.isNew && this.#isSettled(stepMs));
    // The size of usual jumps does not rank a step; its distance does.
    const jumpHeight = isRareJump && !isLikeOthers ? jumped / (jumpScale * this.#usualLevel(JUMP)) : 0;
    const mean = MEAN_WEIGHT * Math.abs(this.#meanOfRecent(deviation));
    const usualDistance = distanceScale * this.#usualLevel(DISTANCE);
    const height = Math.min(most, Math.max(Math.max(distance, mean) / usualDistance, jumpHeight));
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
      this.#learn(DISTANCE, distance, distanceThreshold, stepMs);
      this.#learn(JUMP, Math.abs(jump), jumpThreshold, stepMs);
      this.#learn(CHANGE, change, changeThreshold, stepMs);
      this.#learn(PERSISTENCE, Math.abs(state[SURPRISE]!), lastingThreshold, stepMs);
    }
    state[BRIDGED] = Number(isAlarm && !isRare && !isHeld && also === undefined && surprise < GOES_ON_SURPRISE);
    if (!isAlarm) state[IS_FAR] = 0;
    else if (isFar || also === 'value') state[IS_FAR] = 1;
    // How far off a sensor was stuck says nothing of what comes when it moves again.
    if (also === 'stuck' && !isFar) state[LEFT_SURPRISE] = state[SURPRISE]!;
    else this.#open(isAlarm, isRare, deviation, stepMs);
    state[ALARM_MS] = isAlarm ? state[ALARM_MS]! + stepMs : 0;
    return this.#tell(isAlarm, height, stepMs);
  }

  /**
   * Where the last steps were. A calendar says from when a day is another one, and not whether the series changes at
   * that instant: it has not jumped if it is where it was, nor if it is as far from yhat as it was. Where
   * the last steps were is not known after a swap of forecasts, and then nothing counts as a jump.
   */
  #levelBefore(deviation: number, moved: number): number {
    const level = this.state[LEVEL]!;
    if (Number.isNaN(level)) return deviation;
    return Math.abs(deviation - (level - moved)) < Math.abs(deviation - level) ? level - moved : level;
  }

  /** Learns the first step of an alarm. Call it where the alarm is not known to be usual at that time of the day. */
  learnFirst(stepMs: number): void {
    const { state } = this;
    if (!(state[RARE_MS]! > 0 && state[RARE_MS]! <= stepMs)) return;
    STATISTICS.forEach((at, i) => {
      this.#learn(at, state[PENDING + i]!, this.#threshold(at), stepMs);
    });
  }

  /** How many more steps it takes until the threshold is learnt; until then it is `FIRST_LEVEL` σ. */
  get settlingSteps(): number {
    return Math.max(0, MIN_COUNT - valuesSeen(this.state, DISTANCE + TAIL));
  }

  /**
   * The forecast has moved to the present level of the series; its noise, and so each change, is `scale` times as large
   * there. `offSigmas` is how far the last steps were from the forecast that holds now; NaN where that is not known.
   */
  levelMoved(scale: number, offSigmas = 0): void {
    const { state } = this;
    for (let i = USUAL_CHANGE; i <= USUAL_CHANGE + HOURS; i++) state[i]! *= scale;
    this.#jumps.scale(scale);
    for (const field of [DRIFT, ALARM_MS, RARE_MS, OPEN_STEPS, INCIDENT, SURPRISE, LEFT_SURPRISE]) state[field] = 0;
    state.fill(0, RECENT, RECENT + RECENT_STEPS);
    state[LEVEL] = offSigmas;
    state[RESIDUAL] = Number.NaN;
  }

  /** The side from which the series is reset again and again, as by a restart: 1 above, −1 below, 0 none. */
  resetsFrom(timeMs: number): number {
    return this.#jumps.resetsFrom(timeMs);
  }

  /** Whether a series is reset again and again, at no fixed time of the day. */
  resetsAnytime(timeMs: number): boolean {
    return this.#jumps.resetsAnytime(timeMs);
  }

  /** The score of a value by its distance from yhat alone, with the present thresholds. */
  distanceScore(value: number, yhat: number, sigma: number, settings: AnomalySettings): number {
    const deviation = inSigmas(value, yhat, sigma);
    const distance = Math.min(Math.abs(deviation), Math.abs(deviation - this.state[DRIFT]!));
    const most = mostOf(value, yhat, settings);
    const scale = this.#scale(DISTANCE, settings.falseAlarmsPerWeek);
    const height = Math.min(most, distance / (scale * this.#usualLevel(DISTANCE)));
    return most > 1 && distance > scale * this.#threshold(DISTANCE) ? overOne(height) : underOne(height);
  }

  /** The signed distance from yhat, or from the drift since the fit, whichever is nearer. */
  #follow(deviation: number, stepMs: number): number {
    const drift = this.state[DRIFT]!;
    const off = deviation - drift;
    this.state[DRIFT] = drift + gainsOf(stepMs).drift * Math.min(1, Math.max(-1, off));
    return Math.abs(deviation) < Math.abs(off) ? deviation : off;
  }

  /** The surprise of a distance: −ln of the share of steps that are as far off. Adds it to that of the last steps. */
  #surprise(off: number): number {
    const { state } = this;
    const share = exceedance(state, DISTANCE + TAIL, Math.abs(off));
    const surprise = Math.min(MAX_SURPRISE, -Math.log(share));
    state[SURPRISE]! += SURPRISE_GAIN * (Math.sign(off) * surprise - state[SURPRISE]!);
    state[LEFT_SURPRISE]! *= 1 - SURPRISE_GAIN;
    return surprise;
  }

  /** The change from the step before, as a multiple of the usual one at that hour; 0 where either is unknown. */
  #change({ value, before, yhat, timeMs, localMs = timeMs, stepMs }: ScoredStep): number {
    const { state } = this;
    const residual = value - yhat;
    const change = Math.min(Math.abs(value - before), Math.abs(residual - state[RESIDUAL]!));
    state[RESIDUAL] = residual;
    if (Number.isNaN(change) || stepMs >= MAX_CHANGE_STEP_MS) return 0;
    const hour = USUAL_CHANGE + 1 + (Math.floor(localMs / 3_600_000) % HOURS);
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
    const { state } = this;
    const share = this.#isHeavy ? BACK_SHARE : GOES_ON_SHARE;
    return (
      state[OPEN_STEPS]! > 0 &&
      stepMs < COARSE_STEP_MS &&
      surprise >= GOES_ON_SURPRISE &&
      deviation / state[INCIDENT]! > share
    );
  }

  /** Whether a young series has been rare for so long, in proportion to its age, that this is its usual behaviour. */
  #isSettled(stepMs: number): boolean {
    const seen = valuesSeen(this.state, DISTANCE + TAIL);
    const mostSteps = Math.max(MIN_SETTLING_STEPS, SETTLING_SHARE * seen);
    return isYoung(this.state, DISTANCE + TAIL) && this.state[RARE_MS]! >= mostSteps * stepMs;
  }

  /** Whether a usual step may be usual by chance: with a heavy tail, single values are low also during an incident. */
  #isBridged(deviation: number, stepMs: number): boolean {
    const { state } = this;
    return (
      state[BRIDGED] === 0 &&
      state[ALARM_MS]! >= MIN_BRIDGED_STEPS * stepMs &&
      deviation / state[INCIDENT]! > BRIDGED_SHARE &&
      this.#isHeavy
    );
  }

  get #isHeavy(): boolean {
    return tailIndex(this.state, DISTANCE + TAIL) >= HEAVY_INDEX;
  }

  /** Opens an incident, continues it, or counts a usual step. */
  #open(isAlarm: boolean, isRare: boolean, deviation: number, stepMs: number): void {
    const { state } = this;
    if (isAlarm) {
      const isNew = state[OPEN_STEPS] === 0 || state[INCIDENT]! * deviation < 0;
      state[INCIDENT] = isNew ? deviation : state[INCIDENT]! + INCIDENT_GAIN * (deviation - state[INCIDENT]!);
      if (isRare)
        state[OPEN_STEPS] = Math.min(MAX_OPEN_STEPS, Math.max(MIN_OPEN_STEPS, Math.floor(OPEN_FOR_MS / stepMs)));
    } else if (state[OPEN_STEPS]! > 0) {
      state[OPEN_STEPS]!--;
      // The surprise of the incident must not count for what comes after it.
      if (state[OPEN_STEPS] === 0 || deviation / state[INCIDENT]! < BACK_SHARE) state[LEFT_SURPRISE] = state[SURPRISE]!;
    }
  }

  /** The mean deviation of the last steps, including this one. */
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
    const { growth, usual, rarity, singleRarity } = gainsOf(stepMs);
    const bins = binsOf(at);
    // An incident in the first hours must not set the threshold for the next one.
    const isUnknown = isYoung(state, at + TAIL);
    addToTail(state, at + TAIL, isUnknown ? Math.min(statistic, level) : statistic, growth, bins);
    const seen = valuesSeen(state, at + TAIL);
    const share = Math.max(usual, 1 / seen);
    state[at + USUAL_LEVEL]! += share * (Math.log(level) - state[at + USUAL_LEVEL]!);
    // One value hardly moves it, and computing it is the most expensive part.
    if (!isUnknown && seen % THRESHOLD_EVERY !== 0) return;
    // A mean over a few steps of a bounded surprise cannot be rarer: its threshold would be out of reach.
    const own = at === PERSISTENCE || seen * stepMs < SINGLES_KNOWN_MS ? rarity : singleRarity;
    const isExtra = at === CHANGE || at === PERSISTENCE;
    const rare = rareLevel(state, at + TAIL, isExtra ? EXTRA_RARITY * own : own, bins);
    state[at + THRESHOLD] = Number.isNaN(rare) ? 0 : rare;
  }

  #threshold(at: number): number {
    return this.state[at + THRESHOLD]! || FIRST_LEVEL;
  }

  /** The factor for a threshold that makes it exceeded `moreOften` times as often, from the index of its tail. */
  #scale(at: number, moreOften: number): number {
    return moreOften === 1 ? 1 : moreOften ** -tailIndex(this.state, at + TAIL);
  }

  #usualLevel(at: number): number {
    return valuesSeen(this.state, at + TAIL) === 0 ? FIRST_LEVEL : Math.exp(this.state[at + USUAL_LEVEL]!);
  }

  /**
   * After an alarm the score is below 1 at once, and falls the more slowly the higher the alarm was. It is never below
   * the mean height of the last hours: one usual step does not end an incident.
   */
  #tell(isAlarm: boolean, height: number, stepMs: number): number {
    const { state } = this;
    const left = state[RECOVERING]! * 2 ** (-1 / RECOVERY_STEPS);
    state[RECOVERING] = isAlarm ? Math.max(left, Math.min(height, MAX_RECOVERING)) : left;
    state[LATELY]! += gainsOf(stepMs).lately * (Math.min(height, MAX_LATELY) - state[LATELY]!);
    return isAlarm ? overOne(height) : underOne(Math.max(height, left, state[LATELY]!));
  }
}

/** The kind of an alarm; one that continues keeps its kind. */
function kindOf(isFar: boolean, isJump: boolean, also: StepKind | undefined, before: StepKind): StepKind {
  if (isFar && also !== 'stuck' && also !== 'missing') return 'value';
  return also ?? (isJump ? 'jump' : before);
}
