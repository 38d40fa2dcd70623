import type { Matcher } from '../../model/labels/matcher.js';
import { formatSelector, isPlainName } from '../../model/labels/selector.js';
import type { RemoteReadSettings } from '../../model/settings/endpoint.js';
import type { Aggregate } from '../../model/settings/settings.js';
import type { HistoryClient, HistoryClientOptions, HistoryQuery, HistorySeries } from './history-client.js';
import { HistoryError } from './history-error.js';
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

/**
 * Fetches history by `/api/v1/query_range`, a value per step: for databases that serve no remote-read. One that does not know
 * quoted label names, as Prometheus before 3.0, is asked without those matchers from then on, and answers with other series too.
 */
export class QueryRangeClient implements HistoryClient {
  readonly #queries: RangeQueries;
  /** Whether the database knows quoted label names; undefined until that is seen. */
  #knowsQuotes: boolean | undefined;

  constructor(settings: RemoteReadSettings, options: HistoryClientOptions) {
    this.#queries = new RangeQueries(settings, options);
  }

  async fetch(query: HistoryQuery, signal: AbortSignal): Promise<Iterable<HistorySeries>> {
    // No step is over within the range, and Prometheus refuses an end before the start.
    if (query.endMs - query.startMs < query.stepMs) return [];
    const { matchers } = query;
    const plain = matchers.filter(({ name }) => isPlainName(name));
    if (plain.length === matchers.length) return this.#ask(query, matchers, signal);
    if (this.#knowsQuotes === false) return this.#ask(query, plain, signal);
    try {
      const answer = await this.#ask(query, matchers, signal);
      this.#knowsQuotes = true;
      return answer;
    } catch (error) {
      // 400 of Prometheus, 422 of VictoriaMetrics; both also say so of what is too much.
      const isRefused = error instanceof HistoryError && (error.status === 400 || error.status === 422);
      if (!isRefused || this.#knowsQuotes === true) throw error;
      const answer = await this.#ask(query, plain, signal);
      this.#knowsQuotes = false;
      return answer;
    }
  }

  #ask(
    { metric, startMs, endMs, stepMs, aggregate }: HistoryQuery,
    matchers: readonly Matcher[],
    signal: AbortSignal,
  ): Promise<Iterable<HistorySeries>> {
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
