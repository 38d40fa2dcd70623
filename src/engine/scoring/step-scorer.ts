import { normalQuantile } from '../../forecast/math/normal.js';
import { evaluateAt } from '../../forecast/model/evaluate.js';
import { moveHistory } from '../../forecast/model/move-level.js';
import type { SeriesStore } from '../../series/series-store.js';
import { clip } from '../series/clip.js';
import { roundBand } from '../series/round-to-band.js';
import type { WatchedSeries } from '../series/watched-series.js';
import { type LevelEvent, LevelFollower } from './level-follower.js';

const DAY_MS = 86_400_000;
/** A value of the day before is the mean of this long before and after, or of one slot where that is longer. */
const AROUND_MS = 15 * 60_000;

/** Says what is expected of a series at any instant, and scores its steps as they close. */
export class StepScorer {
  readonly #store: SeriesStore;
  readonly #band = new Float64Array(3);
  readonly #levels: LevelFollower;
  readonly #onLevel: (series: WatchedSeries, event: LevelEvent) => void;

  /** `onLevel` is told of levels that became, or are no longer, what is expected: the series should be fitted anew. */
  constructor(store: SeriesStore, onLevel: (series: WatchedSeries, event: LevelEvent) => void = () => {}) {
    this.#store = store;
    this.#levels = new LevelFollower(store);
    this.#onLevel = onLevel;
  }

  /**
   * Scores the step that ended last at or before the boundary, once, and learns from it; between the ends of long steps
   * the last score stands. Returns the value of the step, NaN where nothing came or it was scored before. The series must
   * have a model.
   */
  scoreClosedStep(series: WatchedSeries, boundaryMs: number): number {
    const { stepMs } = this.#store.settings(series.id);
    const stepEndMs = Math.floor(boundaryMs / stepMs) * stepMs;
    if (stepEndMs === series.scoredUntilMs) return Number.NaN;
    if (series.scoredUntilMs === Number.NEGATIVE_INFINITY) this.#learnSteps(series, stepEndMs - stepMs);
    series.scoredUntilMs = stepEndMs;
    const observed = this.#store.stepValue(series.id, stepEndMs - stepMs);
    if (stepEndMs < series.formerLevelUntilMs) {
      const band = this.expectedAt(series, stepEndMs - stepMs / 2);
      const returned = this.#levels.comeBack(series, stepEndMs, observed, band);
      if (returned !== undefined) this.#onLevel(series, returned);
    }
    const score = this.#scoreStep(series, stepEndMs - stepMs / 2, observed);
    const side = observed < this.#band[0]! ? -1 : 1;
    series.score = series.incidents.judge(score, side, stepEndMs, stepMs);
    const accepted = this.#levels.follow(series, stepEndMs, observed, this.#band);
    if (accepted !== undefined) this.#onLevel(series, accepted);
    return observed;
  }

  /**
   * [yhat, lower, upper] at one instant as they are published: rounded, and clipped to what the metric can be. Valid until
   * the next call. The series must have a model.
   */
  expectedAt(series: WatchedSeries, timeMs: number): Float64Array {
    this.#evaluate(series, timeMs);
    return this.#finish(series);
  }

  /**
   * [yhat, lower, upper] of the step that ends so long after the last one that was scored, rounded to whole steps: with what
   * is known by that step. Valid until the next call. The series must have a model and a score.
   */
  expectedAhead(series: WatchedSeries, horizonMs: number): Float64Array {
    const { stepMs, band: kind } = this.#store.settings(series.id);
    const horizon = series.horizon(horizonMs);
    const dueMs = series.scoredUntilMs + stepsAhead(horizonMs, stepMs) * stepMs;
    const middleMs = dueMs - stepMs / 2;
    const sigma = this.#evaluate(series, middleMs);
    const dayBefore = this.#dayBefore(series, middleMs, horizonMs);
    horizon.expect(this.#band, dueMs, { sigma, deviation: series.deviation, dayBefore, stepMs, band: kind });
    return this.#finish(series);
  }

  /** What the series was around this time of day, on the last day that is over `aheadMs` before; NaN where nothing is known. */
  #dayBefore({ id, levelChanges }: WatchedSeries, timeMs: number, aheadMs: number): number {
    const atMs = timeMs - Math.ceil(aheadMs / DAY_MS) * DAY_MS;
    const aroundMs = Math.max(AROUND_MS, this.#store.settings(id).resolutionMs / 2);
    const { values } = moveHistory(this.#store.readHistory(id, atMs - aroundMs, atMs + aroundMs), levelChanges);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  /** A series that is scored for the first time starts with what its last hours tell. */
  #learnSteps(series: WatchedSeries, untilMs: number): void {
    const { timesMs, values } = this.#store.readSteps(series.id, Number.NEGATIVE_INFINITY, untilMs);
    for (let i = 0; i < values.length; i++) this.#scoreStep(series, timesMs[i]!, values[i]!);
  }

  #scoreStep(series: WatchedSeries, timeMs: number, value: number): number {
    const { stepMs, anomaly, prophet } = this.#store.settings(series.id);
    const sigma = this.#evaluate(series, timeMs);
    const band = this.#finish(series);
    // A fit since the step began may know it.
    if (series.fittedUntilMs <= timeMs - stepMs / 2)
      series.coverage.learn(value, band[1]!, band[2]!, prophet.intervalWidth, stepMs);
    const score = series.detector.next(value, band[0]!, sigma, stepMs, anomaly);
    series.deviation = (value - band[0]!) / sigma;
    // A band that learnt from incidents would be wide for days after each.
    const intervalWidth = score <= 1 ? prophet.intervalWidth : Number.NaN;
    if (score <= 1) series.calibration.learn(value, band[1]!, band[2]!, intervalWidth);
    for (const horizon of series.horizons)
      horizon.learn(timeMs + stepMs / 2, value, { deviation: series.deviation, sigma, stepMs, intervalWidth });
    return score;
  }

  /** Makes what is published of what was evaluated. */
  #finish({ id }: WatchedSeries): Float64Array {
    roundBand(this.#band);
    clip(this.#band, this.#store.settings(id).bounds, this.#store.aggregate(id));
    return this.#band;
  }

  /** Puts [yhat, lower, upper] into the band, not clipped. Returns σ of a step at that instant. */
  #evaluate({ id, model, calibration }: WatchedSeries, timeMs: number): number {
    const { prophet, band: kind } = this.#store.settings(id);
    const band = this.#band;
    evaluateAt(model!, timeMs, prophet.intervalWidth, band);
    const half = band[2]! - band[0]!;
    if (kind === 'calibrated') {
      band[1] = band[0]! - half * calibration.lowerFactor;
      band[2] = band[0]! + half * calibration.upperFactor;
    }
    return half / normalQuantile((1 + prophet.intervalWidth) / 2);
  }
}

/** A horizon in whole steps. */
export function stepsAhead(horizonMs: number, stepMs: number): number {
  return Math.max(1, Math.round(horizonMs / stepMs));
}
