import { decayIn } from '../../lib/decay.js';

/*
 * A stuck sensor sends values that are all usual, but they do not change as they usually do: a run of equal values
 * longer than any before, or changes far smaller than ever at that hour of the day. Zeros where there never were
 * any are a special case, found after a few steps.
 */

/* The layout of the state. */
/** Steps seen, length of the present run of equal steps, and how many of these are zeros. */
const SEEN = 0;
const RUN = 1;
/** The longest run of the last weeks, and the mean length of runs, weighted by length. */
const LONGEST = 2;
const MEAN_RUN = 3;
/** How long the series has been still, in ms. */
const STILL_MS = 4;
/** The usual logarithm of the second difference, and how far below it the last ones are. */
const USUAL_LOG = 5;
const ACTIVITY = 6;
/** The least activity of the present hour, and which hour that is. */
const HOUR_LEAST = 7;
const HOUR = 8;
/** The longest run of zeros of the last weeks. */
const LONGEST_ZEROS = 9;
/** Steps for which stillness is ignored, because one step moved. */
const AWAKE_STEPS = 10;
/** How often the series was too still in the last weeks, decayed. */
const EPISODES = 11;
/** For how many steps the series has moved too little. */
const CALM_STEPS = 12;
/** The usual least activity of each hour of the day. */
const LEAST = 13;
const HOURS = 24;
/** The value at which the last long run was, and the share of steps of the last weeks that were at it. */
const REST = LEAST + HOURS;
const REST_SHARE = REST + 1;
/** Length of the state. */
export const STILLNESS_LENGTH = REST_SHARE + 1;

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** How still a series usually is needs at least this age. */
const MIN_HISTORY_MS = 2 * DAY_MS;
/** A run shorter than either is no stuck sensor. */
const MIN_RUN_STEPS = 6;
const MIN_RUN_MS = 40 * 60_000;
/** A run counts as stuck from this multiple of the longest one before. */
const LONGER = 2;
/** The same as a multiple of the mean run, where runs have all lengths, as between rare events. */
const MUCH_LONGER = 10;
/** Runs have similar lengths where the longest is at most this multiple of the mean. */
const ALIKE = 1.15;
/** Where zeros never occurred, they are an outage after this many steps and this time. */
const MIN_ZEROS = 3;
const MIN_ZEROS_MS = 60_000;
/** With steps of this length or longer two zeros are enough: three would take a quarter of an hour. */
const COARSE_STEP_MS = 300_000;
const MIN_COARSE_ZEROS = 2;
/** A younger series is known to have none after this time and so many steps. */
const MIN_ZERO_HISTORY_MS = HOUR_MS / 2;
const MIN_ZERO_HISTORY_STEPS = 30;
/** Where runs of this length occur, the next must be this much longer. */
const MUCH_LONGER_ZEROS = 3;
/** Steps over which the activity is averaged. */
const ACTIVITY_STEPS = 10;
const ACTIVITY_MS = 30 * 60_000;
const MAX_ACTIVITY_STEPS = 40;
/** Limits of the change of a step, as logarithms in usual changes. */
const LEAST_LOG = -4;
const MOST_LOG = 1.5;
/** Rounding of a double, as a share of the value. */
const ROUNDING = 1e-9;
/** How long usual behaviour is remembered. */
const USUAL_MS = 4 * DAY_MS;
/**
 * Changes are not judged where the longest run of equal values is longer than this. Rounding makes longer ones by chance: runs of up to
 * `BEYOND_CHANCE` times the longest of a day are allowed, unless the mean run is longer than `MAX_MEAN_RUN`.
 */
