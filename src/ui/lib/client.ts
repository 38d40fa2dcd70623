import type {
  ErrorAnswer,
  ExplainAnswer,
  ExplanationJson,
  ForecastAnswer,
  ForecastSeriesJson,
  SeriesAnswer,
} from '../../http/api/api.js';
import type { View } from './view.js';

const TIMEOUT_MS = 15_000;

/** Nobody answered: the server is gone, or what is in between. Asking again may help. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** The server answered that it will not; the message is the server's own. */
class Refused extends Error {
  override name = 'Refused';
}

/** The text of an error for the reader; a fault of the page itself goes to the console. */
export function problemText(error: Error): string {
  if (error instanceof Refused) return error.message;
  console.error(error);
  return 'The page failed to show what it got; the browser console has more.';
}

export interface ForecastRequest {
  /** The series as PromQL writes it, with all its labels. */
  readonly series: string;
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly components: boolean;
}

/** Asks Sentio's API, and knows what time it is there. Every method throws `Unreachable` and `Refused`. */
export class Client {
  #clockAheadSeconds = 0;

  /** The server's time in Unix seconds: the samples have its clock, not the reader's. */
  now(): number {
    return Date.now() / 1000 + this.#clockAheadSeconds;
  }

  /** The list, as much of it as fits `limit`. */
  series({ search, rule, alarm, order }: View, limit: number, signal: AbortSignal): Promise<SeriesAnswer> {
    const params = new URLSearchParams({ limit: String(limit), order });
    if (rule !== undefined) params.set('rule', rule);
    if (alarm !== undefined) params.set('alarm', alarm);
    // A brace means that a selector is typed.
    if (search.includes('{')) params.set('match[]', search);
    else if (search.trim() !== '') params.set('search', search);
    return this.#fetch<SeriesAnswer>(`api/v1/series?${params}`, signal);
  }

  /** One series over a range; undefined where there is no such series. */
  async forecast(request: ForecastRequest, signal: AbortSignal): Promise<ForecastSeriesJson | undefined> {
    const { series, start, end, step, components } = request;
    const params = new URLSearchParams({
      'match[]': series,
      exact: 'true',
      start: String(start),
      end: String(end),
      step: String(step),
      components: String(components),
    });
    const answer = await this.#fetch<ForecastAnswer>(`api/v1/forecast?${params}`, signal);
    return answer.data[0];
  }

  /** Why one step of a series, past or future, was or was not an alarm. */
  async explanation(series: string, time: number, signal: AbortSignal): Promise<ExplanationJson> {
    const params = new URLSearchParams({ 'match[]': series, exact: 'true', time: String(time) });
    const { data } = await this.#fetch<ExplainAnswer>(`api/v1/explain?${params}`, signal);
    return data[0]!;
  }

  async #fetch<T>(path: string, signal: AbortSignal): Promise<T> {
    let response: Response;
    let body: T | ErrorAnswer;
    try {
      response = await fetch(path, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
      body = (await response.json()) as T | ErrorAnswer;
    } catch (cause) {
      // Whatever answers without JSON is not Sentio: a proxy, most likely, that does not find it.
      throw new Unreachable(`cannot fetch ${path}: ${(cause as Error).message}`, { cause });
    }
    if (!response.ok) throw new Refused((body as ErrorAnswer).error ?? `HTTP ${response.status}`);
    this.#setClock(response.headers.get('date'));
    return body as T;
  }

  /** The header has whole seconds, so times less than two seconds apart count as equal. */
  #setClock(date: string | null): void {
    const aheadSeconds = (Date.parse(date ?? '') - Date.now()) / 1000;
    this.#clockAheadSeconds = Math.abs(aheadSeconds) > 2 ? aheadSeconds : 0;
  }
}
