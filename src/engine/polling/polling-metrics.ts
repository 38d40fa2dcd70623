import type { Counter, Registry } from 'prom-client';
import { counter, gaugeFuncBy } from '../../lib/metrics/metrics.js';
import type { PolledQuery } from './polled-query.js';
import type { PollOutcome } from './source-poller.js';

/** The metrics of the queries. */
export class PollingMetrics {
  readonly #requests: Counter<'outcome'>;

  constructor(registry: Registry, { queries, now }: { queries: () => readonly PolledQuery[]; now: () => number }) {
    this.#requests = counter(
      registry,
      'sentio_query_requests_total',
      'Requests for results of the configured queries, by outcome; too_much are asked for again in parts.',
      { outcome: ['success', 'too_much', 'failure'] },
    );
    gaugeFuncBy(
      registry,
      'sentio_query_lag_seconds',
      'Age of the newest results of a query, beyond its offset; less than two steps where its source answers.',
      'query',
      () => Object.fromEntries(queries().map((query) => [query.rule.name, query.lagMs(now()) / 1000])),
    );
  }

  count(outcome: PollOutcome): void {
    this.#requests.inc({ outcome });
  }
}
