import { calendarOf } from '../../calendar/rule-calendar.js';
import { CURVE, EXPERTS } from '../../detect/ahead/forecast-combination.js';
import { PastDays } from '../../detect/ahead/past-days.js';
import { earliestOf } from '../../detect/ahead/past-instants.js';
import { evaluateAt } from '../../forecast/model/evaluate.js';
import { quantilesOf } from '../../forecast/model/interval-quantiles.js';
import type { SeriesStore } from '../../series/series-store.js';
import { combinationOf } from '../series/score-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { askDays, deviationsFromDays } from './forecast-ahead.js';

const DAY_MS = 86_400_000;
/** So far back forecasts are made up: what is learnt has a half-life of three days. */
const REACH_MS = 9 * DAY_MS;
/** So often: no divisor of a day, so that all times of the day have their turn. */
const EVERY_MS = 5 * 3_600_000;
/** With a shorter lead time, forecasts that were kept say as much within hours. */
const MIN_LEAD_MS = 3_600_000;
/** The interval begins so wide that this share of the errors is within it, where there are this many at least. */
const SHARE = 0.8;
const MIN_ERRORS = 8;
/** Scratch for [yhat, lower, upper], and for what the experts said. */
const INTERVAL = new Float64Array(3);
const FORECASTS = { said: new Float64Array(EXPERTS), deviations: new Float64Array(EXPERTS) };

/**
 * Learns from the history that came with a series how it would have been forecast at each lead time up to a day, so that its
 * first forecasts are as good as those of a series that Sentio has tracked for days. To be called once, before a forecast is kept;
 * `untilMs` is the end of the history. The series must have a model.
 */
export function learnInHindsight(
  store: SeriesStore,
  series: TrackedSeries,
  untilMs: number,
  isLearnt: (timeMs: number) => boolean,
): void {
  const { id, levelShifts } = series;
  const model = series.model!;
  const settings = store.settings(id);
  const { stepMs } = settings;
  const { intervalWidth } = settings.prophet;
  const history = store.historyView(id);
  const firstMs = Math.max(earliestOf(history), store.firstSampleMs(id), untilMs - REACH_MS);
  const lastMs = untilMs - stepMs / 2;
  // Fast path: most new series have no history.
  if (lastMs - firstMs < DAY_MS + MIN_LEAD_MS) return;
  const days = new PastDays(history, levelShifts, calendarOf(settings));
  const combination = combinationOf(store, series);
  const { ofNoise } = quantilesOf(intervalWidth);
  const { said, deviations } = FORECASTS;
  for (const anchor of combination.layout.anchors) {
    const { leadMs } = anchor;
    if (leadMs < MIN_LEAD_MS || leadMs > DAY_MS) continue;
    const errors: number[] = [];
    for (let i = Math.floor((lastMs - firstMs - DAY_MS - leadMs) / EVERY_MS); i >= 0; i--) {
      const timeMs = lastMs - i * EVERY_MS;
      const originMs = timeMs - leadMs;
      if (!isLearnt(timeMs)) continue;
      const valueThen = days.value(originMs);
      askDays(days, model, timeMs, originMs, said);
      deviationsFromDays(days, originMs, valueThen, deviations);
      evaluateAt(model, originMs, intervalWidth, INTERVAL);
      deviations[CURVE] = valueThen - INTERVAL[0]!;
      evaluateAt(model, timeMs, intervalWidth, INTERVAL);
      said[CURVE] = INTERVAL[0]!;
      const sigma = (INTERVAL[2]! - INTERVAL[0]!) / ofNoise;
      const due = { value: days.value(timeMs), sigma, forecasts: FORECASTS, spacingMs: EVERY_MS };
      const error = combination.learnInHindsight(anchor, due);
      if (!Number.isNaN(error)) errors.push(error);
    }
    if (errors.length === 0) continue;
    const usual = withoutOutliers(errors);
    const within = usual[Math.min(usual.length, Math.ceil(SHARE * (usual.length + 1))) - 1]!;
    // What was forecast are means: single steps scatter around them.
    const half = Math.hypot(within, quantilesOf(SHARE).ofNoise * Math.sqrt(store.stepVariance(id)));
    evaluateAt(model, untilMs + leadMs, intervalWidth, INTERVAL);
    const modelHalf = ((INTERVAL[2]! - INTERVAL[1]!) / 2 / ofNoise) * quantilesOf(SHARE).ofNoise;
    const isKnown = usual.length >= MIN_ERRORS && half > 0 && modelHalf > 0;
    combination.beginInterval(anchor, intervalWidth, isKnown ? half / modelHalf : 1);
  }
}

/**
 * Absolute errors, ascending, up to Tukey's upper fence (1977, "Exploratory Data Analysis"): nobody says where in the history
 * incidents are, and the interval is to hold its share of ordinary days.
 */
function withoutOutliers(errors: number[]): number[] {
  const sorted = errors.sort((a, b) => a - b);
  const quartile = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  const fence = quartile(0.75) + 1.5 * (quartile(0.75) - quartile(0.25));
  return sorted.filter((error) => error <= fence);
}
