import { parseConfig } from '../../config/load.js';
import { historyMatchers } from '../../engine/backfill/history-matchers.js';
import { UsageError } from '../../lib/errors.js';
import { VERSION } from '../../lib/version.js';
import { formatLabels, type Labels, labelValue, METRIC_NAME } from '../../model/labels/labels.js';
import type { Matcher } from '../../model/labels/matcher.js';
import type { Endpoint, RemoteReadSettings } from '../../model/settings/endpoint.js';
import type { Aggregate } from '../../model/settings/settings.js';
import { redactUrl } from '../../remote/http/http-client.js';
import type { HistoryClient, HistoryQuery, HistorySeries } from '../../remote/read/history-client.js';
import { HistoryError } from '../../remote/read/history-error.js';
import { Pacing } from '../../remote/read/pacing.js';
import { QueryRangeClient } from '../../remote/read/query-range-client.js';
import { RangeQueries } from '../../remote/read/range-queries.js';
import { listSeries } from '../../remote/read/series-client.js';
import { baseUrlOf, withRemedy } from './base-url.js';
import type { RecordedSeries } from './recorded-series.js';

const USER_AGENT = `sentio/${VERSION}`;
/** Prometheus returns at most 11,000 points a series; a response of 3 MB of JSON is parsed at once. */
const MAX_POINTS_PER_SERIES = 10_000;
const MAX_POINTS = 100_000;

/** Series that one query asks for together: one metric, one set of label names, one step. */
export interface RangeGroup {
  readonly series: readonly Labels[];
  readonly stepMs: number;
  readonly aggregate: Aggregate;
  /** Multiples of the step; the end is not included. */
  readonly startMs: number;
  readonly endMs: number;
}

/** A range of a live Prometheus or VictoriaMetrics, read by the client that reads history for the service. */
export class LiveRange {
  readonly #settings: RemoteReadSettings;
  readonly #base: URL;
  readonly #client: HistoryClient;
  readonly #queries: RangeQueries;
  readonly #pacing: Pacing;

  /**
   * `baseUrl` is the URL above `/api/v1/…`. Login, TLS and headers are those of an entry of `sources` at the same
   * origin, or the user and password in the URL. Throws `UsageError`.
   */
  constructor(baseUrl: string, sources: readonly Endpoint[], pacing = new Pacing()) {
    const base = baseUrlOf(baseUrl);
    this.#base = base;
    this.#pacing = pacing;
    const known = sources.find(({ url }) => new URL(url).origin === base.origin);
    this.#settings = { ...usualSource(), ...known, api: 'query_range', url: this.#at('query_range') };
    const options = { userAgent: USER_AGENT, now: Date.now };
    this.#client = new QueryRangeClient(this.#settings, options);
    this.#queries = new RangeQueries(this.#settings, options);
  }

  /** The base URL without user, password and parameters. */
  get shownUrl(): string {
    return redactUrl(this.#base.href);
  }

  /** The series of an expression at an instant. Rejects with `UsageError`. */
  instant(query: string, timeMs: number): Promise<HistorySeries[]> {
    // VictoriaMetrics looks back as far as a step, Prometheus five minutes whatever it is.
    return this.evaluate(query, { startMs: timeMs, endMs: timeMs, stepMs: 300_000 });
  }

  /** The series of an expression, at every `stepMs` from `startMs` through `endMs`. Rejects with `UsageError`. */
  evaluate(expression: string, at: { startMs: number; endMs: number; stepMs: number }): Promise<HistorySeries[]> {
    return this.#try(async () => {
      const query = { expression, metric: undefined, ...at };
      return [...(await this.#queries.ask(query, new AbortController().signal))];
    });
  }

  /** Which series there were, in order of their names. Rejects with `UsageError`. */
  async list(selectors: readonly (readonly Matcher[])[], startMs: number, endMs: number): Promise<Labels[]> {
    const endpoint = { ...this.#settings, url: this.#at('series') };
    const found = await this.#try(() => listSeries(endpoint, selectors, { startMs, endMs, userAgent: USER_AGENT }));
    const byName = new Map(found.map((labels) => [formatLabels(labels), labels]));
    return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, labels]) => labels);
  }

  /** Fetches a group, a value a step, in batches. A step bears the time of its beginning. Rejects with `UsageError`. */
  async *fetch(group: RangeGroup): AsyncGenerator<{ labels: Labels; recorded: RecordedSeries }> {
    const { maxSeriesPerRequest } = this.#settings;
    const steps = (group.endMs - group.startMs) / group.stepMs;
    const perRequest = Math.max(
      1,
      Math.min(maxSeriesPerRequest, Math.floor(MAX_POINTS / Math.min(steps, MAX_POINTS_PER_SERIES))),
    );
    for (let i = 0; i < group.series.length; i += perRequest) {
      const series = group.series.slice(i, i + perRequest);
      const columns = await this.#fetchBatch({ ...group, series });
      for (const labels of series) {
        const { times, values } = columns.get(formatLabels(labels))!;
        const samples = { timesMs: Float64Array.from(times), values: Float64Array.from(values) };
        yield { labels, recorded: { samples, labels: undefined } };
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.close(), this.#queries.close()]);
  }

  /** The columns of a batch by the names of its series. Where an answer is too much, half as much is asked for. */
  async #fetchBatch({ series, stepMs, aggregate, startMs, endMs }: RangeGroup) {
    const columns = new Map(
      series.map((labels) => [formatLabels(labels), { times: [] as number[], values: [] as number[] }]),
    );
    const query = {
      metric: labelValue(series[0]!, METRIC_NAME),
      matchers: historyMatchers(series, new Set()),
      stepMs,
      aggregate,
    };
    let steps = Math.max(1, Math.min(MAX_POINTS_PER_SERIES, Math.floor(MAX_POINTS / series.length)));
    for (let fromMs = startMs; fromMs < endMs; ) {
      const untilMs = Math.min(endMs, fromMs + steps * stepMs);
      const answer = await this.#fetchSlice({ ...query, startMs: fromMs, endMs: untilMs }, steps > 1);
      if (answer === 'too much') {
        steps = Math.ceil(steps / 2);
        continue;
      }
      for (const { labels, samples } of answer) {
        const column = columns.get(formatLabels(labels));
        // The matchers may find others of the group's shape.
        if (column === undefined) continue;
        for (let i = 0; i < samples.timesMs.length; i++) {
          column.times.push(Math.floor(samples.timesMs[i]! / stepMs) * stepMs);
          column.values.push(samples.values[i]!);
        }
      }
      fromMs = untilMs;
    }
    return columns;
  }

  #fetchSlice(query: HistoryQuery, canBeLess: boolean): Promise<Iterable<HistorySeries> | 'too much'> {
    return this.#try(async () => {
      try {
        return await this.#client.fetch(query, new AbortController().signal);
      } catch (error) {
        if (error instanceof HistoryError && error.isTooMuch && canBeLess) return 'too much';
        throw error;
      }
    });
  }

  #at(path: string): string {
    const url = new URL(this.#base);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v1/${path}`;
    return url.href;
  }

  async #try<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await this.#pacing.ask(ask);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      throw new UsageError(`Cannot read from ${this.shownUrl}: ${withRemedy(error, this.#base)}`, { cause: error });
    }
  }
}

/** What a source is without any setting. */
function usualSource(): RemoteReadSettings {
  return parseConfig('remote_read: [{url: "http://localhost/api/v1/query_range", api: query_range}]', '.')
    .remoteRead[0]!;
}
