import { formatSelector } from '../../model/labels/selector.js';
import type { RemoteReadSettings } from '../../model/settings/endpoint.js';
import type { Aggregate } from '../../model/settings/settings.js';
import { HttpClient } from '../http/http-client.js';
import type { HistoryClient, HistoryClientOptions, HistoryQuery, HistorySeries } from './history-client.js';
import { asHistoryError, checkAnswer } from './history-error.js';
import { readMatrix } from './matrix-answer.js';

const MAX_ANSWER_BYTES = 32 * 2 ** 20;

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
  readonly #http: HttpClient;
  readonly #now: () => number;

  constructor(settings: RemoteReadSettings, options: HistoryClientOptions) {
    this.#http = new HttpClient(settings, options);
    this.#now = options.now;
  }

  async fetch(query: HistoryQuery, signal: AbortSignal): Promise<Iterable<HistorySeries>> {
    // No step is over within the range, and Prometheus refuses an end before the start.
    if (query.endMs - query.startMs < query.stepMs) return [];
    try {
      const answer = await this.#http.post(Buffer.from(parametersOf(query).toString()), {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        maxAnswerBytes: MAX_ANSWER_BYTES,
        signal,
      });
      checkAnswer(this.#http, answer, this.#now());
      return this.#read(answer.body, query);
    } catch (error) {
      throw asHistoryError(this.#http, error);
    }
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  *#read(body: Uint8Array, { metric, startMs, endMs, stepMs }: HistoryQuery): Generator<HistorySeries> {
    try {
      yield* readMatrix(body, metric, Math.ceil((endMs - startMs) / stepMs) + 1);
    } catch (error) {
      throw asHistoryError(this.#http, error);
    }
  }
}

function parametersOf({ matchers, startMs, endMs, stepMs, aggregate }: HistoryQuery): URLSearchParams {
  return new URLSearchParams({
    query: `${FUNCTIONS[aggregate]}(${formatSelector(matchers)}[${stepMs}ms])`,
    // The last instant of each step, from which the range reaches back over all of it and over nothing else.
    start: seconds(startMs + stepMs - 1),
    end: seconds(endMs - 1),
    step: seconds(stepMs),
    // VictoriaMetrics would move the instants to multiples of the step.
    nocache: '1',
  });
}

function seconds(ms: number): string {
  return String(ms / 1000);
}
