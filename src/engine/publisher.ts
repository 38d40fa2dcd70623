import type { Label } from '../model/labels.js';
import {
  ANOMALY_SCORE,
  HORIZON_LABEL,
  OBSERVED_RATE,
  quantitySuffix,
  RATE,
  YHAT,
  YHAT_LOWER,
  YHAT_UPPER,
} from '../model/synthetic.js';
import type { RemoteWriter } from '../remote/remote-writer.js';
import type { SeriesStore } from '../series/series-store.js';
import type { PublishSchedule } from './publish-schedule.js';
import { StepScorer } from './step-scorer.js';
import { hasEnded, type PublishedAs, type WatchedSeries } from './watched-series.js';

/** Where the publisher writes; each series' samples come in time order. */
export type ForecastWriter = Pick<RemoteWriter, 'append' | 'appendStale'>;

/** Scores the steps that closed and writes what Sentio knows of a series as synthetic series. */
export class Publisher {
  readonly #store: SeriesStore;
  readonly #writer: ForecastWriter;
  readonly #scorer: StepScorer;

  constructor({ store, writer }: { store: SeriesStore; writer: ForecastWriter }) {
    this.#store = store;
    this.#writer = writer;
    this.#scorer = new StepScorer(store);
  }

  /**
   * Publishes one series for the round at `boundaryMs`: the score of the step that closed there (stamped there, as is
   * the value expected one horizon later), and the band of an interval to come, `leadMs` ahead: a sample finds its band
   * already there.
   */
  publish(series: WatchedSeries, boundaryMs: number, { intervalMs }: PublishSchedule): void {
    const store = this.#store;
    const { id } = series;
    if (hasEnded(store.endedAtMs(id), store.newestSampleMs(id), boundaryMs)) {
      this.end(series, boundaryMs);
      return;
    }
    if (series.model === undefined) return;
    const { leadMs, horizons } = store.settings(id);
    series.published ??= { quantity: quantitySuffix(store.aggregate(id)), horizons };

    if (boundaryMs > series.lastScoreMs) {
      series.lastScoreMs = boundaryMs;
      this.#writeScore(series, series.published, boundaryMs);
      for (const { label, ms } of horizons) {
        const band = this.#scorer.expectedAhead(series, ms);
        this.#writeBand(series, band, boundaryMs, { name: HORIZON_LABEL, value: label });
      }
    }
    const bandMs = Math.round(boundaryMs + Math.floor(leadMs / intervalMs) * intervalMs);
    if (bandMs > series.lastBandMs) {
      series.lastBandMs = bandMs;
      this.#writeBand(series, this.#scorer.expectedAt(series, bandMs), bandMs, undefined);
    }
  }

  /**
   * Ends what is published of a series with stale markers, after everything that went before: the source has ended, or
   * its series will have other names. Needs the store to know the series still.
   */
  end(series: WatchedSeries, nowMs: number): void {
    if (series.published === undefined) return;
    const { quantity, horizons } = series.published;
    const block = this.#store.block(series.id);
    const endMs = Math.max(nowMs, series.lastBandMs + 1, series.lastScoreMs + 1);
    for (const suffix of [YHAT, YHAT_LOWER, YHAT_UPPER]) {
      this.#writer.appendStale(block, quantity + suffix, undefined, endMs);
      for (const { label } of horizons) {
        this.#writer.appendStale(block, quantity + suffix, { name: HORIZON_LABEL, value: label }, endMs);
      }
    }
    this.#writer.appendStale(block, quantity + ANOMALY_SCORE, undefined, endMs);
    if (quantity === RATE) this.#writer.appendStale(block, OBSERVED_RATE, undefined, endMs);
    series.lastBandMs = endMs;
    series.lastScoreMs = endMs;
    series.score = Number.NaN;
    series.published = undefined;
  }

  #writeScore(series: WatchedSeries, { quantity }: PublishedAs, boundaryMs: number): void {
    const block = this.#store.block(series.id);
    const observed = this.#scorer.scoreClosedStep(series, boundaryMs);
    if (quantity === RATE && !Number.isNaN(observed)) {
      this.#writer.append(block, OBSERVED_RATE, undefined, boundaryMs, observed);
    }
    if (!Number.isNaN(series.score)) {
      this.#writer.append(block, quantity + ANOMALY_SCORE, undefined, boundaryMs, series.score);
    }
  }

  /** Writes [yhat, lower, upper] under the timestamp `timeMs`. */
  #writeBand(series: WatchedSeries, band: Float64Array, timeMs: number, extra: Label | undefined): void {
    const block = this.#store.block(series.id);
    const { quantity } = series.published!;
    this.#writer.append(block, quantity + YHAT, extra, timeMs, band[0]!);
    this.#writer.append(block, quantity + YHAT_LOWER, extra, timeMs, band[1]!);
    this.#writer.append(block, quantity + YHAT_UPPER, extra, timeMs, band[2]!);
  }
}
