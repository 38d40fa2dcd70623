import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { RemoteReadSettings } from '../model/endpoint.js';
import { formatLabels } from '../model/labels.js';
import type { HistoryClient } from '../remote/history-client.js';
import { ThrottledLog } from '../remote/throttled-log.js';
import type { SeriesStore } from '../series/series-store.js';
import { BackfillLane } from './backfill-lane.js';
import { BackfillMetrics, type BackfillProgress } from './backfill-metrics.js';
import { BackfillStats } from './backfill-stats.js';
import { historyGap } from './history-gap.js';
import type { WatchedSeries } from './watched-series.js';

/** New series come in crowds, and in a second there are enough of them for a query that is worth while. */
const COLLECT_MS = 1_000;
const PROGRESS_INTERVAL_MS = 10_000;
const WARN_INTERVAL_MS = 60_000;

export interface BackfillOptions {
  readonly sources: readonly RemoteReadSettings[];
  readonly connect: (source: RemoteReadSettings) => HistoryClient;
  readonly store: SeriesStore;
  readonly externalLabels: readonly string[];
  /** Told of every series once no more history of it will come, and of how long a stretch was read. */
  readonly onDone: (series: WatchedSeries, readMs: number) => void;
  readonly log: Logger;
  readonly now: () => number;
  readonly registry: Registry;
}

/**
 * Gets the history of every series from the configured databases, one database after another: each fills what those before
 * it left empty, and nothing changes what came live.
 */
export class Backfill {
  readonly #options: BackfillOptions;
  readonly #stats = new BackfillStats();
  readonly #lanes: readonly BackfillLane[];
  readonly #metrics: BackfillMetrics;
  /** Series that have just come, with the newest sample they had then; taken up once something has come live. */
  readonly #fresh = new Map<WatchedSeries, number>();
  #collecting: NodeJS.Timeout | undefined;
  #reporting: NodeJS.Timeout | undefined;
  /** Series taken up since there was last nothing to do, and when that began. */
  #total = 0;
  #startedMs = 0;

  constructor(options: BackfillOptions) {
    const { sources, registry } = options;
    this.#options = options;
    this.#metrics = new BackfillMetrics(registry, {
      sources: sources.map(({ name }) => name),
      stats: this.#stats,
      progress: () => this.progress,
    });
    this.#lanes = sources.map((source, i) => this.#lane(source, i));
  }

  /** Gets what a series lacks of its history, once a sample of it has come live. */
  add(series: WatchedSeries): void {
    this.#fresh.set(series, this.#options.store.newestSampleMs(series.id));
    this.#collecting ??= setTimeout(() => this.#collect(), COLLECT_MS);
  }

  /** Forgets a series that is not watched any more. */
  remove(series: WatchedSeries): void {
    this.#fresh.delete(series);
    for (const lane of this.#lanes) lane.remove(series);
    this.#finishIfDone();
  }

  get progress(): BackfillProgress {
    const lanes = this.#lanes.length;
    // What is in one lane has those after it still before it.
    const left = this.#lanes.reduce((sum, lane, i) => sum + lane.left + lane.size * (lanes - 1 - i), 0) / lanes;
    return { done: this.#total - left, total: this.#total };
  }

  /** Drops what is under way. */
  stop(): void {
    clearTimeout(this.#collecting);
    clearInterval(this.#reporting);
    for (const lane of this.#lanes) lane.stop();
  }

  #lane(source: RemoteReadSettings, index: number): BackfillLane {
    const { connect, store, externalLabels, log, now, onDone } = this.#options;
    const warnings = new ThrottledLog(log, WARN_INTERVAL_MS, now);
    return new BackfillLane({
      source,
      connect,
      store,
      externalLabels: new Set(externalLabels),
      stats: this.#stats,
      onRequest: (outcome, error) => {
        this.#metrics.countRequest(source.name, outcome);
        if (outcome === 'failed') warnings.warn({ source: source.name, reason: error?.message }, 'cannot read history');
      },
      onDone: (gap, error) => {
        this.#metrics.countSeries(error === undefined);
        if (error !== undefined) {
          const details = {
            source: source.name,
            series: formatLabels(store.labels(gap.series.id)),
            reason: error.message,
          };
          warnings.warn(details, 'gave up on the history of a series');
        }
        const next = this.#lanes[index + 1];
        if (next === undefined) onDone(gap.series, gap.endMs - gap.startMs);
        else next.add(gap);
        this.#finishIfDone();
      },
    });
  }

  #collect(): void {
    this.#collecting = undefined;
    const { store, now, onDone } = this.#options;
    for (const [series, knownUntilMs] of this.#fresh) {
      const gap = historyGap(store, series, knownUntilMs, now());
      if (gap === 'unknown') continue;
      this.#fresh.delete(series);
      if (gap === undefined) {
        onDone(series, 0);
        continue;
      }
      if (this.#total === 0) this.#begin();
      this.#total++;
      this.#lanes[0]!.add(gap);
    }
    if (this.#fresh.size > 0) this.#collecting = setTimeout(() => this.#collect(), COLLECT_MS);
  }

  #begin(): void {
    const { log, sources, now } = this.#options;
    this.#startedMs = now();
    log.info({ sources: sources.map(({ name }) => name) }, 'backfill started');
    this.#reporting = setInterval(() => {
      const { done, total } = this.progress;
      log.info({ done: Math.floor(done), total, samples: this.#stats.samples }, 'backfill goes on');
    }, PROGRESS_INTERVAL_MS);
  }

  #finishIfDone(): void {
    if (this.#total === 0 || this.#lanes.some((lane) => lane.size > 0)) return;
    const { log, now } = this.#options;
    clearInterval(this.#reporting);
    const seconds = Math.round((now() - this.#startedMs) / 1000);
    log.info({ series: this.#total, samples: this.#stats.samples, seconds }, 'backfill done');
    this.#total = 0;
  }
}
