import { calendarOf } from '../../calendar/rule-calendar.js';
import type { StepKind } from '../../detect/score/detector.js';
import type { ExclusionEffect } from '../../model/settings/excluded-times.js';
import type { SeriesStore } from '../../series/series-store.js';
import { Exclusions } from '../exclusions/exclusions.js';
import { expectAt, expectOtherwiseAt } from '../expectation/expectation.js';
import { learnAhead } from '../expectation/forecast-ahead.js';
import { learnInHindsight } from '../expectation/hindsight.js';
import { LIMIT_SCORE, limitsOf, scoreByLimits, sideBeyond } from '../limits/limits.js';
import { type Arrival, arrivalOf } from '../series/arrival-state.js';
import { excludeFromFits } from '../series/level-state.js';
import { countDriftHour, keepLearnt, noteDeviation, noteScore, noteScoredUntil } from '../series/score-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import {
  type LevelShiftEvent,
  LevelShiftTracker,
  MIN_LEVEL_HISTORY_MS,
  type StepExpectation,
} from './level-shift-tracker.js';
import { isJobMissing } from './missing-job.js';
import { isDrifting } from './weekly-drift.js';

const HOUR_MS = 3_600_000;
/** A series drifts only if it did in this many hours in a row. */
const MIN_DRIFT_HOURS = 8;

/** What an evaluation found of the newest step that was due to be scored. */
export interface ScoredStep {
  /** End of the step. */
  readonly stepEndMs: number;
  /** Value of the step; NaN where nothing came, or where an evaluation before this one scored the step. */
  readonly value: number;
  /** Score of the step, also where it was scored before; NaN where nothing came. Over 1 is an alarm. */
  readonly score: number;
  /** Score of the series until this step. */
  readonly scoreBefore: number;
  /** What the step changed about the level that is expected; the series asks for a refit then. */
  readonly levelShift: LevelShiftEvent | undefined;
  /** Whether nothing is to be published of the step because its time is excluded; its score is NaN then. */
  readonly isSuppressed?: boolean;
}

/** What an evaluation scored: the newest step, and those with values that were due with it because their samples came late. */
export interface Evaluated extends ScoredStep {
  readonly earlier: readonly ScoredStep[];
}

const NO_STEPS: readonly ScoredStep[] = [];

/** What the detector says of one step, before it is known which alarms are suppressed. */
interface Judgement {
  readonly score: number;
  /** Standard deviation of a step then, in the unit of the series. */
  readonly sigma: number;
  /** The share the interval is meant to hold; NaN where the step is not to teach it. */
  readonly intervalWidth: number;
  /** A series that usually rests works, as it usually does. */
  readonly isBusy: boolean;
}

/** Scores the steps of series as they close. */
export class StepScorer {
  readonly #store: SeriesStore;
  readonly #levels: LevelShiftTracker;
  readonly #exclusions: Exclusions;
  /** Scratch for [yhat, lower, upper] of a step by the two hypotheses about its level: good for one call of `score`. */
  readonly #interval = new Float64Array(3);
  readonly #other = new Float64Array(3);
  readonly #before = new Float64Array(3);

  constructor(store: SeriesStore, exclusions = new Exclusions(store)) {
    this.#store = store;
    this.#exclusions = exclusions;
    this.#levels = new LevelShiftTracker(store);
  }

