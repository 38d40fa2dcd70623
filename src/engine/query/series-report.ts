import { calendarOf } from '../../calendar/rule-calendar.js';
import type { Labels } from '../../model/labels/labels.js';
import type { Forecast, Samples } from '../../model/samples/columns.js';
import type { Aggregate } from '../../model/settings/settings.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { ExcludedTime } from '../exclusions/exclusion.js';
import { Exclusions } from '../exclusions/exclusions.js';
import { expectAt, forecastOn, noiseOn } from '../expectation/expectation.js';
import { isLate, isTooLate, latenessMs, sparseIntervalMs } from '../series/arrival-state.js';
import type { Crossing } from '../series/crossings-state.js';
import { type CurrentAlarm, currentAlarm } from '../series/current-alarm.js';
import type { OpenShift } from '../series/level-state.js';
import { hasEnded, type Missing } from '../series/presence-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { type Settling, settlingOf } from './settling.js';

/** Status of a series: cheap enough for every series at every poll, because no model is evaluated. */
export interface SeriesStatus {
  readonly rule: string;
  /** `learning` until the first fit, `ended` once the source is stale. */
  readonly state: 'learning' | 'forecasting' | 'ended';
  /** Of the newest closed step; NaN where there is none. */
  readonly score: number;
  /** The alarm it is in; undefined where it is in none, or has ended. */
  readonly alarm: CurrentAlarm | undefined;
}

/** What Sentio knows of one series now. Values are in the unit of the series (of its rate, where the aggregate is `rate`). */
export interface SeriesReport {
  readonly id: number;
  readonly labels: Labels;
  readonly rule: string;
  readonly aggregate: Aggregate;
  /** What decided the aggregate; undefined where the rule did. */
  readonly aggregateSource: ReturnType<SeriesStore['aggregateSource']>;
  /** What is behind the name where the observed quantity is published; `''` where the series itself is it. */
  readonly observedSuffix: string;
  readonly stepMs: number;
  readonly state: SeriesStatus['state'];
  readonly alarm: SeriesStatus['alarm'];
  /** When the alarm ended that still holds the score up; undefined where none does. */
  readonly calmingSinceMs: number | undefined;
  /** What a young series is not watched for yet. */
  readonly settling: Settling | undefined;
  /**
   * The step scored last, which `alarm` is about, or, before the first score, the newest closed step: its end, value, interval
   * and score; NaN where there is none.
   */
  readonly last: { timeMs: number; value: number; yhat: number; yhatLower: number; yhatUpper: number; score: number };
  /** The share of steps that the interval is meant to hold, and the share that it held in the last days; NaN while too few steps were counted. */
  readonly interval: { nominal: number; coverage: number };
  /** When its present level was accepted; NaN if no other level is known. */
  readonly levelAcceptedAtMs: number;
  /** A level shift that may still be reverted: which of the two levels is expected, and since when. */
  readonly openShift: Pick<OpenShift, 'atMs' | 'holds' | 'sinceMs'> | undefined;
  /** When it reaches the limits of its rule; empty where it has none, and until that is known. */
  readonly crossings: readonly Crossing[];
  readonly missing: Pick<Missing, 'reason' | 'sinceMs'> | undefined;
  /** How much later than `publish_delay` its samples come, and whether it is scored all the same; undefined where they do not. */
  readonly late: { readonly byMs: number; readonly isScored: boolean } | undefined;
  /** The time between two samples, where that is longer than a step. */
  readonly sampleIntervalMs: number | undefined;
  readonly fit: TrackedSeries['fit'];
  /** The seasons of the model, by name. */
  readonly seasons: readonly string[];
  readonly fitError: string | undefined;
  /** The excluded times that it is in now. */
  readonly excluded: readonly ExcludedTime[];
}

/** A series with what was observed and what is expected over a range of time. */
export interface SeriesForecast {
  readonly observed: Samples;
  /** Time of the oldest sample that is known, in the range or before; NaN where there is none. */
  readonly historyFromMs: number;
  /** Time of the first observed value that is of one step; those before are of coarse buckets. NaN where none is. */
  readonly stepsFromMs: number;
  /** Score of each observed value by its distance from what the present model expects; NaN without one. */
  readonly scores: Float64Array;
  /** Undefined until the first fit. */
  readonly forecast: Forecast | undefined;
}

