import type { AlarmsAnswer } from '../../http/api/json/alarms.js';
import type { ErrorAnswer } from '../../http/api/json/error.js';
import type { ExclusionAnswer, ExclusionJson, ExclusionsAnswer } from '../../http/api/json/exclusions.js';
import type { ExplainAnswer, ExplanationJson } from '../../http/api/json/explanation.js';
import type { ForecastAnswer, ForecastSeriesJson } from '../../http/api/json/forecast.js';
import type { IncidentsAnswer } from '../../http/api/json/incidents.js';
import type { PageAnswer, PageJson } from '../../http/api/json/page.js';
import type { PreviewAnswer, PreviewFormAnswer, PreviewLine } from '../../http/api/json/preview.js';
import type { SeriesAnswer } from '../../http/api/json/series.js';
import type { View } from './view.js';

const TIMEOUT_MS = 15_000;

/** Nobody answered: the server is gone, or what is in between. Asking again may help. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** The server answered that it will not; the message is the server's own. */
class Refused extends Error {
  override name = 'Refused';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Whether the login of the reader is missing, or has no permission for what was asked. */
export function isForbidden(error: Error): boolean {
  return error instanceof Refused && (error.status === 401 || error.status === 403);
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

/** A time to be excluded, in Unix seconds, and of which series: a selector. */
export type ExclusionRequest = Pick<ExclusionJson, 'kind' | 'start' | 'end' | 'reason'> & { readonly match: string };

/** How many rows of the list are wanted, and which of them with a sparkline: `20-60`. */
export interface ListRows {
  readonly limit: number;
  readonly sparklines: string;
}

/** Which series a view is about. */
function setFilter(params: URLSearchParams, { search, rule, alarm }: View): void {
  if (rule !== undefined) params.set('rule', rule);
  if (alarm === 'learning' || alarm === 'ended') params.set('state', alarm);
  else if (alarm !== undefined) params.set('alarm', alarm);
  // A brace means that a selector is typed.
  if (search.includes('{')) params.set('match[]', search);
  else if (search.trim() !== '') params.set('search', search);
}

/** Asks Sentio's API, and knows what time it is there. Every method throws `Unreachable` and `Refused`. */
export class Client {
  #clockAheadSeconds = 0;

  /** The server's time in Unix seconds: the samples have its clock, not the reader's. */
  now(): number {
    return Date.now() / 1000 + this.#clockAheadSeconds;
  }

  /** The list, as much of it as fits `limit`, with sparklines for some of its rows. */
  series(view: View, { limit, sparklines }: ListRows, signal: AbortSignal): Promise<SeriesAnswer> {
    const params = new URLSearchParams({ limit: String(limit), order: view.order, sparklines });
    setFilter(params, view);
    if (view.headings !== undefined) {
      params.set('group_by', view.headings);
      params.set('folded', view.folded);
      for (const name of view.except) params.append('except', name);
    }
    if (view.window !== undefined) {
      params.set('start', String(view.window.start));
      params.set('end', String(view.window.end));
    }
    return this.#fetch<SeriesAnswer>(`api/v1/series?${params}`, signal);
  }

  /** The alarms of the series in the list over the last `span` seconds, by what the view groups them by. */
  alarms(view: View, span: number, signal: AbortSignal): Promise<AlarmsAnswer> {
    const end = this.now();
    const params = new URLSearchParams({ start: String(end - span), end: String(end) });
    if (view.group.startsWith('label:')) params.set('by_label', view.group.slice('label:'.length));
    else params.set('by', view.group);
    setFilter(params, view.alarm === 'learning' || view.alarm === 'ended' ? view : { ...view, alarm: undefined });
    return this.#fetch<AlarmsAnswer>(`api/v1/alarms?${params}`, signal);
  }

  /** The newest open incidents of several series. */
  incidents(limit: number, signal: AbortSignal): Promise<IncidentsAnswer> {
    const params = new URLSearchParams({ state: 'open', min_series: '2', limit: String(limit) });
    return this.#fetch<IncidentsAnswer>(`api/v1/incidents?${params}`, signal);
  }

  /** What is shown beside the series. */
  async page(signal: AbortSignal): Promise<PageJson> {
    const { data } = await this.#fetch<PageAnswer>('api/v1/status/page', signal);
    return data;
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

  /** What people excluded of a series. */
  async exclusions(series: string, signal: AbortSignal): Promise<readonly ExclusionJson[]> {
    const params = new URLSearchParams({ 'match[]': series, exact: 'true' });
    const { data } = await this.#fetch<ExclusionsAnswer>(`api/v1/exclusions?${params}`, signal);
    return data;
  }

  /** Excludes a time of the series that a selector matches. */
  async exclude(request: ExclusionRequest, signal: AbortSignal): Promise<ExclusionJson> {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(request) };
    const { data } = await this.#fetch<ExclusionAnswer>('api/v1/exclusions', signal, init);
    return data;
  }

  /** Takes an exclusion back. */
  async deleteExclusion(id: string, signal: AbortSignal): Promise<void> {
    await this.#fetch(`api/v1/exclusions/${encodeURIComponent(id)}`, signal, { method: 'DELETE' });
  }

  /** What can be tried of the rule of these series: `match`, `rule`, `search` and `exact` select them. */
  async previewForm(which: Record<string, string>, signal: AbortSignal): Promise<PreviewFormAnswer['data']> {
    const { match, ...params } = which;
    const query = new URLSearchParams({ ...params, ...(match !== undefined && { 'match[]': match }) });
    const { data } = await this.#fetch<PreviewFormAnswer>(`api/v1/preview?${query}`, signal);
    return data;
  }

  /** What other settings would have made of the last days; `progressed` is called with the series that are done. Ends with `signal`. */
  async preview(
    { exact, ...request }: Record<string, unknown>,
    signal: AbortSignal,
    progressed: (done: number, total: number) => void,
  ): Promise<PreviewAnswer['data']> {
    const body = JSON.stringify({ ...request, ...(exact !== undefined && { exact: true }), progress: true });
    const headers = { 'content-type': 'application/json' };
    try {
      const response = await fetch('api/v1/preview', { method: 'POST', headers, body, signal });
      if (!response.ok) throw new Refused(((await response.json()) as ErrorAnswer).error, response.status);
      for await (const line of linesOf(response.body!)) {
        const answer = JSON.parse(line) as PreviewLine | PreviewAnswer;
        if (answer.status === 'success') return answer.data;
        if (answer.status === 'error') throw new Refused(answer.error, response.status);
        progressed(answer.done, answer.total);
      }
    } catch (cause) {
      if (cause instanceof Refused) throw cause;
      throw new Unreachable(`cannot fetch api/v1/preview: ${(cause as Error).message}`, { cause });
    }
    throw new Unreachable('the answer of api/v1/preview ended early');
  }

  async #fetch<T>(path: string, signal: AbortSignal, init: RequestInit = {}): Promise<T> {
    let response: Response;
    let body: T | ErrorAnswer;
    try {
      response = await fetch(path, { ...init, signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
      body = (await response.json()) as T | ErrorAnswer;
    } catch (cause) {
      // Whatever answers without JSON is not Sentio: a proxy, most likely, that does not find it.
      throw new Unreachable(`cannot fetch ${path}: ${(cause as Error).message}`, { cause });
    }
    if (!response.ok) throw new Refused((body as ErrorAnswer).error ?? `HTTP ${response.status}`, response.status);
    this.#setClock(response.headers.get('date'));
    return body as T;
  }

  /** The header has whole seconds, so times less than two seconds apart count as equal. */
  #setClock(date: string | null): void {
    const aheadSeconds = (Date.parse(date ?? '') - Date.now()) / 1000;
    this.#clockAheadSeconds = Math.abs(aheadSeconds) > 2 ? aheadSeconds : 0;
  }
}

/** The lines of an answer as they come, each without its end. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}
