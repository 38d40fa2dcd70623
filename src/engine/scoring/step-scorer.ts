import { stepsAhead } from '../../detect/combination-layout.js';
import type { StepKind } from '../../detect/detector.js';
import type { EndedStep } from '../../detect/forecast-combination.js';
import { normalQuantile } from '../../forecast/math/normal.js';
import { evaluateAt } from '../../forecast/model/evaluate.js';
import type { SeriesSettings } from '../../model/settings.js';
import type { SeriesStore } from '../../series/series-store.js';
import { clamp } from '../series/clamp.js';
import { ForecastAhead, learnAhead } from '../series/forecast-ahead.js';
import { roundInterval } from '../series/round-interval.js';
import { countDriftHour, noteDeviation, noteScore, noteScoredUntil } from '../series/score-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { type LevelShiftEvent, LevelShiftTracker } from './level-shift-tracker.js';
import { isDrifting } from './weekly-drift.js';

const HOUR_MS = 3_600_000;
/** A drift shows itself for so many hours. */
const MIN_DRIFT_HOURS = 4;

/** Says what is expected of a series at any instant, and scores its steps as they close. */
export class StepScorer {
  readonly #store: SeriesStore;
  readonly #interval = new Float64Array(3);
  readonly #other = new Float64Array(3);
  readonly #levels: LevelShiftTracker;
  /** Of the step that was scored last. */
  #ended: EndedStep = { sigma: Number.NaN, intervalWidth: Number.NaN };
  readonly #onLevel: (series: TrackedSeries, event: LevelShiftEvent) => void;

  /** `onLevel` is told of levels that became, or are no longer, what is expected: the series should be fitted anew. */
  constructor(store: SeriesStore, onLevel: (series: TrackedSeries, event: LevelShiftEvent) => void = () => {}) {
    this.#store = store;
    this.#levels = new LevelShiftTracker(store);
    this.#onLevel = onLevel;
  }