/** As far as the last step with a value is looked for. */
const MAX_EMPTY_STEPS = 60;

export function statusOf(store: SeriesStore, series: TrackedSeries, nowMs: number): SeriesStatus {
  const { id, model, score } = series;
  const ended = hasEnded(store, series, nowMs);
  return {
    rule: store.rule(id).name,
    state: ended ? 'ended' : model === undefined ? 'learning' : 'forecasting',
    score,
    alarm: ended ? undefined : currentAlarm(series, store.settings(id).stepMs),
  };
}

export function reportSeries(
  store: SeriesStore,
  series: TrackedSeries,
  nowMs: number,
  exclusions = new Exclusions(store),
): SeriesReport {
  const { id } = series;
  const settings = store.settings(id);
  const { rule, state, alarm } = statusOf(store, series, nowMs);
  return {
    id,
    labels: store.labels(id),
    rule,
    aggregate: store.aggregate(id),
    aggregateSource: store.aggregateSource(id),
    observedSuffix: store.observedSuffix(id),
    stepMs: settings.stepMs,
    state,
    alarm,
    calmingSinceMs: state === 'forecasting' ? calmingSince(series) : undefined,
    settling: state === 'ended' ? undefined : settlingOf(store, series),
    last: lastStep(store, series, exclusions),
    interval: { nominal: settings.prophet.intervalWidth, coverage: series.coverage.ratio },
    levelAcceptedAtMs: series.levelAcceptedAtMs,
    openShift: series.openShift,
    crossings: series.crossings?.found ?? [],
    missing: series.missing,
    late: isLate(series) ? { byMs: latenessMs(store, series), isScored: !isTooLate(store, series) } : undefined,
    sampleIntervalMs: sparseIntervalMs(store, series),
    fit: series.fit,
    seasons: series.model?.seasonalities.map(({ name }) => name) ?? [],
    fitError: series.fitError,
    excluded: exclusions.between(series, nowMs, nowMs + 1),
  };
}

/** A score is this high without an alarm only where a value was beyond what is rare, now or on average of the last hours. */
const HELD_UP_SCORE = 0.99;
const MAX_CALMING_MS = 86_400_000;

function calmingSince({ score, scoredUntilMs, alarms }: TrackedSeries): number | undefined {
  const last = alarms.list.findLast(({ suppressed }) => !suppressed);
  const isHeldUp = score > HELD_UP_SCORE && score <= 1;
  return isHeldUp && last !== undefined && scoredUntilMs - last.toMs < MAX_CALMING_MS ? last.toMs : undefined;
}

function lastStep(store: SeriesStore, series: TrackedSeries, exclusions: Exclusions): SeriesReport['last'] {
  const { stepMs } = store.settings(series.id);
  // Between the end of a step and its evaluation, and after a restart, the alarm is still that of the step before.
  const timeMs = Number.isNaN(series.score) ? lastClosedStep(store, series, stepMs) : series.scoredUntilMs;
  const value = store.stepValue(series.id, timeMs - stepMs);
  if (series.model === undefined) {
    return { timeMs, value, yhat: Number.NaN, yhatLower: Number.NaN, yhatUpper: Number.NaN, score: Number.NaN };
  }
  const middleMs = timeMs - stepMs / 2;
  const interval = new Float64Array(3);
  expectAt(store, series, middleMs, interval);
  const score =
    publishedScore(series, timeMs) ?? distanceScores(store, series, Float64Array.of(middleMs), [value], exclusions)[0]!;
  return { timeMs, value, yhat: interval[0]!, yhatLower: interval[1]!, yhatUpper: interval[2]!, score };
}

