import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { ThrottledLog } from '../../lib/throttled-log.js';
import { TimeSlice } from '../../lib/time-slice.js';
import { formatLabels } from '../../model/labels/labels.js';
import type { RemoteReadSettings } from '../../model/settings/endpoint.js';
import type { HistoryClient } from '../../remote/read/history-client.js';
import type { SeriesStore } from '../../series/series-store.js';
import { noteComplete, noteIncomplete } from '../series/history-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { type HistoryGap, type LiveGap, pastGap, repairGap } from './history-gap.js';
import { BackfillMetrics, type BackfillProgress } from './metrics.js';
import { SourceWorker } from './source-worker.js';
import { BackfillStats } from './stats.js';

/** New series come in crowds: in a second enough of them come to be worth one query. */
const COLLECT_MS = 1_000;
const PROGRESS_INTERVAL_MS = 10_000;
const WARN_INTERVAL_MS = 60_000;

export interface BackfillOptions {
  readonly sources: readonly RemoteReadSettings[];
  readonly connect: (source: RemoteReadSettings) => HistoryClient;
  readonly store: SeriesStore;
  readonly externalLabels: readonly string[];
  /** Called once for every gap that was read or given up, with the length of the gap. */
  readonly onDone: (series: TrackedSeries, readMs: number) => void;
  readonly log: Logger;
  readonly now: () => number;
  readonly registry: Registry;
}

/**
 * Reads the history of every series from the configured databases, one database after another: each fills what those before
 * it left empty, and none changes what came live, except in gap repairs.
 */
export class Backfill {
  readonly #options: BackfillOptions;
  readonly #stats = new BackfillStats();
  readonly #workers: readonly SourceWorker[];
  readonly #metrics: BackfillMetrics;
  /** Series that have just come, with their newest sample then; they are taken up once a sample has come live. */
  readonly #fresh = new Map<TrackedSeries, number>();
  /** Repaired once the step they end in is over and what is being read of the series is done. */
  readonly #liveGaps = new Map<TrackedSeries, LiveGap>();
  readonly #reading = new Set<TrackedSeries>();
  #collecting: NodeJS.Timeout | undefined;
  #reporting: NodeJS.Timeout | undefined;
  /** Series taken up since there was last nothing to do, and when that began. */
  #total = 0;
  #startedMs = 0;
  #isStopped = false;

