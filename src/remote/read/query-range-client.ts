import type { RemoteReadSettings } from '../../model/endpoint.js';
import { METRIC_NAME, makeLabels } from '../../model/labels.js';
import { formatSelector } from '../../model/selector.js';
import type { Aggregate } from '../../model/settings.js';
import { HttpClient } from '../http/http-client.js';
import type { HistoryClient, HistoryQuery, HistorySeries } from './history-client.js';
import { asHistoryError, checkAnswer, HistoryError } from './history-error.js';

const MAX_ANSWER_BYTES = 32 * 2 ** 20;

/**
 * What is asked of each step, from the samples within it. Of a counter that is its last value: a rate is then made of two
 * neighbouring ones, as live of two samples.
 */
const FUNCTIONS: Readonly<Record<Aggregate, string>> = {
  mean: 'avg_over_time',
  max: 'max_over_time',
  min: 'min_over_time',
  last: 'last_over_time',
  rate: 'last_over_time',
};

/** An answer of `/api/v1/query_range`. */
interface Answer {
  readonly data?: {
    readonly result?: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values?: readonly (readonly [seconds: number, value: string])[];
    }[];
  };
}

/** Fetches history by `/api/v1/query_range`, a value per step: for databases that serve no remote-read. */
export class QueryRangeClient implements HistoryClient {
  readonly #http: HttpClient;
  readonly #now: () => number;

  constructor(settings: RemoteReadSettings, { userAgent, now }: { userAgent: string; now: () => number }) {
    this.#http = new HttpClient(settings, userAgent);
    this.#now = now;
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
      return seriesOf(JSON.parse(new TextDecoder().decode(answer.body)) as Answer, query.metric);
    } catch (error) {
      throw asHistoryError(this.#http, error);
    }
  }

  async close(): Promise<void> {
    await this.#http.close();
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

function seriesOf({ data }: Answer, metric: string): HistorySeries[] {
  if (!Array.isArray(data?.result)) throw new HistoryError('the answer holds no result: is this query_range?', {});
  return data.result.map(({ metric: labels, values = [] }) => ({
    // Most functions take the name away.
    labels: makeLabels({ ...labels, [METRIC_NAME]: metric }),
    samples: {
      timesMs: Float64Array.from(values, ([time]) => Math.round(time * 1000)),
      values: Float64Array.from(values, ([, value]) => parseValue(value)),
    },
    histograms: 0,
  }));
}

/** A value as Prometheus writes it in JSON. What is no number becomes NaN. */
function parseValue(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  return Number(text);
}