  /**
   * Scores every step that is due at `evaluationMs`, in order of time: mostly the one that ended last. A step that has a
   * value is due when it is complete, one without when a later one is, or when it is late for so late a series. Until the
   * next sample is overdue the last score holds. The series must have a model, or limits to be scored by.
   */
  score(series: TrackedSeries, evaluationMs: number): Evaluated {
    const { score, scoredUntilMs } = series;
    const { stepMs } = this.#store.settings(series.id);
    const lastEndMs = Math.floor(evaluationMs / stepMs) * stepMs;
    const arrival = arrivalOf(this.#store, series);
    const steps: ScoredStep[] = [];
    if (lastEndMs !== scoredUntilMs) {
      const untilMs = this.#dueUntil(series.id, scoredUntilMs, lastEndMs, arrival);
      // Where the clock was set back, or nothing was scored yet, there is no step to go on from.
      const isFirst = !(scoredUntilMs <= lastEndMs && scoredUntilMs > Number.NEGATIVE_INFINITY);
      const nextMs = Math.max(scoredUntilMs + stepMs, lastEndMs - arrival.patienceSteps * stepMs);
      let scoreBefore = score;
      for (let endMs = isFirst ? untilMs : nextMs; endMs <= untilMs; endMs += stepMs) {
        const step = this.scoreStep(series, endMs);
        if (Number.isNaN(step.value) && endMs < untilMs) continue;
        steps.push({ ...step, scoreBefore });
        scoreBefore = step.score;
      }
    }
    const newest = steps.pop();
    if (newest !== undefined) return { ...newest, earlier: steps.length > 0 ? steps : NO_STEPS };
    // What came last was a value, and the next one is not overdue.
    const holds =
      lastEndMs === scoredUntilMs ||
      (arrival.heardMs === this.#store.newestSampleMs(series.id) &&
        evaluationMs - arrival.heardMs <= arrival.dueAfterMs);
    if (!holds) noteScore(series, Number.NaN);
    return {
      stepEndMs: scoredUntilMs,
      value: Number.NaN,
      score: series.score,
      scoreBefore: score,
      levelShift: undefined,
      earlier: NO_STEPS,
    };
  }

  /** The end of the newest step that is due, none later than `lastEndMs`; −Infinity where none is. */
  #dueUntil(id: number, scoredUntilMs: number, lastEndMs: number, arrival: Arrival): number {
    const { heardMs, settleSteps, patienceSteps } = arrival;
    const { stepMs } = this.#store.settings(id);
    const gapUntilMs = lastEndMs - patienceSteps * stepMs;
    const isValue = heardMs === this.#store.newestSampleMs(id);
    // What is heard and is no value leaves its step empty.
    const emptyUntilMs = isValue ? Number.NEGATIVE_INFINITY : Math.floor(heardMs / stepMs) * stepMs;
    const floorMs = Math.max(gapUntilMs, Math.min(emptyUntilMs, lastEndMs));
    for (let endMs = lastEndMs; endMs > floorMs && endMs !== scoredUntilMs; endMs -= stepMs) {
      const isComplete = heardMs >= endMs || lastEndMs - endMs >= settleSteps * stepMs;
      if (isComplete && !Number.isNaN(this.#store.stepValue(id, endMs - stepMs))) return endMs;
    }
    return floorMs;
  }

  /** Scores the step that ends then, once, and learns from it; steps are to be scored in order of time. */
  scoreStep(series: TrackedSeries, stepEndMs: number): ScoredStep {
    const store = this.#store;
    const { id, score: scoreBefore } = series;
    const settings = store.settings(id);
    const { stepMs, bounds } = settings;
    const hasModel = series.model !== undefined;
    if (hasModel && !series.hasJudged) this.#learnFirstSteps(series, stepEndMs - stepMs);
    noteScoredUntil(series, stepEndMs, hasModel);
    const middleMs = stepEndMs - stepMs / 2;
    const excluded = this.#exclusions.at(series, middleMs);
    const value = this.#valueOf(series, stepEndMs - stepMs);
    const beyond = sideBeyond(value, limitsOf(store, series));
    if (!hasModel) {
      scoreByLimits(series, excluded?.alarms === false ? Number.NaN : value, { side: beyond, stepEndMs, stepMs });
      const isSuppressed = excluded?.alarms === false;
      return { stepEndMs, value, score: series.score, scoreBefore, levelShift: undefined, isSuppressed };
    }
    if (excluded !== undefined && (excluded.alarms || excluded.learn))
      return this.#scoreExcluded(series, stepEndMs, value, excluded);
    const swapped =
      series.openShift && this.#levels.trySwap(series, stepEndMs, value, this.#expectations(series, middleMs));

    const interval = this.#interval;
    const { score, sigma, intervalWidth, isBusy } = this.#judge(series, middleMs, value, interval);
    const startMs = stepEndMs - stepMs;
    const { endedMs } = series.states;
    if (endedMs > 0) excludeFromFits(series, { fromMs: startMs - endedMs, toMs: startMs });
    const side = beyond || (value < interval[0]! ? -1 : 1);
    const kind = beyond !== 0 || sideBeyond(value, bounds) !== 0 ? 'limit' : series.detector.kind;
    const accepted = this.#exclusions.acceptedOf(series);
    const step = { side, kind, stepEndMs, stepMs, isForced: beyond !== 0, accepted } as const;
    const least = beyond === 0 ? score : Math.max(score, LIMIT_SCORE);
    noteScore(series, series.alarms.judge(least, step, calendarOf(settings).zone));
    if (series.score > 1) series.detector.learnFirst(stepMs);
    if (score > 1) store.skipStepVariance(id, middleMs);
    const other = this.#otherwise(series, middleMs);
    // A level beyond a limit is one that the series may take all the same.
    const offScore = beyond === 0 ? series.score : score;
    // Nor is a rest between events that come too often.
    const isRate = score > 1 && series.detector.kind === 'rate';
    const isUsual = isBusy || isRate || (least > 1 && !(series.score > 1));
    const tracked = this.#levels.track(series, stepEndMs, value, { interval, other, score: offScore, isUsual });
    learnAhead(store, series, value, { sigma, intervalWidth });
    const isSuppressed = excluded !== undefined;
    // What is not scored is observed all the same.
    const observed = isSuppressed ? store.stepValue(id, stepEndMs - stepMs) : value;
    return {
      stepEndMs,
      value: observed,
      score: series.score,
      scoreBefore,
      levelShift: swapped ?? tracked,
      isSuppressed,
    };
  }

  /** Scores a step of which nothing is learnt, or one that is learnt and has no score for people to see. */
  #scoreExcluded(series: TrackedSeries, stepEndMs: number, value: number, { learn }: ExclusionEffect): ScoredStep {
    const store = this.#store;
    const { id, score: scoreBefore } = series;
    const settings = store.settings(id);
    const { stepMs } = settings;
    const restore = learn ? undefined : keepLearnt(series);
    const { score, sigma, intervalWidth } = this.#judge(series, stepEndMs - stepMs / 2, value, this.#interval);
    restore?.();
    const scored = { stepEndMs, value, scoreBefore, levelShift: undefined };
    if (learn) {
      noteScore(series, Number.NaN);
      learnAhead(store, series, value, { sigma, intervalWidth });
      return { ...scored, score: Number.NaN, isSuppressed: true };
    }
    const beyond = sideBeyond(value, limitsOf(store, series));
    const side = beyond || (value < this.#interval[0]! ? -1 : 1);
    const kind = beyond !== 0 || sideBeyond(value, settings.bounds) !== 0 ? 'limit' : series.detector.kind;
    const least = beyond === 0 ? score : Math.max(score, LIMIT_SCORE);
    const step = { side, kind, stepEndMs, stepMs, isForced: beyond !== 0 } as const;
    noteScore(series, series.alarms.judge(least, step, calendarOf(settings).zone));
    learnAhead(store, series, Number.NaN, { sigma, intervalWidth: Number.NaN });
    return { ...scored, score: series.score };
  }

  /** The value of the step that contains an instant; NaN, as of a step without samples, where it is ignored. */
  #valueOf(series: TrackedSeries, timeMs: number): number {
    const { id } = series;
    const { stepMs } = this.#store.settings(id);
    const middleMs = (Math.floor(timeMs / stepMs) + 0.5) * stepMs;
    return this.#isIgnored(series, middleMs) ? Number.NaN : this.#store.stepValue(id, timeMs);
  }

  /** Whether what comes then is neither learnt nor scored. */
  #isIgnored(series: TrackedSeries, timeMs: number): boolean {
    const excluded = this.#exclusions.at(series, timeMs);
    if (excluded !== undefined && !excluded.alarms && !excluded.learn) return true;
    return calendarOf(this.#store.settings(series.id)).ignores(timeMs);
  }

  #expectations(series: TrackedSeries, timeMs: number): StepExpectation {
    expectAt(this.#store, series, timeMs, this.#interval);
    return { interval: this.#interval, other: this.#otherwise(series, timeMs) };
  }

  #otherwise(series: TrackedSeries, timeMs: number): Float64Array | undefined {
    return expectOtherwiseAt(this.#store, series, timeMs, this.#other) ? this.#other : undefined;
  }

  /** A series that is scored for the first time learns from its last hours first. */
  #learnFirstSteps(series: TrackedSeries, untilMs: number): void {
    const { timesMs, values } = this.#store.readSteps(series.id, Number.NEGATIVE_INFINITY, untilMs);
    const isLearnt = (timeMs: number) =>
      (this.#exclusions.at(series, timeMs)?.learn ?? true) && !this.#isIgnored(series, timeMs);
    for (let i = 0; i < values.length; i++) {
      if (isLearnt(timesMs[i]!)) this.#judge(series, timesMs[i]!, values[i]!, this.#interval);
    }
    learnInHindsight(this.#store, series, untilMs, isLearnt);
  }

  /** Judges the step around `timeMs` and learns from it. Writes what was expected of it into `interval`. */
  #judge(series: TrackedSeries, timeMs: number, value: number, interval: Float64Array): Judgement {
    const settings = this.#store.settings(series.id);
    const { stepMs, anomaly, prophet } = settings;
    const sigma = expectAt(this.#store, series, timeMs, interval);
    // A fit since the step began may know it.
    if (series.fittedUntilMs <= timeMs - stepMs / 2)
      series.coverage.learn(value, interval[1]!, interval[2]!, prophet.intervalWidth, stepMs);
    const before = this.#valueOf(series, timeMs - stepMs);
    const last = this.#valueOf(series, timeMs - 2 * stepMs);
    const alsoWrong = this.#alsoWrong(series, { value, before, last, sigma }, timeMs);
    const isBusy = alsoWrong === 'busy';
    const isUsual = isBusy || alsoWrong === 'usual';
    const also = isUsual ? undefined : alsoWrong;
    const localMs = calendarOf(settings).zone.toLocal(timeMs);
    const isNew = timeMs - this.#store.firstSampleMs(series.id) < MIN_LEVEL_HISTORY_MS;
    const moved = this.#movedByCalendar(series, timeMs, interval[0]!);
    const step = {
      value,
      before,
      moved,
      yhat: interval[0]!,
      sigma,
      timeMs,
      localMs,
      stepMs,
      also,
      isUsual,
      isNew,
    } as const;
    const score = series.detector.next(step, anomaly);
    noteDeviation(series, (value - interval[0]!) / sigma);
    // An interval that learnt from incidents would be wide for days after each.
    const intervalWidth = score <= 1 ? prophet.intervalWidth : Number.NaN;
    if (score <= 1) series.calibration.learn(value, interval[1]!, interval[2]!, intervalWidth);
    return { score, sigma, intervalWidth, isBusy };
  }

  /** By how much a special day that begins or ends since the step before moves what is expected. */
  #movedByCalendar(series: TrackedSeries, timeMs: number, yhat: number): number {
    const settings = this.#store.settings(series.id);
    const calendar = calendarOf(settings);
    const beforeMs = timeMs - settings.stepMs;
    if (!calendar.hasSpecialDays || calendar.at(beforeMs) === calendar.at(timeMs)) return 0;
    expectAt(this.#store, series, beforeMs, this.#before);
    return yhat - this.#before[0]!;
  }

  /**
   * What is wrong with a step beside its deviation, if anything is; where it is known to be usual whatever that is, `busy`, or
   * `usual` at rest.
   */
  #alsoWrong(
    series: TrackedSeries,
    { value, before, last, sigma }: { value: number; before: number; last: number; sigma: number },
    timeMs: number,
  ): StepKind | 'busy' | 'usual' | undefined {
    const settings = this.#store.settings(series.id);
    const { stepMs } = settings;
    const { zone } = calendarOf(settings);
    const startMs = timeMs - stepMs / 2;
    const still = series.stillness.next(value, before, last, zone.toLocal(timeMs), stepMs, !(series.score > 1));
    const beyond = series.range.next(value, stepMs);
    const isStuck = series.states.isStuck(value, stepMs);
    const { isSparse } = series.stillness;
    const off = isSparse ? series.stillness.offRest(value) : series.states.offRest(value);
    const business = Number.isNaN(off) ? 'unknown' : series.busy.next(off, startMs, stepMs, zone);
    const isEvent = value !== before && before === last && !Number.isNaN(value);
    const isOften = isSparse && series.eventRate.next(isEvent, timeMs, stepMs);
    const isMissing = !isSparse && isJobMissing(this.#store, series, startMs, value, sigma);
    this.#followDrift(series, startMs, stepMs);
    if (still === 'zero') return 'value';
    if (still !== undefined || isStuck) return 'stuck';
    if (isMissing || business === 'missing') return 'missing';
    if (isOften) return 'rate';
    // Of a rest with noise the distance says what is large, and what is usual.
    if (business === 'long' || (isSparse && business === 'large')) return 'value';
    if (isSparse && business === 'usual') return off === 0 ? 'usual' : 'busy';
    // What is pulled back again and again has not been this time.
    if (beyond !== 0 && beyond === series.detector.resetsFrom(timeMs)) return 'value';
    // Nobody knows when the next reset comes, so any value inside the range is usual.
    if (series.detector.resetsAnytime(timeMs) && series.range.holds(value, stepMs)) return 'usual';
    return series.driftHours >= MIN_DRIFT_HOURS ? 'drift' : undefined;
  }

  /** Looks once an hour whether a series is drifting. */
  #followDrift(series: TrackedSeries, startMs: number, stepMs: number): void {
    const hour = (atMs: number) => Math.floor(atMs / HOUR_MS);
    if (hour(startMs + stepMs) === hour(startMs)) return;
    countDriftHour(series, isDrifting(this.#store, series, startMs + stepMs));
  }
}
