import type { Endpoint } from '../../model/settings/endpoint.js';
import { HttpClient } from '../http/http-client.js';
import type { HistoryClientOptions, HistorySeries } from './history-client.js';
import { asHistoryError, checkAnswer } from './history-error.js';
import { readMatrix } from './matrix-answer.js';

const MAX_ANSWER_BYTES = 32 * 2 ** 20;

/** An expression, to be evaluated at `startMs`, `startMs + stepMs`, … up to and with `endMs`. */
export interface RangeQuery {
  readonly expression: string;
  /** The name of the results, of which most functions take the name away; as the source answers it where it is undefined. */
  readonly metric: string | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** Has expressions evaluated by one source, at the URL of its `/api/v1/query_range`. */
export class RangeQueries {
  readonly #http: HttpClient;
  readonly #now: () => number;

  constructor(endpoint: Endpoint, options: HistoryClientOptions) {
    this.#http = new HttpClient(endpoint, options);
    this.#now = options.now;
  }

  /** Rejects with `HistoryError`, as reading the series does. */
  async ask(query: RangeQuery, signal: AbortSignal): Promise<Iterable<HistorySeries>> {
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

  *#read(body: Uint8Array, { metric, startMs, endMs, stepMs }: RangeQuery): Generator<HistorySeries> {
    try {
      // One more than is asked for, where a source rounds the end up.
      yield* readMatrix(body, metric, Math.floor((endMs - startMs) / stepMs) + 2);
    } catch (error) {
      throw asHistoryError(this.#http, error);
    }
  }
}

function parametersOf({ expression, startMs, endMs, stepMs }: RangeQuery): URLSearchParams {
  return new URLSearchParams({
    query: expression,
    start: seconds(startMs),
    end: seconds(endMs),
    step: seconds(stepMs),
    // VictoriaMetrics would move the instants to multiples of the step.
    nocache: '1',
  });
}

function seconds(ms: number): string {
  return String(ms / 1000);
}
