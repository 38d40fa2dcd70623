import { calendarOf } from '../../calendar/rule-calendar.js';
import { CombinationByLead } from '../../detect/ahead/combination-by-lead.js';
import { type EndedStep, EXPERTS, type KeptForecast } from '../../detect/ahead/forecast-combination.js';
import { PastDays } from '../../detect/ahead/past-days.js';
import { evaluateAt, trendBetween, trendsBetween } from '../../forecast/model/evaluate.js';
import type { FittedModel } from '../../forecast/model/fitted-model.js';
import { quantilesOf } from '../../forecast/model/interval-quantiles.js';
import type { Forecast } from '../../model/samples/columns.js';
import type { SeriesStore } from '../../series/series-store.js';
import { combinationOf } from '../series/score-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { aheadTimes } from './ahead-times.js';

export { stepsAhead } from '../../detect/ahead/combination-layout.js';

const DAY_MS = 86_400_000;
/** Scratch for [yhat, lower, upper]. */
const SCRATCH = new Float64Array(3);
/** Scratch for what the experts say of one instant. */
const SAID = new Float64Array(EXPERTS);
/** What the experts said, from one call of `learnAhead` to the next. */
const RECALLED = { said: new Float64Array(EXPERTS), deviations: new Float64Array(EXPERTS) };

