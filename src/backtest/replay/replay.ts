import { pino } from 'pino';
import { expectAhead, expectAt } from '../../engine/expectation/expectation.js';
import { stepsAhead } from '../../engine/expectation/forecast-ahead.js';
import { fitView } from '../../engine/fits/fit-view.js';
import { wantsFit } from '../../engine/fits/refit-policy.js';
import { fitOptions } from '../../engine/limits/fit-options.js';
import { hasLimits } from '../../engine/limits/limits.js';
import { StepScorer } from '../../engine/scoring/step-scorer.js';
import { acceptFit, noteFitTried } from '../../engine/series/fit-state.js';
import { TrackedSeries } from '../../engine/series/tracked-series.js';
import { fitRobustly } from '../../forecast/fit/robust-fit.js';
import { readTrainingData } from '../../forecast/fit/training-data.js';
import { FitError } from '../../forecast/fit-error.js';
import { encodeLabelBlock } from '../../model/labels/label-block.js';
import { formatLabels, type Labels } from '../../model/labels/labels.js';
import type { Forecast, Samples } from '../../model/samples/columns.js';
import { RECEIVER_DEFAULTS } from '../../model/settings/receiver.js';
import { referencesOf } from '../../model/settings/series-reference.js';
import type { Rule } from '../../model/settings/settings.js';
import { SeriesStore } from '../../series/series-store.js';

/** What Sentio would have published for each sample; NaN where it had nothing to say. `timesMs` is the samples' own. */
export interface Replay extends Forecast {
  /** What the forecasts are about: the samples' values, or, of a counter, the rate of the step, borne by its last sample. */
  readonly observed: Float64Array;
  readonly scores: Float64Array;
  /** The series is a counter, and what is forecast its rate per second. */
  readonly isRate: boolean;
  readonly fits: number;
}

export interface ReplayOptions {
  /** Forecasts are those that were published under this horizon, so much earlier; else the interval as it stood before the step began. */
  readonly horizonMs?: number | undefined;
  /** What makes the models; the one of the service if not given. */
  readonly fit?: typeof fitRobustly;
  /** The series to which the rule refers: each sample is received before what is as old. */
  readonly figures?: readonly { readonly labels: Labels; readonly samples: Samples }[];
  /** What comes before this is history, as from a database: it is neither fitted nor scored when it comes. */
  readonly historyUntilMs?: number;
  /** Is shown the series after each step that was scored, before the next sample. */
  readonly onStep?: (store: SeriesStore, series: TrackedSeries) => void;
}

/**
 * Lets a series pass through the rings, fits and scores of the service at the pace of its own timestamps, so that
 * everything about a sample comes from a model that has seen earlier ones only.
 *
 * A step is scored when it is over, and its last sample bears the score; where several samples fall into one step, the
 * earlier ones bear the score that stood when they came.
 */
export function replay(
  samples: Samples,
  labels: Labels,
  rule: Rule,
  { horizonMs, fit = fitRobustly, figures = [], historyUntilMs = Number.NEGATIVE_INFINITY, onStep }: ReplayOptions = {},
): Replay {
  const { timesMs, values } = samples;
  const n = timesMs.length;
  const none = () => new Float64Array(n).fill(Number.NaN);
  const [yhat, yhatLower, yhatUpper, scores] = [none(), none(), none(), none()];
  const { stepMs } = rule.settings;
  const { store, append, id } = storeOf(labels, rule);
  const appendFigures = figures.map(({ labels: of, samples: each }) => appenderOf(store, of, each));
  const series = new TrackedSeries(id);
  const scorer = new StepScorer(store);
  const isRate = store.aggregate(id) === 'rate';
  const observed = isRate ? none() : values;
  const interval = new Float64Array(3);
  const ahead = new Map<number, Float64Array>();
  let fits = 0;
  for (let i = 0; i < n; i++) {
    for (const appendUntil of appendFigures) appendUntil(timesMs[i]!);
    const step = Math.floor(timesMs[i]! / stepMs);
    if (series.model !== undefined) {
      if (horizonMs === undefined) expectAt(store, series, step * stepMs + stepMs / 2, interval);
      else interval.set(ahead.get(step) ?? NOTHING);
      [yhat[i], yhatLower[i], yhatUpper[i]] = interval as unknown as [number, number, number];
      scores[i] = series.score;
    }
    append(timesMs[i]!, values[i]!);
    if (i + 1 < n && Math.floor(timesMs[i + 1]! / stepMs) === step) continue;
    if ((step + 1) * stepMs < historyUntilMs) continue;
    if (isRate) observed[i] = store.stepValue(id, step * stepMs);
    if (series.model !== undefined || hasLimits(store, series)) {
      scores[i] = scorer.scoreStep(series, (step + 1) * stepMs).score;
    }
    if (series.model !== undefined) {
      onStep?.(store, series);
      ahead.delete(step);
      if (horizonMs !== undefined) {
        expectAhead(store, series, horizonMs, interval);
        ahead.set(step + stepsAhead(horizonMs, stepMs), interval.slice());
      }
    }
    if (wantsFit(store, series) && refit(store, series, rule, fit)) fits++;
  }
  return { timesMs, observed, yhat, yhatLower, yhatUpper, scores, isRate, fits };
}

const NOTHING = new Float64Array(3).fill(Number.NaN);

/** Fits at once what the service would have a worker fit. Returns whether there is a new model. */
function refit(store: SeriesStore, series: TrackedSeries, { settings }: Rule, fit: typeof fitRobustly): boolean {
  const view = fitView(store, series);
  const { samples, stepVariance } = readTrainingData(view);
  const fittedUntilMs = store.newestSampleMs(series.id);
  const fittedSpanMs = fittedUntilMs - store.firstSampleMs(series.id);
  noteFitTried(series, fittedUntilMs, fittedSpanMs);
  try {
    const { model } = fit(samples, fitOptions(store, series.id), { stepVariance, calendar: view.calendar });
    acceptFit(series, { model, fit: undefined, fittedUntilMs, fittedSpanMs, fittedWith: settings.prophet });
    return true;
  } catch (error) {
    if (error instanceof FitError) return false;
    throw error;
  }
}

/** Returns a function that appends the samples of an untracked series up to an instant, which must not decrease between calls. */
function appenderOf(store: SeriesStore, labels: Labels, { timesMs, values }: Samples): (untilMs: number) => void {
  const block = encodeLabelBlock(labels);
  let next = 0;
  return (untilMs) => {
    for (; next < timesMs.length && timesMs[next]! <= untilMs; next++) {
      store.beginRequest(timesMs[next]!);
      const ref = store.resolve(block, 0, block.length);
      if (ref >= 0) store.append(ref, timesMs[next]!, values[next]!);
    }
  };
}

function storeOf(labels: Labels, rule: Rule) {
  const own = formatLabels(labels);
  const store = new SeriesStore({
    ...RECEIVER_DEFAULTS,
    chooseRule: (each) => (formatLabels(each) === own ? rule : undefined),
    references: referencesOf([rule]),
    seriesIdleTimeoutMs: Number.POSITIVE_INFINITY,
    maxIgnoredBytes: 0,
    log: pino({ level: 'silent' }),
  });
  const block = encodeLabelBlock(labels);
  const append = (timeMs: number, value: number) => {
    store.beginRequest(timeMs);
    store.append(store.resolve(block, 0, block.length), timeMs, value);
  };
  store.beginRequest(0);
  store.resolve(block, 0, block.length);
  const [id] = store.ids();
  if (id === undefined) throw new TypeError(`Cannot replay: the store refused ${JSON.stringify(labels)}`);
  return { store, append, id };
}
