import { Counter, Gauge, type Registry } from 'prom-client';
import { readCounter, readCounterBy } from '../../lib/read-counter.js';
import type { RequestOutcome } from './source-worker.js';
import type { BackfillStats } from './stats.js';

/** How far backfill is, in series; both are 0 while there is nothing to do. */
export interface BackfillProgress {
  /** Not a whole number: a series that is half done counts half. */
  readonly done: number;
  readonly total: number;
}

/** The metrics of backfill. */
export class BackfillMetrics {
  readonly #series: Counter<'outcome'>;
  readonly #requests: Counter<'source' | 'outcome'>;

  /** `sources`: names of the databases. */
  constructor(
    registry: Registry,
    options: { sources: readonly string[]; stats: BackfillStats; progress: () => BackfillProgress },
  ) {
    const registers = [registry];
    const { sources, stats, progress } = options;
    this.#series = new Counter({
      name: 'sentio_backfill_series_total',
      help: 'Series that are through a database, with all of what it has, or without some that it would not give: once for their past, and again for what they missed since.',
      labelNames: ['outcome'],
      registers,
    });
    for (const outcome of ['read', 'given_up']) this.#series.inc({ outcome }, 0);
    this.#requests = new Counter({
      name: 'sentio_backfill_requests_total',
      help: 'Requests for history; what was too much, or failed, is asked for again.',
      labelNames: ['source', 'outcome'],
      registers,
    });
    for (const source of sources)
      for (const outcome of ['ok', 'too_much', 'failed']) this.#requests.inc({ source, outcome }, 0);
    new Gauge({
      name: 'sentio_backfill_series_pending',
      help: 'Series that wait for some of their history; parts of a series count as parts.',
      registers,
      collect() {
        const { done, total } = progress();
        this.set(total - done);
      },
    });
    new Gauge({
      name: 'sentio_backfill_progress_ratio',
      help: 'Share of the history asked for since backfill was last idle that is here; 1 while it is idle.',
      registers,
      collect() {
        const { done, total } = progress();
        this.set(total === 0 ? 1 : done / total);
      },
    });
    readCounter(registry, 'sentio_backfill_samples_total', 'Samples of history that were read.', () => stats.samples);
    readCounter(
      registry,
      'sentio_backfill_buckets_filled_total',
      'Empty buckets of either tier that backfill gave a value.',
      () => stats.buckets,
    );
    readCounterBy(
      registry,
      'kind',
      'sentio_backfill_dropped_total',
      'What an answer holds and history does not: samples without a value, or not older than what came live; series that nobody asked for; native histograms.',
      () => ({
        not_finite: stats.notFinite,
        live: stats.live,
        unasked_series: stats.unasked,
        histogram: stats.histograms,
      }),
    );
  }

  countSeries(isRead: boolean): void {
    this.#series.inc({ outcome: isRead ? 'read' : 'given_up' });
  }

  countRequest(source: string, outcome: RequestOutcome): void {
    this.#requests.inc({ source, outcome });
  }
}