  /**
   * Scores the step that ended last at or before the boundary, once, and learns from it; between the ends of long steps
   * the last score stands. Returns the value of the step, NaN where nothing came or it was scored before. The series must
   * have a model.
   */
  scoreClosedStep(series: TrackedSeries, evaluationMs: number): number {
    const { stepMs } = this.#store.settings(series.id);
    const stepEndMs = Math.floor(evaluationMs / stepMs) * stepMs;
    if (stepEndMs === series.scoredUntilMs) return Number.NaN;
    if (series.scoredUntilMs === Number.NEGATIVE_INFINITY) this.#learnSteps(series, stepEndMs - stepMs);
    noteScoredUntil(series, stepEndMs);
    const observed = this.#store.stepValue(series.id, stepEndMs - stepMs);
    const middleMs = stepEndMs - stepMs / 2;
    if (series.openShift !== undefined) {
      const interval = this.expectedAt(series, middleMs);
      const event = this.#levels.tryOther(series, stepEndMs, observed, {
        interval,
        other: this.#otherwise(series, middleMs),
      });
      if (event !== undefined) this.#onLevel(series, event);
    }
    const score = this.#scoreStep(series, middleMs, observed);
    const side = observed < this.#interval[0]! ? -1 : 1;
    noteScore(series, series.incidents.judge(score, { side, kind: series.detector.kind, stepEndMs, stepMs }));
    if (series.score > 1) series.detector.learnFirst(stepMs);
    if (score > 1) this.#store.skipStepVariance(series.id, middleMs);
    const other = this.#otherwise(series, middleMs);
    const event = this.#levels.follow(series, stepEndMs, observed, { interval: this.#interval, other });
    if (event !== undefined) this.#onLevel(series, event);
    learnAhead(this.#store, series, observed, this.#ended);
    return observed;
  }

  /**
   * [yhat, lower, upper] at one instant as they are published: rounded, and clamped to what the metric can be. Valid until
   * the next call. The series must have a model.
   */
  expectedAt(series: TrackedSeries, timeMs: number): Float64Array {
    this.#evaluate(series, timeMs);
    return this.#finish(series);
  }

  /**
   * [yhat, lower, upper] of the step that ends so long after the last one that was scored, rounded to whole steps: with what
   * is known by that step. Valid until the next call. The series must have a model and a score.
   */
  expectedAhead(series: TrackedSeries, horizonMs: number): Float64Array {
    const { stepMs } = this.#store.settings(series.id);
    const dueMs = series.scoredUntilMs + stepsAhead(horizonMs, stepMs) * stepMs;
    new ForecastAhead(this.#store, series).at(dueMs - stepMs / 2, this.#interval);
    return this.#finish(series);
  }

  /** [yhat, lower, upper] by the other hypothesis of a level shift, while there is one. Valid until the next call. */
  #otherwise({ id, openShift }: TrackedSeries, timeMs: number): Float64Array | undefined {
    if (openShift === undefined) return undefined;
    const settings = this.#store.settings(id);
    expect(openShift.other, timeMs, settings, this.#other);
    clamp(this.#other, settings.bounds, this.#store.aggregate(id));
    return this.#other;
  }

  /** A series that is scored for the first time starts with what its last hours tell. */
  #learnSteps(series: TrackedSeries, untilMs: number): void {
    const { timesMs, values } = this.#store.readSteps(series.id, Number.NEGATIVE_INFINITY, untilMs);
    for (let i = 0; i < values.length; i++) this.#scoreStep(series, timesMs[i]!, values[i]!);
  }

  #scoreStep(series: TrackedSeries, timeMs: number, value: number): number {
    const { stepMs, anomaly, prophet } = this.#store.settings(series.id);
    const sigma = this.#evaluate(series, timeMs);
    const interval = this.#finish(series);
    // A fit since the step began may know it.
    if (series.fittedUntilMs <= timeMs - stepMs / 2)
      series.coverage.learn(value, interval[1]!, interval[2]!, prophet.intervalWidth, stepMs);
    const before = this.#store.stepValue(series.id, timeMs - stepMs);
    const last = this.#store.stepValue(series.id, timeMs - 2 * stepMs);
    const still = series.stillness.next(value, before, last, timeMs, stepMs, !(series.score > 1));
    const { isSparse } = series.stillness;
    const isEvent = isSparse && value !== before && before === last;
    const isOften = isSparse && series.eventRate.next(isEvent, timeMs, stepMs);
    const isMissing = series.incidents.isMissing(timeMs + stepMs / 2, stepMs);
    const also = still === 'zero' ? 'value' : (still ?? this.#alsoWrong(series, isMissing, isOften, timeMs));
    const step = { value, before, yhat: interval[0]!, sigma, timeMs, stepMs, also, isSparse } as const;
    const score = series.detector.next(step, anomaly);
    noteDeviation(series, (value - interval[0]!) / sigma);
    // An interval that learnt from incidents would be wide for days after each.
    const intervalWidth = score <= 1 ? prophet.intervalWidth : Number.NaN;
    if (score <= 1) series.calibration.learn(value, interval[1]!, interval[2]!, intervalWidth);
    this.#ended = { sigma, intervalWidth };
    return score;
  }

  #alsoWrong(series: TrackedSeries, isMissing: boolean, isOften: boolean, timeMs: number): StepKind | undefined {
    const { stepMs } = this.#store.settings(series.id);
    const hour = (atMs: number) => Math.floor(atMs / HOUR_MS);
    if (hour(timeMs + stepMs / 2) !== hour(timeMs - stepMs / 2))
      countDriftHour(series, isDrifting(this.#store, series, timeMs + stepMs / 2));
    if (isMissing) return 'missing';
    if (isOften) return 'rate';
    return series.driftHours >= MIN_DRIFT_HOURS ? 'drift' : undefined;
  }

  /** Makes what is published of what was evaluated. */
  #finish({ id }: TrackedSeries): Float64Array {
    roundInterval(this.#interval);
    clamp(this.#interval, this.#store.settings(id).bounds, this.#store.aggregate(id));
    return this.#interval;
  }

  /** Puts [yhat, lower, upper] into the interval, not clamped. Returns σ of a step at that instant. */
  #evaluate(series: TrackedSeries, timeMs: number): number {
    return expect(series, timeMs, this.#store.settings(series.id), this.#interval);
  }
}

/** Puts [yhat, lower, upper] by a model and its calibration into `out`, not clamped. Returns σ of a step at that instant. */
function expect(
  { model, calibration }: Pick<TrackedSeries, 'model' | 'calibration'>,
  timeMs: number,
  { prophet, interval: kind }: SeriesSettings,
  out: Float64Array,
): number {
  evaluateAt(model!, timeMs, prophet.intervalWidth, out);
  const half = out[2]! - out[0]!;
  if (kind === 'calibrated') {
    out[1] = out[0]! - half * calibration.lowerFactor;
    out[2] = out[0]! + half * calibration.upperFactor;
  }
  return half / normalQuantile((1 + prophet.intervalWidth) / 2);
}