/** The end of the newest closed step with a value: closed by a later sample, or because it was scored. */
function lastClosedStep(store: SeriesStore, { id, scoredUntilMs }: TrackedSeries, stepMs: number): number {
  const newestMs = store.newestSampleMs(id);
  const openEndMs = (Math.floor(newestMs / stepMs) + 1) * stepMs;
  if (scoredUntilMs >= openEndMs) return openEndMs;
  const closedMs = openEndMs - stepMs;
  // Rare samples leave empty steps between them.
  const { timesMs } = store.readSteps(id, closedMs - MAX_EMPTY_STEPS * stepMs, closedMs);
  return (timesMs.at(-1) ?? closedMs - stepMs / 2) + stepMs / 2;
}

/** The score that was published for the step that ends then; undefined where none was, or where it is no longer known. */
export function publishedScore({ score, scoredUntilMs }: TrackedSeries, stepEndMs: number): number | undefined {
  return scoredUntilMs === stepEndMs && !Number.isNaN(score) ? score : undefined;
}

/**
 * Scores of values by their distance from what the present model expects; NaN where none is
 * wanted. The series must have a
 * model.
 */
export function distanceScores(
  store: SeriesStore,
  series: TrackedSeries,
  timesMs: Float64Array,
  values: ArrayLike<number>,
  exclusions: Exclusions,
): Float64Array {
  const settings = store.settings(series.id);
  const { anomaly } = settings;
  const calendar = calendarOf(settings);
  const { yhat, sigma } = noiseOn(series, timesMs);
  return yhat.map((expected, i) =>
    exclusions.at(series, timesMs[i]!)?.alarms === false || calendar.ignores(timesMs[i]!)
      ? Number.NaN
      : series.detector.distanceScore(values[i]!, expected, sigma[i]!, anomaly),
  );
}

/**
 * Observed values of [startMs, endMs] at the finest tier that reaches back to `startMs`, and the forecast every
 * `stepMs` over the same range, no further than the rule's horizon.
 */
export function forecastOf(
  store: SeriesStore,
  series: TrackedSeries,
  range: { startMs: number; endMs: number; stepMs: number },
  nowMs: number,
  exclusions: Exclusions,
): SeriesForecast {
  const { id } = series;
  const { startMs, endMs, stepMs } = range;
  const steps = store.readSteps(id, startMs, endMs);
  const history = store.readHistory(id, startMs, endMs);
  const stepsFromMs = steps.timesMs[0] ?? Number.NaN;
  const historyFromMs = store.firstSampleMs(id);
  // A bucket in which the series begins has its middle before the first step, too.
  const stepsReachBack =
    stepsFromMs <= (history.timesMs[0] ?? Number.POSITIVE_INFINITY) ||
    stepsFromMs - store.settings(id).stepMs / 2 <= historyFromMs;
  const observed = stepsReachBack ? steps : joinTiers(history, steps);
  if (series.model === undefined) {
    const scores = new Float64Array(observed.values.length).fill(Number.NaN);
    return { observed, historyFromMs, stepsFromMs, scores, forecast: undefined };
  }
  const scores = distanceScores(store, series, observed.timesMs, observed.values, exclusions);
  const { horizonMs } = store.settings(id);
  const lastMs = Math.min(endMs, nowMs + horizonMs);
  const count = Math.max(0, Math.floor((lastMs - startMs) / stepMs) + 1);
  const timesMs = Float64Array.from({ length: count }, (_, i) => startMs + i * stepMs);
  return { observed, historyFromMs, stepsFromMs, scores, forecast: forecastOn(store, series, timesMs) };
}

/** The coarse tier up to where the fine one begins, then the fine one. */
function joinTiers(history: Samples, steps: Samples): Samples {
  const fineFromMs = steps.timesMs[0] ?? Number.POSITIVE_INFINITY;
  const cut = history.timesMs.findIndex((timeMs) => timeMs >= fineFromMs);
  const length = cut < 0 ? history.timesMs.length : cut;
  const timesMs = new Float64Array(length + steps.timesMs.length);
  const values = new Float64Array(timesMs.length);
  timesMs.set(history.timesMs.subarray(0, length));
  values.set(history.values.subarray(0, length));
  timesMs.set(steps.timesMs, length);
  values.set(steps.values, length);
  return { timesMs, values };
}
