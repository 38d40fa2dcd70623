import type { FastifyInstance } from 'fastify';
import type { EngineQueries } from '../../engine/query/engine-queries.js';
import type { SeriesCurve } from '../../engine/query/series-report.js';
import type { TrackedSeries } from '../../engine/series/tracked-series.js';
import type { Credentials } from '../../model/endpoint.js';
import { authorize } from '../request/authorize.js';
import { badRequest, choiceParam, durationParam, integerParam, timeParam } from '../request/query-params.js';
import type { ForecastAnswer, SeriesAnswer } from './api.js';
import { SERIES_ORDERS, type SeriesQuery, selectSeries, sortSeries, summarize } from './select-series.js';
import { curveJson, type Part, seriesJson } from './series-json.js';

const DEFAULT_LIMIT = 1000;
const MAX_LIMIT = 10_000;
/** The most points one series of an answer may have, as in Prometheus' query_range. */
const MAX_POINTS = 11_000;
/** The most series one answer of `/api/v1/forecast` may have. */
const MAX_CURVES = 100;
const DEFAULT_SPAN_MS = 6 * 3_600_000;

interface ListQuery extends SeriesQuery {
  limit?: string;
  order?: string;
}

interface CurveQuery extends SeriesQuery {
  start?: string;
  end?: string;
  step?: string;
  /** `true`: the parts of each forecast too. */
  components?: string;
}

/**
 * `GET /api/v1/series`: what Sentio knows of each series now, highest score first.
 * `GET /api/v1/forecast`: what was observed and what is expected over a range, future included, in columns.
 */
export async function seriesRoutes(
  app: FastifyInstance,
  { queries, readers, now }: { queries: EngineQueries; readers: readonly Credentials[]; now: () => number },
): Promise<void> {
  app.addHook('onRequest', authorize(readers));
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

  app.get<{ Querystring: ListQuery }>('/api/v1/series', async ({ query }): Promise<SeriesAnswer> => {
    const limit = integerParam('limit', query.limit, DEFAULT_LIMIT, MAX_LIMIT);
    const selected = [...selectSeries(queries, query)];
    sortSeries(selected, choiceParam('order', query.order, SERIES_ORDERS));
    const more = selected.length - limit;
    return {
      status: 'success',
      data: selected.slice(0, limit).map(({ series }) => seriesJson(queries.report(series))),
      total: selected.length,
      summary: summarize(queries),
      ...(more > 0 && { warnings: [`${more} more series match; raise limit or narrow match[]`] }),
    };
  });

  app.get<{ Querystring: CurveQuery }>('/api/v1/forecast', async ({ query }): Promise<ForecastAnswer> => {
    if (query['match[]'] === undefined) throw badRequest('no match[] parameter provided');
    const withParts = choiceParam('components', query.components, ['false', 'true']) === 'true';
    const selected = [...selectSeries(queries, query)];
    if (selected.length > MAX_CURVES) {
      throw badRequest(`match[] selects ${selected.length} series, at most ${MAX_CURVES} are served at once`);
    }
    const nowMs = now();
    const startMs = timeParam('start', query.start, nowMs - DEFAULT_SPAN_MS);
    const endMs = timeParam('end', query.end, nowMs + DEFAULT_SPAN_MS);
    if (endMs < startMs) throw badRequest('end is before start');
    const data = selected.map(({ series }) => {
      const report = queries.report(series);
      const stepMs = durationParam('step', query.step, Math.max(report.stepMs, Math.ceil((endMs - startMs) / 1000)));
      if ((endMs - startMs) / stepMs > MAX_POINTS) {
        throw badRequest(`more than ${MAX_POINTS} points a series: raise step or narrow the range`);
      }
      const curve = queries.curve(series, { startMs, endMs, stepMs });
      return curveJson(report, queries.settings(series), curve, withParts ? parts(queries, series, curve) : undefined);
    });
    return { status: 'success', data };
  });
}

function parts(queries: EngineQueries, series: TrackedSeries, { forecast }: SeriesCurve): Part[] | undefined {
  const components = forecast && queries.components(series, forecast.timesMs);
  return components && [{ name: 'trend', values: components.trend }, ...components.seasonalities];
}
