import type { SeriesStore } from '../../series/series-store.js';
import { expectAhead, expectAt } from '../expectation/expectation.js';
import { TimesToLimit } from '../limits/times-to-limit.js';
import type { Evaluated } from '../scoring/step-scorer.js';
import { currentAlarm } from '../series/current-alarm.js';
import {
  beginPublishing,
  noteEnded,
  noteForecastPublished,
  noteKindPublished,
  noteScorePublished,
} from '../series/publish-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { type EvaluationSchedule, forecastTimeMs, isAfter } from './evaluation-schedule.js';
import type { ForecastWriter } from './forecast-writer.js';
import { namesOf } from './published-names.js';
import {
  forecastSeries,
  kindSeries,
  limitSeries,
  observedSeries,
  publishedSeries,
  type SyntheticSeries,
  scoreSeries,
} from './published-series.js';
import { withSeverity } from './severity-label.js';

/** Scores are rounded to this many parts of 1, because that compresses well; rounded up, so that what is over 1 stays so. */
const SCORE_GRAINS = 1024;

/** Writes what Sentio knows of a series as synthetic series, no timestamp twice. */
export class Publisher {
  readonly #store: SeriesStore;
  readonly #writer: ForecastWriter;
  readonly #timesToLimit: TimesToLimit;
  /** Scratch for [yhat, lower, upper]. */
  readonly #interval = new Float64Array(3);

  constructor(store: SeriesStore, writer: ForecastWriter) {
    this.#store = store;
    this.#writer = writer;
    this.#timesToLimit = new TimesToLimit(store);
  }

  /**
   * Publishes one evaluation of a series: of one without a model, which has limits, the score alone; else the score, stamped `evaluationMs`, as are the observed value
   * and the one expected one horizon later; and the interval of an interval to come, `leadMs` ahead, so that a sample finds
   * its interval already there. `scored` is undefined where this evaluation was published before.
   */
  publish(
    series: TrackedSeries,
    scored: Evaluated | undefined,
    evaluationMs: number,
    schedule: EvaluationSchedule,
  ): void {
    const store = this.#store;
    const { id } = series;
    const { leadMs, stepMs } = store.settings(id);
    const block = store.blockView(id);
    const { quantity, horizons } = series.published ?? beginPublishing(series, namesOf(store, series));
    const interval = this.#interval;
    const hasModel = series.model !== undefined;

    if (scored !== undefined) {
      noteScorePublished(series, evaluationMs);
      this.#writeScore(block, observedSeries(quantity, store.observedSuffix(id)), quantity, scored, evaluationMs);
      this.#writeKind(series, quantity, evaluationMs);
      // From the newest step that is known, which of a late series is not the one that ended now.
      const behindMs = Math.floor(evaluationMs / stepMs) * stepMs - series.scoredUntilMs;
      for (const { label, ms } of hasModel && Number.isFinite(behindMs) ? horizons : []) {
        expectAhead(store, series, ms + behindMs, interval);
        this.#writeForecast(block, quantity, label, interval, evaluationMs);
      }
      this.#writeTimesToLimit(block, quantity, series, evaluationMs);
    }
    const forecastMs = forecastTimeMs(schedule, evaluationMs, leadMs);
    if (hasModel && isAfter(forecastMs, series.lastForecastMs)) {
      noteForecastPublished(series, forecastMs);
      expectAt(store, series, forecastMs, interval);
      this.#writeForecast(block, quantity, undefined, interval, forecastMs);
    }
  }

  /**
   * Ends what is published of a series with stale markers, each now, or after what was published of it if that is later. A process
   * that goes on from a snapshot of before knows nothing of them: what it publishes next is later than now. The store
   * must still know the series.
   */
  end(series: TrackedSeries, nowMs: number): void {
    if (series.published === undefined) return;
    const block = this.#store.blockView(series.id);
    const scoreMs = endAfter(series.lastScoreMs, nowMs);
    const forecastMs = endAfter(series.lastForecastMs, nowMs);
    for (const { suffix, extra, isAhead, hasSeverity } of publishedSeries(
      series.published,
      series.publishedKind,
      this.#store.observedSuffix(series.id),
    )) {
      const labels = hasSeverity ? this.#blockWithSeverity(series) : block;
      this.#writer.appendStale(labels, suffix, extra, isAhead ? forecastMs : scoreMs);
    }
    noteEnded(series, scoreMs, forecastMs);
  }