  constructor(options: BackfillOptions) {
    const { sources, registry } = options;
    this.#options = options;
    this.#metrics = new BackfillMetrics(registry, {
      sources: sources.map(({ name }) => name),
      stats: this.#stats,
      progress: () => this.progress,
    });
    this.#workers = sources.map((source, i) => this.#worker(source, i));
  }

  /** Reads what a series lacks of its history, once a sample of it has come live. */
  add(series: TrackedSeries): void {
    const knownUntilMs = this.#options.store.newestSampleMs(series.id);
    const isNew = Number.isNaN(knownUntilMs);
    noteIncomplete(series, isNew ? Number.NEGATIVE_INFINITY : knownUntilMs);
    this.#fresh.set(series, knownUntilMs);
    this.#collectSoon();
  }

  /** Repairs the gap before a series resumed: reads the samples that were lost on their way since the one at `sinceMs`. */
  repair(series: TrackedSeries, sinceMs: number): void {
    // Of a new series everything is read anyway.
    if (this.#fresh.has(series)) return;
    this.#addLiveGap(series, { fromMs: sinceMs, toMs: this.#options.store.newestSampleMs(series.id), units: 1 });
    this.#collectSoon();
  }

  /** Forgets a series that is no longer tracked. */
  remove(series: TrackedSeries): void {
    this.#fresh.delete(series);
    this.#liveGaps.delete(series);
    this.#reading.delete(series);
    for (const worker of this.#workers) worker.remove(series);
    this.#finishIfDone();
  }

  get progress(): BackfillProgress {
    const workers = this.#workers.length;
    // What is with one worker still has to pass those after it.
    const remaining =
      this.#workers.reduce((sum, worker, i) => sum + worker.remaining + worker.units * (workers - 1 - i), 0) / workers;
    return { done: this.#total - remaining, total: this.#total };
  }

  /** Gives up what is under way. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#collecting);
    clearInterval(this.#reporting);
    for (const worker of this.#workers) worker.stop();
  }

  #worker(source: RemoteReadSettings, index: number): SourceWorker {
    const { connect, store, externalLabels, log, now, onDone } = this.#options;
    const warnings = new ThrottledLog(log, WARN_INTERVAL_MS, now);
    let isFailing = false;
    return new SourceWorker({
      source,
      connect,
      store,
      externalLabels: new Set(externalLabels),
      stats: this.#stats,
      onRequest: (outcome, error) => {
        this.#metrics.countRequest(source.name, outcome);
        if (outcome === 'ok') {
          if (isFailing) log.info({ source: source.name }, 'reading history works again');
          isFailing = false;
          return;
        }
        if (error?.isForever) {
          log.warn(
            { source: source.name, reason: error.message },
            'source has no history and is not read: a Prometheus in agent mode keeps none',
          );
          return;
        }
        const advice = error?.remedy === undefined ? {} : { remedy: error.remedy };
        const isLogged = warnings.warn(
          { source: source.name, reason: error?.message, ...advice },
          outcome === 'failed' ? 'reading history failed: retrying' : 'history response too large: requesting less',
        );
        if (isLogged && outcome === 'failed') isFailing = true;
      },
      onFault: (err) => log.error({ source: source.name, err }, 'backfill failed for a batch of series'),
      onDone: (gap, error) => {
        this.#metrics.countSeries(error === undefined);
        if (error !== undefined && !error.isForever) {
          const details = {
            source: source.name,
            series: formatLabels(store.labels(gap.series.id)),
            reason: error.message,
          };
          warnings.warn(details, 'backfill of a series given up');
        }
        const next = this.#workers[index + 1];
        if (next === undefined) {
          this.#reading.delete(gap.series);
          noteComplete(gap.series, this.#liveGaps.get(gap.series)?.fromMs ?? Number.POSITIVE_INFINITY);
          onDone(gap.series, gap.endMs - gap.startMs);
        } else {
          // A gap that one database repaired needs no repair by the next.
          next.add({ ...gap, repairFromMs: Number.POSITIVE_INFINITY });
        }
        this.#finishIfDone();
      },
    });
  }

  #collectSoon(): void {
    this.#collecting ??= setTimeout(() => {
      this.#collect()
        .catch((err) => this.#options.log.error({ err }, 'selecting series for backfill failed: retrying'))
        .finally(() => {
          this.#collecting = undefined;
          if (this.#fresh.size + this.#liveGaps.size > 0 && !this.#isStopped) this.#collectSoon();
        });
    }, COLLECT_MS);
  }

  async #collect(): Promise<void> {
    const { store, now, onDone } = this.#options;
    const slice = new TimeSlice();
    for (const [series, knownUntilMs] of this.#fresh) {
      if (slice.isOver) await slice.pause();
      if (this.#isStopped) return;
      // It may have been removed meanwhile.
      if (!this.#fresh.has(series)) continue;
      const newestMs = store.newestSampleMs(series.id);
      if (Number.isNaN(newestMs) || newestMs === knownUntilMs) continue;
      this.#fresh.delete(series);
      const firstMs = store.firstSampleMs(series.id);
      const isNew = Number.isNaN(knownUntilMs);
      const fromMs = isNew ? firstMs : series.incompleteFromMs;
      // What was being read when the snapshot was taken is read once more, as one gap repair.
      const isRereading = fromMs === Number.NEGATIVE_INFINITY;
      const gap = isRereading ? undefined : pastGap(store, series, now());
      this.#addLiveGap(series, { fromMs, toMs: isNew ? firstMs : newestMs, units: isNew || gap !== undefined ? 0 : 1 });
      if (gap !== undefined) this.#read(gap);
      else if (!isRereading) onDone(series, 0);
    }
    for (const [series, liveGap] of this.#liveGaps) {
      if (slice.isOver) await slice.pause();
      if (this.#isStopped) return;
      if (!this.#liveGaps.has(series) || this.#reading.has(series)) continue;
      const gap = repairGap(store, series, liveGap, now());
      if (gap === undefined) continue;
      this.#liveGaps.delete(series);
      this.#read(gap);
    }
  }

  #addLiveGap(series: TrackedSeries, { fromMs, toMs, units }: LiveGap): void {
    const liveGap = { fromMs: Math.min(fromMs, this.#liveGaps.get(series)?.fromMs ?? fromMs), toMs, units };
    this.#liveGaps.set(series, liveGap);
    noteIncomplete(series, fromMs);
  }

  #read(gap: HistoryGap): void {
    if (this.#total === 0 && gap.units > 0) this.#begin();
    this.#total += gap.units;
    this.#reading.add(gap.series);
    this.#workers[0]!.add(gap);
  }

  #begin(): void {
    const { log, sources, now } = this.#options;
    this.#startedMs = now();
    log.info({ sources: sources.map(({ name }) => name) }, 'backfill started');
    let reported = this.#stats.samples;
    this.#reporting = setInterval(() => {
      const { done, total } = this.progress;
      // While a database is down its failures are logged, and progress is not.
      if (this.#stats.samples === reported) return;
      reported = this.#stats.samples;
      log.info({ done: Math.floor(done), total, samples: this.#stats.samples }, 'backfill in progress');
    }, PROGRESS_INTERVAL_MS);
  }

  #finishIfDone(): void {
    if (this.#total === 0 || this.#workers.some((worker) => worker.units > 0)) return;
    const { log, now } = this.#options;
    clearInterval(this.#reporting);
    const seconds = Math.round((now() - this.#startedMs) / 1000);
    log.info({ series: this.#total, samples: this.#stats.samples, seconds }, 'backfill done');
    this.#total = 0;
  }
}
