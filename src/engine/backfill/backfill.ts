import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { ThrottledLog } from '../../lib/throttled-log.js';
import { TimeSlice } from '../../lib/time-slice.js';
import type { RemoteReadSettings } from '../../model/endpoint.js';
import { formatLabels } from '../../model/labels.js';
import type { HistoryClient } from '../../remote/read/history-client.js';
import type { SeriesStore } from '../../series/series-store.js';
import { noteComplete, noteIncomplete } from '../series/history-state.js';
import type { TrackedSeries } from '../series/tracked-series.js';
import { type HistoryGap, pastGap, type Seam, seamGap } from './history-gap.js';
import { BackfillMetrics, type BackfillProgress } from './metrics.js';
import { SourceWorker } from './source-worker.js';
import { BackfillStats } from './stats.js';

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
  readonly onDone: (series: TrackedSeries, readMs: number) => void;
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
  readonly #workers: readonly SourceWorker[];
  readonly #metrics: BackfillMetrics;
  /** Series that have just come, with the newest sample they had then; taken up once something has come live. */
  readonly #fresh = new Map<TrackedSeries, number>();
  /** Mended once the step they end in is over, and what is read of the series before is through. */
  readonly #seams = new Map<TrackedSeries, Seam>();
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

  /** Gets what a series lacks of its history, once a sample of it has come live. */
  add(series: TrackedSeries): void {
    const knownUntilMs = this.#options.store.newestSampleMs(series.id);
    const isNew = Number.isNaN(knownUntilMs);
    noteIncomplete(series, isNew ? Number.NEGATIVE_INFINITY : knownUntilMs);
    this.#fresh.set(series, knownUntilMs);
    this.#collectSoon();
  }

  /** Gets what a series lacks that came again after a silence: what was lost on its way since the sample at `sinceMs`. */
  mend(series: TrackedSeries, sinceMs: number): void {
    // Of one that has just come all that it lacks will be asked for.
    if (this.#fresh.has(series)) return;
    this.#addSeam(series, { fromMs: sinceMs, toMs: this.#options.store.newestSampleMs(series.id), weight: 1 });
    this.#collectSoon();
  }

  /** Forgets a series that is not tracked any more. */
  remove(series: TrackedSeries): void {
    this.#fresh.delete(series);
    this.#seams.delete(series);
    this.#reading.delete(series);
    for (const worker of this.#workers) worker.remove(series);
    this.#finishIfDone();
  }

  get progress(): BackfillProgress {
    const workers = this.#workers.length;
    // What is in one worker has those after it still before it.
    const left =
      this.#workers.reduce((sum, worker, i) => sum + worker.left + worker.weight * (workers - 1 - i), 0) / workers;
    return { done: this.#total - left, total: this.#total };
  }

  /** Drops what is under way. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#collecting);
    clearInterval(this.#reporting);
    for (const worker of this.#workers) worker.stop();
  }

  #worker(source: RemoteReadSettings, index: number): SourceWorker {
    const { connect, store, externalLabels, log, now, onDone } = this.#options;
    const warnings = new ThrottledLog(log, WARN_INTERVAL_MS, now);
    return new SourceWorker({
      source,
      connect,
      store,
      externalLabels: new Set(externalLabels),
      stats: this.#stats,
      onRequest: (outcome, error) => {
        this.#metrics.countRequest(source.name, outcome);
        if (outcome === 'ok') return;
        warnings.warn(
          { source: source.name, reason: error?.message },
          outcome === 'failed' ? 'cannot read history' : 'an answer with history is too much: less is asked for',
        );
      },
      onFault: (err) => log.error({ source: source.name, err }, 'a batch of backfill failed'),
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
        const next = this.#workers[index + 1];
        if (next === undefined) {
          this.#reading.delete(gap.series);
          noteComplete(gap.series, this.#seams.get(gap.series)?.fromMs ?? Number.POSITIVE_INFINITY);
          onDone(gap.series, gap.endMs - gap.startMs);
        } else {
          // What one database made whole is no business of the others.
          next.add({ ...gap, mendFromMs: Number.POSITIVE_INFINITY });
        }
        this.#finishIfDone();
      },
    });
  }

  #collectSoon(): void {
    this.#collecting ??= setTimeout(() => {
      this.#collect()
        .catch((err) => this.#options.log.error({ err }, 'taking up series for backfill failed; it is tried again'))
        .finally(() => {
          this.#collecting = undefined;
          if (this.#fresh.size + this.#seams.size > 0 && !this.#isStopped) this.#collectSoon();
        });
    }, COLLECT_MS);
  }

  async #collect(): Promise<void> {
    const { store, now, onDone } = this.#options;
    const slice = new TimeSlice();
    for (const [series, knownUntilMs] of this.#fresh) {
      if (slice.isOver) await slice.pause();
      if (this.#isStopped) return;
      // It may have gone meanwhile.
      if (!this.#fresh.has(series)) continue;
      const newestMs = store.newestSampleMs(series.id);
      if (Number.isNaN(newestMs) || newestMs === knownUntilMs) continue;
      this.#fresh.delete(series);
      const firstMs = store.firstSampleMs(series.id);
      const isNew = Number.isNaN(knownUntilMs);
      const fromMs = isNew ? firstMs : series.incompleteFromMs;
      // What was being read when the snapshot was taken is read once more, as one seam.
      const isAllSeam = fromMs === Number.NEGATIVE_INFINITY;
      const gap = isAllSeam ? undefined : pastGap(store, series, now());
      this.#addSeam(series, { fromMs, toMs: isNew ? firstMs : newestMs, weight: isNew || gap !== undefined ? 0 : 1 });
      if (gap !== undefined) this.#read(gap);
      else if (!isAllSeam) onDone(series, 0);
    }
    for (const [series, seam] of this.#seams) {
      if (slice.isOver) await slice.pause();
      if (this.#isStopped) return;
      if (!this.#seams.has(series) || this.#reading.has(series)) continue;
      const gap = seamGap(store, series, seam, now());
      if (gap === undefined) continue;
      this.#seams.delete(series);
      this.#read(gap);
    }
  }

  #addSeam(series: TrackedSeries, { fromMs, toMs, weight }: Seam): void {
    const seam = { fromMs: Math.min(fromMs, this.#seams.get(series)?.fromMs ?? fromMs), toMs, weight };
    this.#seams.set(series, seam);
    noteIncomplete(series, fromMs);
  }

  #read(gap: HistoryGap): void {
    if (this.#total === 0 && gap.weight > 0) this.#begin();
    this.#total += gap.weight;
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
      // While a database is down there is nothing to say but that, and it is said.
      if (this.#stats.samples === reported) return;
      reported = this.#stats.samples;
      log.info({ done: Math.floor(done), total, samples: this.#stats.samples }, 'backfill goes on');
    }, PROGRESS_INTERVAL_MS);
  }

  #finishIfDone(): void {
    if (this.#total === 0 || this.#workers.some((worker) => worker.weight > 0)) return;
    const { log, now } = this.#options;
    clearInterval(this.#reporting);
    const seconds = Math.round((now() - this.#startedMs) / 1000);
    log.info({ series: this.#total, samples: this.#stats.samples, seconds }, 'backfill done');
    this.#total = 0;
  }
}
