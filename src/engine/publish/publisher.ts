import { quantitySuffix } from '../../model/synthetic.js';
import type { RemoteWriter } from '../../remote/write/remote-writer.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { LevelShiftEvent } from '../scoring/level-shift-tracker.js';
import { StepScorer } from '../scoring/step-scorer.js';
import { hasEnded, noteOwnership } from '../series/presence-state.js';
import {
  beginPublishing,
  leavePublishing,
  noteEnded,
  noteForecastPublished,
  noteScorePublished,
} from '../series/publish-state.js';
import { forgetScore } from '../series/score-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { forecastTimeMs, isAfter, type PublishSchedule } from './publish-schedule.js';
import { forecastSeries, observedSeries, publishedSeries, scoreSeries } from './published-series.js';

/** Scores are published in so many parts of 1, for the room they take; rounded up, so that what is over 1 stays so. */
const SCORE_GRAINS = 1024;

/** Where the publisher writes; each series' samples come in time order. */
export type ForecastWriter = Pick<RemoteWriter, 'append' | 'appendStale'>;

/** Scores the steps that closed and writes what Sentio knows of a series as synthetic series. */
export class Publisher {
  readonly #store: SeriesStore;
  readonly #writer: ForecastWriter;
  readonly #ownershipGraceMs: number;
  readonly #scorer: StepScorer;

  /** `ownershipGraceMs`: see `noteOwnership`; 0 where no other Sentio publishes. `onLevel` as in `StepScorer`. */
  constructor(options: {
    store: SeriesStore;
    writer: ForecastWriter;
    ownershipGraceMs?: number;
    onLevel?: (series: TrackedSeries, event: LevelShiftEvent) => void;
  }) {
    this.#store = options.store;
    this.#writer = options.writer;
    this.#ownershipGraceMs = options.ownershipGraceMs ?? 0;
    this.#scorer = new StepScorer(options.store, options.onLevel);
  }

  /**
   * Publishes one series for the round at `evaluationMs`: the score of the step that closed there (stamped there, as is
   * the value expected one horizon later), and the interval of an interval to come, `leadMs` ahead: a sample finds its interval
   * already there.
   */
  publish(series: TrackedSeries, evaluationMs: number, schedule: PublishSchedule): void {
    const store = this.#store;
    const { id } = series;
    const endedAtMs = store.endedAtMs(id);
    const newestMs = store.newestSampleMs(id);
    const ownershipGraceMs = this.#ownershipGraceMs;
    const isTheirs = ownershipGraceMs > 0 && !noteOwnership(series, newestMs, evaluationMs, ownershipGraceMs);
    if (isTheirs && Number.isNaN(endedAtMs)) {
      // No stale markers: they would end what the other one publishes.
      leavePublishing(series);
      forgetScore(series);
      return;
    }
    if (hasEnded(endedAtMs, newestMs, evaluationMs)) {
      this.end(series, evaluationMs);
      return;
    }
    if (series.model === undefined) return;
    const { leadMs, horizons } = store.settings(id);
    const block = store.block(id);
    beginPublishing(series, { quantity: quantitySuffix(store.aggregate(id)), horizons });

    if (isAfter(evaluationMs, series.lastScoreMs)) {
      noteScorePublished(series, evaluationMs);
      this.#writeScore(block, series, evaluationMs);
      for (const { label, ms } of horizons) {
        const interval = this.#scorer.expectedAhead(series, ms);
        this.#writeForecast(block, series, interval, evaluationMs, label);
      }
    }
    const forecastMs = forecastTimeMs(schedule, evaluationMs, leadMs);
    if (isAfter(forecastMs, series.lastForecastMs)) {
      noteForecastPublished(series, forecastMs);
      this.#writeForecast(block, series, this.#scorer.expectedAt(series, forecastMs), forecastMs, undefined);
    }
  }

  /**
   * Ends what is published of a series with stale markers, after everything that went before: the source has ended, or
   * its series will have other names. Needs the store to know the series still.
   */
  end(series: TrackedSeries, nowMs: number): void {
    if (series.published === undefined) return;
    const block = this.#store.block(series.id);
    const lastMs = Math.max(series.lastForecastMs, series.lastScoreMs);
    const endMs = isAfter(nowMs, lastMs) ? nowMs : lastMs + 1;
    for (const { suffix, extra } of publishedSeries(series.published)) {
      this.#writer.appendStale(block, suffix, extra, endMs);
    }
    noteEnded(series, endMs);
    forgetScore(series);
  }

  #writeScore(block: Uint8Array, series: TrackedSeries, evaluationMs: number): void {
    const { quantity } = series.published!;
    const value = this.#scorer.scoreClosedStep(series, evaluationMs);
    const observed = observedSeries(quantity);
    if (observed !== undefined && !Number.isNaN(value)) {
      this.#writer.append(block, observed.suffix, observed.extra, evaluationMs, value);
    }
    if (Number.isNaN(series.score)) return;
    const { suffix, extra } = scoreSeries(quantity);
    const score = Math.ceil(series.score * SCORE_GRAINS) / SCORE_GRAINS;
    this.#writer.append(block, suffix, extra, evaluationMs, score);
  }

  /** Writes [yhat, lower, upper] under the timestamp `timeMs`. */
  #writeForecast(
    block: Uint8Array,
    { published }: TrackedSeries,
    interval: Float64Array,
    timeMs: number,
    horizon: string | undefined,
  ): void {
    const [yhat, lower, upper] = forecastSeries(published!.quantity, horizon);
    this.#writer.append(block, yhat.suffix, yhat.extra, timeMs, interval[0]!);
    this.#writer.append(block, lower.suffix, lower.extra, timeMs, interval[1]!);
    this.#writer.append(block, upper.suffix, upper.extra, timeMs, interval[2]!);
  }
}
