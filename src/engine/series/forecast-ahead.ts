import { CombinationByLead, type EndedStep, EXPERTS, type ExpertForecasts } from '../../detect/forecast-combination.js';
import { PastDays } from '../../detect/past-days.js';
import { normalQuantile } from '../../forecast/math/normal.js';
import { evaluateAt, trendBetween } from '../../forecast/model/evaluate.js';
import type { FittedModel } from '../../forecast/model/fitted-model.js';
import type { Forecast } from '../../model/columns.js';
import type { SeriesStore } from '../../series/series-store.js';
import { combinationOf } from './score-state.js';
import type { TrackedSeries } from './tracked-series.js';

export { stepsAhead } from '../../detect/combination-layout.js';

const DAY_MS = 86_400_000;

/**
 * What is expected of a series after the step that was scored last, with everything known by then: the source of `horizon`
 * series and of forecast series of the future, so that the two agree. The series must have a model and a score.
 */
export class ForecastAhead {
  readonly #store: SeriesStore;
  readonly #series: TrackedSeries;
  readonly #model: FittedModel;
  readonly #originMs: number;
  readonly #stepMs: number;
  readonly #width: number;
  readonly #isCalibrated: boolean;
  readonly #days: PastDays;
  readonly #forecasts: ExpertForecasts = {
    said: new Float64Array(EXPERTS),
    deviations: new Float64Array(EXPERTS),
  };
  readonly #interval = new Float64Array(3);
  #byLead: CombinationByLead | undefined;

  constructor(store: SeriesStore, series: TrackedSeries) {
    const { id, levelShifts, scoredUntilMs, model } = series;
    const { stepMs, prophet, interval } = store.settings(id);
    this.#store = store;
    this.#series = series;
    this.#model = model!;
    this.#originMs = scoredUntilMs;
    this.#stepMs = stepMs;
    this.#width = prophet.intervalWidth;
    this.#isCalibrated = interval === 'calibrated';
    this.#days = new PastDays(store.trainingView(id).coarse, levelShifts);
    this.#setDeviations(store.stepValue(id, scoredUntilMs - stepMs));
  }

  /** Writes [yhat, lower, upper] at one instant into `interval`, neither rounded nor clamped. */
  at(timeMs: number, interval: Float64Array): void {
    evaluateAt(this.#model, timeMs, this.#width, interval);
    this.#combine(timeMs, interval);
  }

  /** Turns the model's forecast at later instants into what is expected then, in place, neither rounded nor clamped. */
  along({ timesMs, yhat, yhatLower, yhatUpper }: Forecast): void {
    const interval = this.#interval;
    for (let i = 0; i < timesMs.length; i++) {
      interval[0] = yhat[i]!;
      interval[1] = yhatLower[i]!;
      interval[2] = yhatUpper[i]!;
      this.#combine(timesMs[i]!, interval);
      yhat[i] = interval[0]!;
      yhatLower[i] = interval[1]!;
      yhatUpper[i] = interval[2]!;
    }
  }

  /** The forecasts of the step that ends at `dueMs`, kept to be learnt from when it is over. Valid until the next call. */
  expertsAt(dueMs: number): { forecasts: ExpertForecasts; half: number } {
    const interval = this.#interval;
    const timeMs = dueMs - this.#stepMs / 2;
    evaluateAt(this.#model, timeMs, this.#width, interval);
    this.#askExperts(timeMs, interval[0]!);
    return { forecasts: this.#forecasts, half: (interval[2]! - interval[1]!) / 2 };
  }

  #combine(timeMs: number, interval: Float64Array): void {
    this.#byLead ??= new CombinationByLead(combinationOf(this.#store, this.#series), this.#series.calibration);
    this.#askExperts(timeMs, interval[0]!);
    const leadMs = timeMs + this.#stepMs / 2 - this.#originMs;
    const sigma = this.#sigmaOf(interval);
    this.#byLead.combine(interval, leadMs, this.#forecasts, { sigma, isCalibrated: this.#isCalibrated });
  }

  /**
   * Up to a day ahead the level counts, and a slope is more often an accident of the fit: the model's trend is held there, and
   * the days before have none. Further ahead the trend goes on.
   */
  #askExperts(timeMs: number, yhat: number): void {
    const { said } = this.#forecasts;
    const dayMs = this.#originMs + DAY_MS;
    said[0] = yhat - trendBetween(this.#model, this.#originMs, Math.min(timeMs, dayMs));
    this.#askDays(timeMs, this.#originMs, said);
    if (timeMs <= dayMs) return;
    const trend = trendBetween(this.#model, dayMs, timeMs);
    for (let i = 1; i < EXPERTS; i++) said[i]! += trend;
  }

  /** What the days before say of a time, from what was known at another. */
  #askDays(timeMs: number, knownUntilMs: number, said: Float64Array): void {
    said[1] = this.#days.median(timeMs, knownUntilMs);
    said[2] = this.#days.lastDay(timeMs, knownUntilMs);
    said[3] = this.#days.sameWeekday(timeMs, knownUntilMs);
  }

  #setDeviations(value: number): void {
    const { deviations } = this.#forecasts;
    const interval = this.#interval;
    const timeMs = this.#originMs - this.#stepMs / 2;
    evaluateAt(this.#model, timeMs, this.#width, interval);
    const sigma = this.#sigmaOf(interval);
    deviations[0] = interval[0]!;
    this.#askDays(timeMs, timeMs, deviations);
    for (let i = 0; i < EXPERTS; i++) deviations[i] = (value - deviations[i]!) / sigma;
  }

  #sigmaOf(interval: Float64Array): number {
    return (interval[2]! - interval[0]!) / normalQuantile((1 + this.#width) / 2);
  }
}

/** Learns from a step that was scored, then keeps forecasts of steps to come, to learn from them later. */
export function learnAhead(store: SeriesStore, series: TrackedSeries, value: number, ended: EndedStep): void {
  const combination = combinationOf(store, series);
  combination.learn(series.scoredUntilMs, value, ended);
  let ahead: ForecastAhead | undefined;
  combination.keep(series.scoredUntilMs, (dueMs) => {
    ahead ??= new ForecastAhead(store, series);
    return ahead.expertsAt(dueMs);
  });
}
