import type { Endpoint } from '../../model/settings/endpoint.js';
import { HttpClient } from '../http/http-client.js';
import type { HistorySeries } from './history-client.js';
import { asHistoryError, checkAnswer } from './history-error.js';
import { readMatrix } from './matrix-answer.js';

const MAX_ANSWER_BYTES = 64 * 2 ** 20;

/** Asks any expression of a Prometheus, at `/api/v1/query` and `/api/v1/query_range` below its base URL. */
export class QueryClient {
  readonly #instant: HttpClient;
  readonly #range: HttpClient;

  /** `urlOf` is the URL of a path below `/api/v1/`; the other settings are those of `endpoint`. */
  constructor(endpoint: Endpoint, urlOf: (path: string) => string, options: { readonly userAgent: string }) {
    this.#instant = new HttpClient({ ...endpoint, url: urlOf('query') }, options);
    this.#range = new HttpClient({ ...endpoint, url: urlOf('query_range') }, options);
  }

  /** The series of an instant vector, each with one sample. Rejects with `HistoryError`. */
  async instant(query: string, timeMs: number): Promise<HistorySeries[]> {
    return this.#ask(this.#instant, { query, time: seconds(timeMs) }, 1);
  }

  /** The series of a range vector, at every `stepMs` from `startMs` through `endMs`. Rejects with `HistoryError`. */
  async range(query: string, at: { startMs: number; endMs: number; stepMs: number }): Promise<HistorySeries[]> {
    const parameters = { query, start: seconds(at.startMs), end: seconds(at.endMs), step: seconds(at.stepMs) };
    // VictoriaMetrics would move the instants to multiples of the step.
    return this.#ask(this.#range, { ...parameters, nocache: '1' }, (at.endMs - at.startMs) / at.stepMs + 2);
  }

  async close(): Promise<void> {
    await Promise.all([this.#instant.close(), this.#range.close()]);
  }

  async #ask(http: HttpClient, parameters: Record<string, string>, maxPoints: number): Promise<HistorySeries[]> {
    try {
      const answer = await http.post(Buffer.from(new URLSearchParams(parameters).toString()), {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        maxAnswerBytes: MAX_ANSWER_BYTES,
      });
      checkAnswer(http, answer, Date.now());
      return [...readMatrix(answer.body, undefined, maxPoints)];
    } catch (error) {
      throw asHistoryError(http, error);
    }
  }
}

function seconds(ms: number): string {
  return String(ms / 1000);
}