/** The experts, and how they are combined. */
interface Experts {
  readonly days: PastDays;
  readonly byLead: CombinationByLead;
}

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
  readonly #value: number;
  /** How many σ the interval of the model reaches to either side. */
  readonly #noise: number;
  /** Of the newest step. */
  #sigma = Number.NaN;
  /** How far the newest value is from the curve, in σ. */
  #deviation = Number.NaN;
  /** The other experts are asked only where forecasts are combined: to keep one, the curve is enough. */
  #experts: Experts | undefined;

  constructor(store: SeriesStore, series: TrackedSeries) {
    const { id, scoredUntilMs, model } = series;
    const { stepMs, prophet, interval } = store.settings(id);
    this.#store = store;
    this.#series = series;
    this.#model = model!;
    this.#originMs = scoredUntilMs;
    this.#stepMs = stepMs;
    this.#width = prophet.intervalWidth;
    this.#isCalibrated = interval === 'calibrated';
    this.#noise = quantilesOf(prophet.intervalWidth).ofNoise;
    this.#value = store.stepValue(id, scoredUntilMs - stepMs);
    this.#setDeviation();
  }

  /** Writes [yhat, lower, upper] at one instant into `interval`, neither rounded nor clamped. */
  at(timeMs: number, interval: Float64Array): void {
    evaluateAt(this.#model, timeMs, this.#width, interval);
    this.#combine(timeMs, interval);
  }

  /**
   * Turns the model's forecast at later instants into what is expected then, in place, neither rounded nor clamped: those of
   * `allMs` from number `first` on. What follows from the times alone is worked out once for all series.
   */
  along({ yhat, yhatLower, yhatUpper }: Forecast, allMs: Float64Array, first: number): void {
    const history = this.#store.historyView(this.#series.id);
    const combination = combinationOf(this.#store, this.#series);
    const calendar = calendarOf(this.#store.settings(this.#series.id));
    const times = aheadTimes(allMs, { first, originMs: this.#originMs, history, layout: combination.layout, calendar });
    const byLead = this.#combinationByLead(new PastDays(history, this.#series.levelShifts, calendar));
    const { held, later, curve } = times;
    trendsBetween(this.#model, this.#originMs, times.heldMs, held);
    for (let i = 0; i < curve.length; i++) curve[i] = yhat[i]! - held[i]!;
    const said: (Float64Array | undefined)[] = [curve, undefined, undefined, undefined];
    // Where nothing was learnt yet, what the days before say has no part in it.
    if (byLead.counts(1) || byLead.counts(2) || byLead.counts(3)) {
      const { median, lastDay, sameWeekday } = times.days.read(history, this.#series.levelShifts);
      trendsBetween(this.#model, this.#originMs + DAY_MS, times.laterMs, later);
      const firstLater = curve.length - later.length;
      for (const [i, column] of [median, lastDay, sameWeekday].entries()) {
        for (let j = 0; j < later.length; j++) column[firstLater + j]! += later[j]!;
        said[i + 1] = column;
      }
    }
    const options = { noise: this.#noise, isCalibrated: this.#isCalibrated };
    byLead.combineAlong({ yhat, yhatLower, yhatUpper }, times.leads, said, options);
  }

  /** The forecast of the step that ends at `dueMs`, kept to be learnt from when it is over. */
  keptAt(dueMs: number): KeptForecast {
    const interval = SCRATCH;
    const timeMs = dueMs - this.#stepMs / 2;
    evaluateAt(this.#model, timeMs, this.#width, interval);
    const half = (interval[2]! - interval[1]!) / 2;
    return { curve: this.#curveAt(timeMs, interval[0]!), half, value: this.#value, deviation: this.#deviation };
  }

  #combine(timeMs: number, interval: Float64Array): void {
    this.#experts ??= this.#askAround();
    const { byLead, days } = this.#experts;
    const said = SAID;
    said[0] = this.#curveAt(timeMs, interval[0]!);
    askDays(days, this.#model, timeMs, this.#originMs, said);
    const leadMs = timeMs + this.#stepMs / 2 - this.#originMs;
    const sigma = this.#sigmaOf(interval);
    byLead.combine(interval, leadMs, said, { sigma, isCalibrated: this.#isCalibrated });
  }

  #askAround(): Experts {
    const { id, levelShifts } = this.#series;
    const days = new PastDays(this.#store.historyView(id), levelShifts, calendarOf(this.#store.settings(id)));
    return { days, byLead: this.#combinationByLead(days) };
  }

  #combinationByLead(days: PastDays): CombinationByLead {
    const deviations = new Float64Array(EXPERTS);
    deviationsFromDays(days, this.#originMs - this.#stepMs / 2, this.#value, deviations);
    deviations[0] = this.#deviation;
    for (let i = 1; i < EXPERTS; i++) deviations[i]! /= this.#sigma;
    return new CombinationByLead(combinationOf(this.#store, this.#series), this.#series.calibration, deviations);
  }

  /**
   * Up to a day ahead the level counts, and a slope is more often an accident of the fit: the model's trend is held there.
   * Further ahead the trend goes on.
   */
  #curveAt(timeMs: number, yhat: number): number {
    return yhat - trendBetween(this.#model, this.#originMs, Math.min(timeMs, this.#originMs + DAY_MS));
  }

  #setDeviation(): void {
    const interval = SCRATCH;
    const timeMs = this.#originMs - this.#stepMs / 2;
    evaluateAt(this.#model, timeMs, this.#width, interval);
    this.#sigma = this.#sigmaOf(interval);
    this.#deviation = (this.#value - interval[0]!) / this.#sigma;
  }

  #sigmaOf(interval: Float64Array): number {
    return (interval[2]! - interval[0]!) / this.#noise;
  }
}

/**
 * Puts what the days before say of a time, known at `originMs`, behind what the curve says. Up to a day ahead they have no trend;
 * further ahead the model's goes on.
 */
export function askDays(
  days: PastDays,
  model: FittedModel,
  timeMs: number,
  originMs: number,
  said: Float64Array,
): void {
  said[1] = days.median(timeMs, originMs);
  said[2] = days.lastDay(timeMs, originMs);
  said[3] = days.sameWeekday(timeMs, originMs);
  const dayMs = originMs + DAY_MS;
  if (timeMs <= dayMs) return;
  const trend = trendBetween(model, dayMs, timeMs);
  for (let i = 1; i < EXPERTS; i++) said[i]! += trend;
}

/** How far a value at a time is from what the days before say of it. */
export function deviationsFromDays(days: PastDays, timeMs: number, value: number, deviations: Float64Array): void {
  deviations[1] = value - days.median(timeMs, timeMs);
  deviations[2] = value - days.lastDay(timeMs, timeMs);
  deviations[3] = value - days.sameWeekday(timeMs, timeMs);
}

/** Learns from a step that was scored, then keeps forecasts of steps to come, to learn from them later. */
export function learnAhead(store: SeriesStore, series: TrackedSeries, value: number, ended: EndedStep): void {
  const { id, scoredUntilMs, levelShifts, levelAcceptedAtMs, model } = series;
  const combination = combinationOf(store, series);
  const settings = store.settings(id);
  const calendar = calendarOf(settings);
  const halfStepMs = settings.stepMs / 2;
  combination.learn(scoredUntilMs, value, ended, (originMs, valueThen) => {
    // What the curve said was kept as it was: the others are asked what they said at the same level.
    const isOfBefore = levelAcceptedAtMs > originMs;
    const days = new PastDays(store.historyView(id), isOfBefore ? levelShifts.slice(0, -1) : levelShifts, calendar);
    askDays(days, model!, scoredUntilMs - halfStepMs, originMs, RECALLED.said);
    deviationsFromDays(days, originMs - halfStepMs, valueThen, RECALLED.deviations);
    return RECALLED;
  });
  let ahead: ForecastAhead | undefined;
  combination.keep(scoredUntilMs, (dueMs) => {
    ahead ??= new ForecastAhead(store, series);
    return ahead.keptAt(dueMs);
  });
}
