import { forecastOn } from '../../engine/expectation/expectation.js';
import { stepsAhead } from '../../engine/expectation/forecast-ahead.js';
import type { TrackedSeries } from '../../engine/series/tracked-series.js';
import type { Samples } from '../../model/samples/columns.js';
import type { SeriesStore } from '../../series/series-store.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The lead times that are measured; the step itself comes before them. */
const LEADS_MS = [DAY_MS / 24, DAY_MS / 4, DAY_MS];
/** Forecasts are made this often, or once a step where that is longer; whole days this often. */
const ORIGINS_MS = 10 * MINUTE_MS;
const PATHS_MS = 2 * 60 * MINUTE_MS;
/** `predict_linear` looks back as far as it looks ahead, and this far at least. */
const MIN_LOOK_BACK_MS = 60 * MINUTE_MS;

/** How good the forecasts of one lead time were, or, where that is NaN, of all up to a day. */
export interface LeadMeasures {
  readonly leadMs: number;
  readonly forecasts: number;
  /** Mean absolute errors in the unit of the series: the forecast's, "as a day ago", "as now", and `predict_linear`'s. */
  readonly error: number;
  readonly dayAgoError: number;
  readonly nowError: number;
  readonly linearError: number;
  /** Share of the values within the interval; its mean interval score in the unit of the series (Gneiting & Raftery 2007). */
  readonly coverage: number;
  readonly intervalScore: number;
}

interface Made {
  readonly lead: number;
  readonly dueStep: number;
  readonly yhat: number;
  readonly lower: number;
  readonly upper: number;
  /** The value of the step at its origin. */
  readonly now: number;
  readonly linear: number;
}

/**
 * Collects what the curve expects at some lead times while a series is replayed, all from the same origins. Only forecasts
 * that are due at `fromMs` or later are made, because they cost a quarter of the replay.
 */
export class LeadErrors {
  readonly #stepMs: number;
  readonly #fromMs: number;
  readonly #leads: readonly number[];
  readonly #made: Made[] = [];
  /** By the number of its step. */
  readonly #values = new Map<number, number>();

  constructor(stepMs: number, { fromMs = Number.NEGATIVE_INFINITY }: { readonly fromMs?: number } = {}) {
    this.#stepMs = stepMs;
    this.#fromMs = fromMs;
    this.#leads = [1, ...LEADS_MS.filter((ms) => ms > stepMs).map((ms) => stepsAhead(ms, stepMs))];
  }

  /** For `onStep` of a replay. */
  readonly observe = (store: SeriesStore, series: TrackedSeries): void => {
    const stepMs = this.#stepMs;
    const { scoredUntilMs } = series;
    const value = store.stepValue(series.id, scoredUntilMs - stepMs);
    if (!Number.isNaN(value)) this.#values.set(Math.round(scoredUntilMs / stepMs) - 1, value);
    if (series.model === undefined || scoredUntilMs % Math.max(ORIGINS_MS, stepMs) !== 0) return;
    this.#forecast(store, series, this.#leads, true);
    if (scoredUntilMs % Math.max(PATHS_MS, stepMs) !== 0) return;
    const spacing = stepsAhead(ORIGINS_MS, stepMs);
    const path = Array.from({ length: Math.floor(DAY_MS / stepMs / spacing) }, (_, i) => (i + 1) * spacing);
    this.#forecast(store, series, path, false);
  };

  /** Steps that somebody marked do not count, nor does what they are compared with. */
  measures({
    intervalWidth,
    isMarked = () => false,
  }: {
    readonly intervalWidth: number;
    readonly isMarked?: (step: number) => boolean;
  }): LeadMeasures[] {
    const values = new Map([...this.#values].filter(([step]) => !isMarked(step)));
    return [...this.#leads.map((_, i) => i), -1].map((lead) =>
      this.#measure(
        lead,
        this.#made.filter((each) => each.lead === lead),
        values,
        intervalWidth,
      ),
    );
  }

  /** Of the steps ahead, the shortest first, those that are due late enough. */
  #forecast(store: SeriesStore, series: TrackedSeries, steps: readonly number[], areLeads: boolean): void {
    const stepMs = this.#stepMs;
    const origin = series.scoredUntilMs / stepMs;
    const early = steps.filter((ahead) => (origin + ahead - 1) * stepMs < this.#fromMs).length;
    if (early === steps.length) return;
    const leads = steps.slice(early);
    const timesMs = Float64Array.from(leads, (steps) => (origin + steps - 0.5) * stepMs);
    const { yhat, yhatLower, yhatUpper } = forecastOn(store, series, timesMs);
    for (let i = 0; i < leads.length; i++) {
      this.#made.push({
        lead: areLeads ? early + i : -1,
        dueStep: origin + leads[i]! - 1,
        yhat: yhat[i]!,
        lower: yhatLower[i]!,
        upper: yhatUpper[i]!,
        now: this.#values.get(origin - 1) ?? Number.NaN,
        linear: areLeads ? predictLinear(store, series, leads[i]! * stepMs) : Number.NaN,
      });
    }
  }

  #measure(
    wanted: number,
    made: readonly Made[],
    values: ReadonlyMap<number, number>,
    intervalWidth: number,
  ): LeadMeasures {
    const daySteps = Math.round(DAY_MS / this.#stepMs);
    const alpha = 1 - intervalWidth;
    let [forecasts, error, dayAgo, nowError, linearError, within, score] = [0, 0, 0, 0, 0, 0, 0];
    for (const { dueStep, yhat, lower, upper, now, linear } of made) {
      const value = values.get(dueStep);
      const before = values.get(dueStep - daySteps);
      if (value === undefined || before === undefined) continue;
      forecasts++;
      error += Math.abs(value - yhat);
      dayAgo += Math.abs(value - before);
      nowError += Math.abs(value - now);
      linearError += Math.abs(value - linear);
      if (value >= lower && value <= upper) within++;
      score += upper - lower + (2 / alpha) * (Math.max(0, lower - value) + Math.max(0, value - upper));
    }
    return {
      leadMs: wanted < 0 ? Number.NaN : this.#leads[wanted]! * this.#stepMs,
      forecasts,
      error: error / forecasts,
      dayAgoError: dayAgo / forecasts,
      nowError: nowError / forecasts,
      linearError: linearError / forecasts,
      coverage: within / forecasts,
      intervalScore: score / forecasts,
    };
  }
}

/** What PromQL's `predict_linear` says of the middle of the step that ends `leadMs` after the last one. */
function predictLinear(store: SeriesStore, { id, scoredUntilMs }: TrackedSeries, leadMs: number): number {
  const fromMs = scoredUntilMs - Math.max(MIN_LOOK_BACK_MS, leadMs);
  const steps = store.readSteps(id, fromMs, scoredUntilMs);
  const reachesBack = steps.timesMs.length > 0 && steps.timesMs[0]! <= fromMs + store.settings(id).stepMs;
  const { timesMs, values }: Samples = reachesBack ? steps : store.readHistory(id, fromMs, scoredUntilMs);
  const n = values.length;
  if (n === 0) return Number.NaN;
  const originMs = timesMs[n - 1]!;
  const meanMs = timesMs.reduce((sum, each) => sum + (each - originMs) / n, 0);
  const mean = values.reduce((sum, each) => sum + each / n, 0);
  let [products, squares] = [0, 0];
  for (let i = 0; i < n; i++) {
    products += (timesMs[i]! - originMs - meanMs) * (values[i]! - mean);
    squares += (timesMs[i]! - originMs - meanMs) ** 2;
  }
  return mean + (squares > 0 ? products / squares : 0) * (leadMs - meanMs);
}