const MAX_EQUAL = 4;
const BEYOND_CHANCE = 1.5;
const MAX_MEAN_RUN = 1.5;
/** Nor are they where steps are longer than this. */
const MAX_STEP_MS = 10 * 60_000;
/** The series hardly moves where its activity is this much lower than it ever was at that hour. */
const CALM_MARGIN = 0.6;
/** And below this in any case. */
const CALM_LOG = -1.3;
/** A step that moves by more than this, in usual changes, is not still. */
const LIVELY_LOG = 0;
const AWAKE_FOR_STEPS = 3;
/** With mean runs of at least this many steps, and this share of them at one value, a series rests between events. */
const SPARSE_RUN = 20;
const SPARSE_SHARE = 0.8;
/** Least share by which the share of steps at rest follows with each step. */
const REST_MS = 4 * DAY_MS;
/** How much faster than in proportion to time runs are learnt, and over how many steps at least. */
const RUN_WEIGHT = 4;
const MIN_RUN_WEIGHT = 200;
/** Share by which the least activity of an hour follows each day. */
const LEAST_GAIN = 0.1;
/** Half-life of the number of stillnesses. A single one changes nothing; where there are many, their runs are usual. */
const decayOfEpisodes = decayIn(14 * DAY_MS);
const ONE_EPISODE = 1;
const MANY_EPISODES = 2.5;
/** The series must move too little for this many steps and this time. */
const MIN_CALM_STEPS = 6;
const MIN_CALM_MS = 15 * 60_000;
/**
 * A series that hardly moves counts as stuck for this long, one whose values are equal for `OUTAGE_MS`; then it is at
 * rest, whatever `accept_after` is.
 */
const MAX_CALM_MS = 2 * HOUR_MS;
const OUTAGE_MS = DAY_MS;

/**
 * What is too still about a step: `zero`, zeros where there are none; `equal`, the same value for too long; `calm`,
 * changes far too small.
 */
export type Stillness = 'zero' | 'equal' | 'calm' | undefined;

/** Learns how still a series usually is. */
export class StillRun {
  /** The whole state, for snapshots. */
  readonly state: Float32Array;

  constructor(state: Float32Array = new Float32Array(STILLNESS_LENGTH)) {
    this.state = state;
  }

  /**
   * Takes in the next step and the two before it (NaN where there was none), and says whether it is too still.
   * `localMs` is what the clock shows that the series' days go by. `teaches`: false where the step is part of an
   * incident that may be over one day.
   */
  next(value: number, before: number, last: number, localMs: number, stepMs: number, teaches: boolean): Stillness {
    const { state } = this;
    if (Number.isNaN(value)) return undefined;
    state[SEEN]!++;
    const hour = Math.floor(localMs / HOUR_MS) % HOURS;
    state[EPISODES]! *= decayOfEpisodes(stepMs);
    if (value === before) state[RUN]!++;
    else {
      if (!Number.isNaN(before)) this.#endRun(before, stepMs, teaches);
      state[RUN] = 0;
    }
    const difference = value - 2 * before + last;
    const isLively = this.#move(value, difference, stepMs, teaches) > LIVELY_LOG && difference !== 0;
    this.#wake(isLively);
    const isKnown = state[SEEN]! * stepMs >= MIN_HISTORY_MS && state[LONGEST]! > 0;
    const isAwake = state[AWAKE_STEPS]! > 0;
    const judged = isKnown ? this.#judge(value, hour, stepMs, isAwake) : this.#judgeYoung(value, stepMs);
    const found = state[STILL_MS]! < (judged === 'calm' ? MAX_CALM_MS : OUTAGE_MS) ? judged : undefined;
    if (found !== undefined) state[STILL_MS]! += stepMs;
    this.#noteRest(value, stepMs);
    this.#noteHour(hour, teaches && found === undefined, isKnown);
    return found;
  }

