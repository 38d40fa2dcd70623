import type { FastifyInstance } from 'fastify';
import type { EngineQueries } from '../../engine/query/engine-queries.js';
import type { SeriesForecast } from '../../engine/query/series-report.js';
import type { TrackedSeries } from '../../engine/series/tracked-series.js';
import type { Unmatched } from '../../model/settings/unmatched.js';
import { listJson } from '../request/list-json.js';
import { badRequest, choiceParam, durationParam, integerParam, timeParam } from '../request/query-params.js';
import type { ReadWork } from '../request/reads.js';
import { alarmJson } from './alarm-json.js';
import { excludedTimeJson, specialSpanJson } from './exclusions/exclusion-json.js';
import type { ForecastAnswer } from './json/forecast.js';
import type { SeriesAnswer } from './json/series.js';
import { markerEventJson } from './marker-json.js';
import type { ReadRouteOptions } from './read-route-options.js';
import { type SelectedSeries, type SeriesQuery, selectSeries, visitSeries } from './select-series.js';
import { type GroupedSeries, type Grouping, groupSeries } from './series-groups.js';
import { forecastSeriesJson, type Part, seriesJson, sparklineJson } from './series-json.js';
import { OrderedSeries, SERIES_ORDERS, type SeriesOrder } from './series-order.js';
import { SeriesSummary } from './series-summary.js';

const DEFAULT_LIMIT = 1000;
const MAX_LIMIT = 10_000;
/** The most points one series of an answer may have, as in Prometheus' query_range. */
const MAX_POINTS = 11_000;
/** Events of a series, the newest of them. */
const MAX_EVENTS = 100;
/** The most series one answer of `/api/v1/forecast` may have. */
const MAX_FORECAST_SERIES = 100;
/** The most rows of a list that may have a sparkline: each is a model evaluated at 48 times. */
const MAX_SPARKLINES = 100;
/** The most headings of a list, and the most of them that are unlike the others. */
const MAX_GROUPS = 2_000;
const MAX_EXCEPT = 100;
const DEFAULT_SPAN_MS = 6 * 3_600_000;

interface ListQuery extends SeriesQuery {
  limit?: string;
  order?: string;
  /** `20-60`: the rows, from 0 and without the last, that are to have a sparkline. */
  sparklines?: string;
  /** A label: series with one value of it come together. */
  group_by?: string;
  folded?: string;
  except?: string | string[];
}

interface ForecastQuery extends SeriesQuery {
  start?: string;
  end?: string;
  step?: string;
  /** `true`: the parts of each forecast too. */
  components?: string;
}

export interface SeriesRouteOptions extends ReadRouteOptions {
  /** What arrives that no rule matches; nothing unless given. */
  readonly unmatched?: () => Unmatched;
}

/**
 * `GET /api/v1/series`: what Sentio knows of each series now, highest score first.
 * `GET /api/v1/forecast`: what was observed and what is expected over a range, future included, in columns.
 */
export async function seriesRoutes(
  app: FastifyInstance,
  { queries, unmatched, access, reads, now }: SeriesRouteOptions,
): Promise<void> {
  app.addHook('onRequest', access.require('read'));
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

  app.get<{ Querystring: ListQuery }>('/api/v1/series', ({ query }, reply) =>
    reads.send(reply, (work) => listAnswer(queries, query, unmatched?.(), work)),
  );

  app.get<{ Querystring: ForecastQuery }>('/api/v1/forecast', ({ query }, reply) =>
    reads.send(reply, (work) => forecastAnswer(queries, query, now(), work)),
  );
}

async function* listAnswer(
  queries: EngineQueries,
  query: ListQuery,
  unmatched: Unmatched | undefined,
  work: ReadWork,
): AsyncGenerator<string> {
  const { items, rest } = await firstOfList(queries, query, unmatched, work);
  const withSparkline = new Set(items.slice(...sparklineRows(query.sparklines)));
  const json = (series: TrackedSeries) => {
    const item = seriesJson(queries.report(series));
    return withSparkline.has(series) ? { ...item, sparkline: sparklineJson(queries.sparkline(series)) } : item;
  };
  yield* successJson(queries, items, json, rest);
}

/** What is answered; all else that was selected is forgotten before the answer is sent, which may take long. */
async function firstOfList(
  queries: EngineQueries,
  query: ListQuery,
  unmatched: Unmatched | undefined,
  work: ReadWork,
): Promise<{ items: TrackedSeries[]; rest: Omit<SeriesAnswer, 'status' | 'data'> }> {
  const limit = integerParam('limit', query.limit, DEFAULT_LIMIT, MAX_LIMIT);
  const order = choiceParam('order', query.order, SERIES_ORDERS);
  const grouping = groupingOf(query);
  const summary = new SeriesSummary();
  const visit = (selected: (one: SelectedSeries) => void) =>
    visitSeries(queries, query, work, selected, (series, status) => summary.add(series, status));
  const { total, listed, first, groups } =
    grouping === undefined ? await ungrouped(visit, order, limit) : await grouped(visit, order, limit, grouping, work);
  const warnings = [
    ...cut(listed - limit, 'series match; raise limit or narrow match[]'),
    ...cut((groups?.length ?? 0) - MAX_GROUPS, 'groups have series; group by another label or narrow match[]'),
  ];
  const rest = {
    total,
    summary: summary.toJson(queries, unmatched),
    ...(groups !== undefined && { groups: groups.slice(0, MAX_GROUPS) }),
    ...(warnings.length > 0 && { warnings }),
  };
  return { items: first.map(({ series }) => series), rest };
}

