import { formatSelector } from '../../model/labels/selector.js';
import type { RemoteReadSettings } from '../../model/settings/endpoint.js';
import type { Aggregate } from '../../model/settings/settings.js';
import type { HistoryClient, HistoryClientOptions, HistoryQuery, HistorySeries } from './history-client.js';
import { RangeQueries } from './range-queries.js';

/**
 * The PromQL function that makes the value of each step. For counters it is the last value: rates are then made of two
 * neighbours, as they are made of two live samples.
 */
const FUNCTIONS: Readonly<Record<Aggregate, string>> = {
  mean: 'avg_over_time',
  max: 'max_over_time',
  min: 'min_over_time',
  last: 'last_over_time',
  rate: 'last_over_time',
};

/** Fetches history by `/api/v1/query_range`, a value per step: for databases that serve no remote-read. */
export class QueryRangeClient implements HistoryClient {
  readonly #queries: RangeQueries;

  constructor(settings: RemoteReadSettings, options: HistoryClientOptions) {
    this.#queries = new RangeQueries(settings, options);
  }

  async fetch(query: HistoryQuery, signal: AbortSignal): Promise<Iterable<HistorySeries>> {
    // No step is over within the range, and Prometheus refuses an end before the start.
    if (query.endMs - query.startMs < query.stepMs) return [];
    const { metric, matchers, startMs, endMs, stepMs, aggregate } = query;
    return this.#queries.ask(
      {
        expression: `${FUNCTIONS[aggregate]}(${formatSelector(matchers)}[${stepMs}ms])`,
        metric,
        // The last instant of each step, from which the range reaches back over all of it and over nothing else.
        startMs: startMs + stepMs - 1,
        endMs: endMs - 1,
        stepMs,
      },
      signal,
    );
  }

  async close(): Promise<void> {
    await this.#queries.close();
  }
}