  /** One lively step may be chance; two within a few steps end a stillness. */
  #wake(isLively: boolean): void {
    const { state } = this;
    if (!isLively) state[AWAKE_STEPS] = Math.max(0, state[AWAKE_STEPS]! - 1);
    else {
      if (state[AWAKE_STEPS]! > 0 && state[STILL_MS]! > 0) {
        state[ACTIVITY] = Math.max(state[ACTIVITY]!, 0);
        state[STILL_MS] = 0;
        state[EPISODES]!++;
      }
      state[AWAKE_STEPS] = AWAKE_FOR_STEPS;
    }
  }

  /** How many more steps it takes until the usual stillness is known. */
  settlingSteps(stepMs: number): number {
    return Math.max(0, Math.ceil(MIN_HISTORY_MS / stepMs) - this.state[SEEN]!);
  }

  /** Whether the series rests at one value most of the time. */
  get isSparse(): boolean {
    return this.state[MEAN_RUN]! >= SPARSE_RUN && this.state[REST_SHARE]! >= SPARSE_SHARE;
  }

  /** The distance of a value from the one at which the series rests most of the time. */
  offRest(value: number): number {
    return Math.abs(Math.fround(value) - this.state[REST]!);
  }

  #noteRest(value: number, stepMs: number): void {
    const { state } = this;
    if (state[RUN]! + 1 >= SPARSE_RUN && state[RUN]! + 1 >= state[MEAN_RUN]! / 2) state[REST] = value;
    const isAt = state[RUN]! > 0 && Math.fround(value) === state[REST] ? 1 : 0;
    state[REST_SHARE]! += Math.max(1 / state[SEEN]!, stepMs / REST_MS) * (isAt - state[REST_SHARE]!);
  }

  #judge(value: number, hour: number, stepMs: number, isAwake: boolean): Stillness {
    const { state } = this;
    const ofRun = this.#judgeRun(value, stepMs);
    if (ofRun !== undefined) return ofRun;
    // Changes of values that are often equal say little.
    if (isAwake || stepMs > MAX_STEP_MS || state[LONGEST]! > this.#mostEqual(stepMs)) return undefined;
    const isCalm = state[ACTIVITY]! < Math.min(CALM_LOG, this.#leastAround(hour) - CALM_MARGIN * this.#often());
    state[CALM_STEPS] = isCalm ? state[CALM_STEPS]! + 1 : 0;
    return state[CALM_STEPS]! >= Math.max(MIN_CALM_STEPS, MIN_CALM_MS / stepMs) ? 'calm' : undefined;
  }

  /** What is too still about the present run of equal values. */
  #judgeRun(value: number, stepMs: number): Stillness {
    const { state } = this;
    const run = state[RUN]! + 1;
    const isZero = value === 0 && !this.isSparse && stepMs <= MAX_STEP_MS;
    if (isZero) {
      const longest = state[LONGEST_ZEROS]!;
      const longer = longest >= MIN_ZEROS ? MUCH_LONGER_ZEROS : LONGER;
      const least = longest === 0 && stepMs >= COARSE_STEP_MS ? MIN_COARSE_ZEROS : MIN_ZEROS;
      if (run >= Math.max(least, MIN_ZEROS_MS / stepMs) && run > this.#often() * longer * longest) return 'zero';
    }
    const longest = state[LONGEST]!;
    const mean = state[MEAN_RUN]!;
    const isAlike = longest <= ALIKE * mean;
    const needed = Math.max(MIN_RUN_STEPS, MIN_RUN_MS / stepMs, LONGER * longest, isAlike ? 0 : MUCH_LONGER * mean);
    // Nothing happens for a while: that is no sensor that is stuck, and how long is too long was judged above.
    return !isZero && run > this.#often() * needed && longest * stepMs < DAY_MS ? 'equal' : undefined;
  }

  /** How long runs of equal values may be where changes are judged. */
  #mostEqual(stepMs: number): number {
    const mean = this.state[MEAN_RUN]!;
    if (mean > MAX_MEAN_RUN || mean <= 1) return MAX_EQUAL;
    // Of geometric runs, weighted by their length.
    const share = (mean - 1) / (mean + 1);
    return Math.max(MAX_EQUAL, (BEYOND_CHANCE * Math.log(DAY_MS / stepMs)) / -Math.log(share));
  }

  /** A series that was never 0 in its first half an hour, and then is. */
  #judgeYoung(value: number, stepMs: number): Stillness {
    const { state } = this;
    const run = state[RUN]! + 1;
    const before = state[SEEN]! - run;
    const isKnown = before >= MIN_ZERO_HISTORY_STEPS && before * stepMs >= MIN_ZERO_HISTORY_MS;
    if (value !== 0 || !isKnown || state[LONGEST_ZEROS]! > 0 || stepMs > MAX_STEP_MS) return undefined;
    return run >= Math.max(MIN_ZEROS, MIN_ZEROS_MS / stepMs) ? 'zero' : undefined;
  }

  /** A series that is often still must be stiller than that. */
  #often(): number {
    return 1 + Math.max(0, this.state[EPISODES]! - ONE_EPISODE);
  }

  /** Learns a run of equal values that has ended, unless it was an incident. */
  #endRun(value: number, stepMs: number, teaches: boolean): void {
    const { state } = this;
    const run = state[RUN]! + 1;
    const stillMs = state[STILL_MS]!;
    // A sensor that hardly moves may well send the same value twice.
    if (stillMs > 0 && this.#judgeRun(value, stepMs) !== undefined) {
      state[STILL_MS] = 0;
      state[ACTIVITY] = Math.max(state[ACTIVITY]!, 0);
      if (stillMs < OUTAGE_MS) state[EPISODES]!++;
    }
    const isIncident = (!teaches || stillMs > 0) && stillMs < OUTAGE_MS;
    // What a sensor sends once it hardly moves is not usual of it, though that is not known yet.
    if ((isIncident && state[EPISODES]! < MANY_EPISODES) || state[CALM_STEPS]! > 0) return;
    const share = Math.min(1, (RUN_WEIGHT * run) / Math.max(MIN_RUN_WEIGHT, state[SEEN]!));
    state[MEAN_RUN]! += share * (run - state[MEAN_RUN]!);
    state[LONGEST] = Math.max(state[LONGEST]! * (1 - share / 16), run);
    if (value === 0) state[LONGEST_ZEROS] = Math.max(state[LONGEST_ZEROS]! * (1 - share / 16), run);
  }

  /** Averages the logarithm of how far a step is from where the two before it point, and returns that of this step. */
  #move(value: number, difference: number, stepMs: number, teaches: boolean): number {
    const { state } = this;
    if (Number.isNaN(difference)) return MOST_LOG;
    const size = Math.log(Math.abs(difference) + ROUNDING * Math.abs(value) + Number.MIN_VALUE);
    const usual = state[USUAL_LOG]! === 0 ? size : state[USUAL_LOG]!;
    const log = Math.min(MOST_LOG, Math.max(LEAST_LOG, size - usual));
    const steps = Math.min(MAX_ACTIVITY_STEPS, Math.max(ACTIVITY_STEPS, ACTIVITY_MS / stepMs));
    state[ACTIVITY]! += (log - state[ACTIVITY]!) / steps;
    if (teaches) state[USUAL_LOG] = usual + Math.max(1 / state[SEEN]!, stepMs / USUAL_MS) * log;
    return log;
  }

  /** The least activity of this hour of the day, give or take an hour. */
  #leastAround(hour: number): number {
    const { state } = this;
    const before = state[LEAST + ((hour + HOURS - 1) % HOURS)]!;
    return Math.min(before, state[LEAST + hour]!, state[LEAST + ((hour + 1) % HOURS)]!);
  }

  /**
   * Keeps the usual least activity of each hour of the day. An hour in which the series was still is left out, and one at whose
   * end it moves less than ever: it may have become stuck, and must not be measured by that.
   */
  #noteHour(hour: number, teaches: boolean, isKnown: boolean): void {
    const { state } = this;
    const last = state[HOUR]!;
    if (hour !== last) {
      const least = state[HOUR_LEAST]!;
      const at = LEAST + last;
      const isUndecided = isKnown && state[STILL_MS]! < MAX_CALM_MS && state[ACTIVITY]! < this.#leastAround(last);
      if (least < 0 && !isUndecided)
        state[at] = least < state[at]! ? least : state[at]! + LEAST_GAIN * (least - state[at]!);
      state[HOUR] = hour;
      state[HOUR_LEAST] = 0;
    }
    if (!teaches) state[HOUR_LEAST] = 1;
    else if (state[HOUR_LEAST]! <= 0) state[HOUR_LEAST] = Math.min(state[HOUR_LEAST]!, state[ACTIVITY]!);
  }
}