  /** Ends the score and the kind of the alarm that are published of a series, and nothing else. */
  endScore(series: TrackedSeries, nowMs: number): void {
    if (series.published === undefined) return;
    const { quantity } = series.published;
    const block = this.#store.blockView(series.id);
    const endMs = endAfter(series.lastScoreMs, nowMs);
    const ended = [
      scoreSeries(quantity),
      ...(series.publishedKind ? [kindSeries(quantity, series.publishedKind)] : []),
    ];
    for (const { suffix, extra } of ended) this.#writer.appendStale(block, suffix, extra, endMs);
    noteKindPublished(series, undefined);
    noteScorePublished(series, endMs);
  }

  /** Of steps that were late: the value of the newest, and the highest score. */
  #writeScore(
    block: Uint8Array,
    observed: SyntheticSeries | undefined,
    quantity: string,
    evaluated: Evaluated,
    evaluationMs: number,
  ): void {
    const { value, earlier, isSuppressed, scoreBefore } = evaluated;
    if (observed !== undefined && !Number.isNaN(value)) {
      this.#writer.append(block, observed.suffix, observed.extra, evaluationMs, value);
    }
    if (isSuppressed) {
      // An alert would go on by the last score for as long as PromQL looks back.
      const { suffix, extra } = scoreSeries(quantity);
      if (!Number.isNaN(scoreBefore)) this.#writer.appendStale(block, suffix, extra, evaluationMs);
      return;
    }
    let { score } = evaluated;
    for (const step of earlier) if (!(score >= step.score)) score = step.score;
    if (Number.isNaN(score)) return;
    const { suffix, extra } = scoreSeries(quantity);
    this.#writer.append(block, suffix, extra, evaluationMs, Math.ceil(score * SCORE_GRAINS) / SCORE_GRAINS);
  }

  /** One series for each kind: what was of another kind, or is over, ends with a stale marker. */
  #writeKind(series: TrackedSeries, quantity: string, evaluationMs: number): void {
    const { stepMs, publishesKind } = this.#store.settings(series.id);
    const before = series.publishedKind;
    const kind = publishesKind ? currentAlarm(series, stepMs)?.kind : undefined;
    if (before === undefined && kind === undefined) return;
    const block = this.#blockWithSeverity(series);
    if (before !== undefined && before !== kind) {
      const { suffix, extra } = kindSeries(quantity, before);
      this.#writer.appendStale(block, suffix, extra, evaluationMs);
    }
    noteKindPublished(series, kind);
    if (kind === undefined) return;
    const { suffix, extra } = kindSeries(quantity, kind);
    this.#writer.append(block, suffix, extra, evaluationMs, 1);
  }

  #writeTimesToLimit(block: Uint8Array, quantity: string, series: TrackedSeries, evaluationMs: number): void {
    for (const { side, expectedMs, earliestMs } of this.#timesToLimit.of(series, evaluationMs)) {
      const [expected, earliest] = limitSeries(quantity, side);
      this.#writer.append(block, expected.suffix, expected.extra, evaluationMs, secondsUntil(expectedMs, evaluationMs));
      this.#writer.append(block, earliest.suffix, earliest.extra, evaluationMs, secondsUntil(earliestMs, evaluationMs));
    }
  }

  /** The labels of a series, which must be published, and the severity of its rule. */
  #blockWithSeverity({ id, published }: TrackedSeries): Uint8Array {
    const store = this.#store;
    return withSeverity(store.labels(id), published!.severity) ?? store.blockView(id);
  }

  /** Writes [yhat, lower, upper] under the timestamp `timeMs`. */
  #writeForecast(
    block: Uint8Array,
    quantity: string,
    horizon: string | undefined,
    interval: Float64Array,
    timeMs: number,
  ): void {
    const [yhat, lower, upper] = forecastSeries(quantity, horizon);
    this.#writer.append(block, yhat.suffix, yhat.extra, timeMs, interval[0]!);
    this.#writer.append(block, lower.suffix, lower.extra, timeMs, interval[1]!);
    this.#writer.append(block, upper.suffix, upper.extra, timeMs, interval[2]!);
  }
}

function secondsUntil(timeMs: number, nowMs: number): number {
  return Math.max(0, Math.round((timeMs - nowMs) / 1000));
}

/** Where what was published up to `lastMs` ends. */
function endAfter(lastMs: number, nowMs: number): number {
  return isAfter(nowMs, lastMs) ? nowMs : lastMs + 1;
}
