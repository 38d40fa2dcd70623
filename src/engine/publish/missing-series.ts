import type { Registry } from 'prom-client';
import { gaugeFuncBy } from '../../lib/metrics/metrics.js';
import { encodeLabelBlock } from '../../model/labels/label-block.js';
import { METRIC_NAME, makeLabels } from '../../model/labels/labels.js';
import { metricNameOf } from '../../model/labels/metric-name.js';
import { MISSING_METRIC_LABEL, MISSING_REASON_LABEL, SERIES_MISSING } from '../../model/settings/synthetic.js';
import type { SeriesStore } from '../../series/series-store.js';
import type { Exclusions } from '../exclusions/exclusions.js';
import { latenessMs } from '../series/arrival-state.js';
import {
  beginMissing,
  endMissing,
  type Missing,
  noteMissingPublished,
  noteNewestSample,
} from '../series/presence-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import type { ForecastWriter } from './forecast-writer.js';
import { withSeverity } from './severity-label.js';

/** A gap this many times as long as usual is not a usual one. */
const GAP_FACTOR = 2;

/**
 * Publishes `sentio_series_missing` for every series that is silent for longer than `missing_after`, and for longer than
 * usual: 1 at every evaluation until it is back or forgotten, then a stale marker.
 *
 * No series is missing while its sender is silent, because then the connection to Sentio, or to the source that is asked, is
 * broken; nor is one at a time without alarms; nor is a series that was ended
 * when another one of its metric came: that is how a deployment replaces one pod by another.
 */
export class MissingSeries {
  readonly #store: SeriesStore;
  readonly #writer: ForecastWriter;
  readonly #exclusions: Exclusions;
  readonly #counts = { stale: 0, gap: 0 };
  /** By metric name: how many series it has, and when the newest one came. */
  readonly #metrics = new Map<string, { series: number; lastCameMs: number }>();

  constructor(options: { store: SeriesStore; writer: ForecastWriter; exclusions: Exclusions; registry: Registry }) {
    this.#store = options.store;
    this.#exclusions = options.exclusions;
    this.#writer = options.writer;
    gaugeFuncBy(
      options.registry,
      'sentio_tracked_series_missing',
      'Tracked series that are missing, by reason: ended by a stale marker, or without samples for longer than usual.',
      'reason',
      () => this.#counts,
    );
  }

  /** Adds a series; `cameMs` is when it first came, −∞ for one that was there before. */
  add(series: TrackedSeries, cameMs: number): void {
    const name = this.#nameOf(series);
    const metric = this.#metrics.get(name) ?? { series: 0, lastCameMs: Number.NEGATIVE_INFINITY };
    this.#metrics.set(name, { series: metric.series + 1, lastCameMs: Math.max(metric.lastCameMs, cameMs) });
  }

  /** Forgets a series, which the store must still know, and ends its `sentio_series_missing`. */
  remove(series: TrackedSeries, nowMs: number): void {
    this.#end(series, nowMs);
    const name = this.#nameOf(series);
    const metric = this.#metrics.get(name);
    if (metric === undefined) return;
    if (metric.series === 1) this.#metrics.delete(name);
    else this.#metrics.set(name, { ...metric, series: metric.series - 1 });
  }

  /** Publishes that a series is missing, if it is, and that it is no longer; at every evaluation, in order of time. */
  check(series: TrackedSeries, evaluationMs: number): void {
    const isBack = noteNewestSample(series, this.#store.heardMs(series.id), evaluationMs);
    if (isBack || this.#exclusions.at(series, evaluationMs)?.alarms === false) {
      this.#end(series, evaluationMs);
      return;
    }
    const missing = series.missing ?? this.#begin(series, evaluationMs);
    if (missing === undefined || evaluationMs <= series.lastMissingMs) return;
    noteMissingPublished(series, evaluationMs);
    this.#writer.append(missing.block, '', undefined, evaluationMs, 1);
  }

  #begin(series: TrackedSeries, evaluationMs: number): Missing | undefined {
    const store = this.#store;
    const { id, lastSampleMs, gaps } = series;
    const { missingAfterMs, stepMs } = store.settings(id);
    // Another replica may send it, and not be listened to yet.
    const otherMs = store.heardOfAnyMs(id);
    const heardMs = otherMs > lastSampleMs ? otherMs : lastSampleMs;
    const silentMs = evaluationMs - heardMs - latenessMs(store, series);
    if (silentMs < Math.max(missingAfterMs, stepMs, GAP_FACTOR * gaps.usualMs)) return undefined;
    if (evaluationMs - store.lastRequestMs(id) > missingAfterMs / 2) return undefined;
    const endedMs = store.endedAtMs(id);
    const reason = Number.isNaN(endedMs) ? 'gap' : 'stale';
    const { lastCameMs } = this.#metrics.get(this.#nameOf(series))!;
    if (reason === 'stale' && lastCameMs > endedMs - missingAfterMs) return undefined;
    const missing = { reason, sinceMs: lastSampleMs, block: missingBlock(store, id, reason) } as const;
    beginMissing(series, missing);
    this.#counts[reason]++;
    return missing;
  }

  #end(series: TrackedSeries, nowMs: number): void {
    const { missing } = series;
    if (missing === undefined) return;
    this.#counts[missing.reason]--;
    this.#writer.appendStale(missing.block, '', undefined, endMissing(series, nowMs));
  }

  #nameOf({ id }: TrackedSeries): string {
    return metricNameOf(this.#store.block(id));
  }
}

/** The labels of the source, with its name as `sentio_metric` and the reason. */
function missingBlock(store: SeriesStore, id: number, reason: Missing['reason']): Uint8Array {
  const own = new Set([MISSING_METRIC_LABEL, MISSING_REASON_LABEL]);
  const pairs = store.labels(id).flatMap(({ name, value }): [string, string][] => {
    if (own.has(name)) return [];
    return [name === METRIC_NAME ? [MISSING_METRIC_LABEL, value] : [name, value]];
  });
  const labels = makeLabels([[METRIC_NAME, SERIES_MISSING], ...pairs, [MISSING_REASON_LABEL, reason]]);
  return withSeverity(labels, store.settings(id).severity) ?? encodeLabelBlock(labels);
}
