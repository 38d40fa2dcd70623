import { getJson } from './json-api.js';

/** A series and its points as a Prometheus HTTP API answers. Times in Unix milliseconds. */
export interface QueriedSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly { readonly timeMs: number; readonly value: number }[];
}

/** An instant query, or with a range selector (`m[1m]`) the samples as they are stored. */
export function query(url: string, expression: string, timeMs = Date.now()): Promise<QueriedSeries[]> {
  return ask(url, 'query', { query: expression, time: String(timeMs / 1000) });
}

export function queryRange(
  url: string,
  expression: string,
  range: { startMs: number; endMs: number; stepMs: number },
): Promise<QueriedSeries[]> {
  return ask(url, 'query_range', {
    query: expression,
    start: String(range.startMs / 1000),
    end: String(range.endMs / 1000),
    step: String(range.stepMs / 1000),
  });
}

/** The one value of an expression that gives one series, or `undefined` where it gives none. */
export async function queryValue(url: string, expression: string, timeMs?: number): Promise<number | undefined> {
  const series = await query(url, expression, timeMs);
  if (series.length > 1) throw new Error(`${expression} gives ${series.length} series, not one`);
  return series[0]?.points[0]?.value;
}

/** The labels of every series that had a sample since `startMs`, whether or not it still has a value. */
export async function listSeries(url: string, selector: string, startMs: number): Promise<Record<string, string>[]> {
  const parameters = new URLSearchParams({ 'match[]': selector, start: String(startMs / 1000) });
  return (await get(`${url}/api/v1/series?${parameters}`)) as Record<string, string>[];
}

interface Answer {
  result: { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[];
}

async function ask(url: string, endpoint: string, parameters: Record<string, string>): Promise<QueriedSeries[]> {
  const { result } = (await get(`${url}/api/v1/${endpoint}?${new URLSearchParams(parameters)}`)) as Answer;
  return result.map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
    labels: metric,
    points: values.map(([seconds, text]) => ({ timeMs: Math.round(seconds * 1000), value: parseValue(text) })),
  }));
}

async function get(address: string): Promise<unknown> {
  const { status, data, error } = await getJson(address);
  if (status !== 'success') throw new Error(`GET ${address}: ${error}`);
  return data;
}

function parseValue(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}