/** Calls a function with each series that is selected. */
type Visit = (selected: (one: SelectedSeries) => void) => Promise<void>;

interface List {
  /** How many series were selected, and how many of them are in the list, of which the first ones are answered. */
  readonly total: number;
  readonly listed: number;
  readonly first: readonly SelectedSeries[];
  readonly groups?: GroupedSeries['groups'];
}

async function ungrouped(visit: Visit, order: SeriesOrder, limit: number): Promise<List> {
  const ordered = new OrderedSeries(order, limit);
  let total = 0;
  await visit((one) => {
    total++;
    ordered.add(one);
  });
  return { total, listed: total, first: ordered.first };
}

async function grouped(
  visit: Visit,
  order: SeriesOrder,
  limit: number,
  grouping: Grouping,
  work: ReadWork,
): Promise<List> {
  const selected: SelectedSeries[] = [];
  await visit((one) => selected.push(one));
  const { groups, unfolded, placeOf } = await groupSeries(selected, order, grouping, work);
  const ordered = new OrderedSeries(order, limit, placeOf);
  for (const one of unfolded) {
    if (work.isSliceOver) await work.pause();
    ordered.add(one);
  }
  return { total: selected.length, listed: unfolded.length, first: ordered.first, groups };
}

function cut(more: number, text: string): string[] {
  return more > 0 ? [`${more} more ${text}`] : [];
}

function groupingOf({ group_by: label, folded, except }: ListQuery): Grouping | undefined {
  if (label === undefined || label === '') return undefined;
  const names = [except ?? []].flat();
  if (names.length > MAX_EXCEPT)
    throw badRequest(`${names.length} except parameters: at most ${MAX_EXCEPT} are allowed`);
  return { label, folded: choiceParam('folded', folded, ['none', 'all']), except: new Set(names) };
}

function sparklineRows(text: string | undefined): [from: number, to: number] {
  if (text === undefined) return [0, 0];
  const [, from, to] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
  if (!(Number(to) - Number(from) <= MAX_SPARKLINES)) {
    throw badRequest(
      `invalid parameter "sparklines": "${text}" is no range of at most ${MAX_SPARKLINES} rows, as 0-40`,
    );
  }
  return [Number(from), Number(to)];
}

async function* forecastAnswer(
  queries: EngineQueries,
  query: ForecastQuery,
  nowMs: number,
  work: ReadWork,
): AsyncGenerator<string> {
  if (query['match[]'] === undefined) throw badRequest('no match[] parameter provided');
  const withParts = choiceParam('components', query.components, ['false', 'true']) === 'true';
  const { start, end, ...which } = query;
  const selected = await selectSeries(queries, which, work);
  if (selected.length > MAX_FORECAST_SERIES) {
    throw badRequest(`match[] selects ${selected.length} series: at most ${MAX_FORECAST_SERIES} can be served at once`);
  }
  const startMs = timeParam('start', start, nowMs - DEFAULT_SPAN_MS);
  const endMs = timeParam('end', end, nowMs + DEFAULT_SPAN_MS);
  if (endMs < startMs) throw badRequest('end is before start');
  const stepOf = (series: TrackedSeries) => {
    const { stepMs } = queries.settings(series);
    return durationParam('step', query.step, Math.max(stepMs, Math.ceil((endMs - startMs) / 1000)));
  };
  for (const { series } of selected) {
    if ((endMs - startMs) / stepOf(series) > MAX_POINTS) {
      throw badRequest(`more than ${MAX_POINTS} points per series: raise step or narrow the range`);
    }
  }
  const items = selected.map(({ series }) => series);
  const json = (series: TrackedSeries): ForecastAnswer['data'][number] => {
    const forecast = queries.forecast(series, { startMs, endMs, stepMs: stepOf(series) });
    const report = queries.report(series);
    const alarms = series.alarms.list
      .filter(({ fromMs, toMs }) => toMs >= startMs && fromMs <= endMs)
      .map((alarm) => alarmJson(queries, series, alarm));
    const components = withParts ? parts(queries, series, forecast) : undefined;
    const days = {
      excluded_times: queries.excludedTimes(series, { startMs, endMs }).map(excludedTimeJson),
      special_days: queries.specialDays(series, { startMs, endMs }).map(specialSpanJson),
    };
    const events = queries.markers.concerning(queries.labels(series), startMs, endMs).slice(-MAX_EVENTS);
    return {
      ...forecastSeriesJson(report, queries.settings(series), forecast, alarms, days, components),
      events: events.map(markerEventJson),
    };
  };
  yield* successJson(queries, items, json, {});
}

/** `{status, data, …rest}` in pieces; a series that is no longer tracked when its turn comes is left out. */
function successJson(
  queries: EngineQueries,
  items: readonly TrackedSeries[],
  json: (series: TrackedSeries) => object,
  rest: object,
): Generator<string> {
  const tail = JSON.stringify(rest).slice(1);
  const text = (series: TrackedSeries) => (queries.isTracked(series) ? JSON.stringify(json(series)) : undefined);
  return listJson('{"status":"success","data":[', items, text, `]${tail === '}' ? '' : ','}${tail}`);
}

function parts(queries: EngineQueries, series: TrackedSeries, { forecast }: SeriesForecast): Part[] | undefined {
  const components = forecast && queries.components(series, forecast.timesMs);
  return components && [{ name: 'trend', values: components.trend }, ...components.seasonalities];
}
