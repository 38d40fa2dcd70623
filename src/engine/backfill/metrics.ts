import type { Counter, Registry } from 'prom-client';
import { counter, counterFunc, counterFuncBy, gaugeFunc } from '../../lib/metrics/metrics.js';
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
    const { sources, stats, progress } = options;
    this.#series = counter(
      registry,
      'sentio_backfill_series_total',
      'Series whose backfill finished, by outcome: read completely or given up in part. Counted again for each gap repair.',
      { outcome: ['read', 'given_up'] },
    );
    this.#requests = counter(
      registry,
      'sentio_backfill_requests_total',
      'Requests for history, by outcome. Requests with outcome too_much or failed are repeated.',
      { source: sources, outcome: ['ok', 'too_much', 'failed'] },
    );
    gaugeFunc(
      registry,
      'sentio_backfill_series_pending',
      'Series whose backfill is not finished; a series that is half done counts half.',
      () => progress().total - progress().done,
    );
    gaugeFunc(
      registry,
      'sentio_backfill_progress_ratio',
      'Share of the backfill that is done since it was last idle; 1 while it is idle.',
      () => {
        const { done, total } = progress();
        return total === 0 ? 1 : done / total;
      },
    );
    counterFunc(registry, 'sentio_backfill_samples_total', 'Samples of history that were read.', () => stats.samples);
    counterFunc(
      registry,
      'sentio_backfill_buckets_filled_total',
      'Empty buckets of either tier that backfill filled.',
      () => stats.buckets,
    );
    counterFuncBy(
      registry,
      'sentio_backfill_dropped_total',
      'Samples, series and native histograms that were in an answer and were dropped, by kind.',
      'kind',
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
