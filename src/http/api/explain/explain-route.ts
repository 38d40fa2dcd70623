import type { FastifyInstance } from 'fastify';
import type { ExemplarStore } from '../../../exemplars/exemplar-store.js';
import { RequestError } from '../../request/failure.js';
import { badRequest, timeParam } from '../../request/query-params.js';
import type { ReadWork } from '../../request/reads.js';
import type { ExplainAnswer, ExplanationJson } from '../json/explanation.js';
import type { ReadRouteOptions } from '../read-route-options.js';
import { type SeriesQuery, selectSeries } from '../select-series.js';
import { explanationJson } from './explanation-json.js';

/** The most series one answer may have: each looks at all others of its rule. */
const MAX_EXPLAINED = 20;

export interface ExplainRouteOptions extends ReadRouteOptions {
  readonly exemplars: Pick<ExemplarStore, 'select'>;
}

interface ExplainQuery extends SeriesQuery {
  time?: string;
}

/** `GET /api/v1/explain`: what was expected of a series at a time, why, and whether it was alone in missing that. */
export async function explainRoute(
  app: FastifyInstance,
  { queries, access, reads, now, exemplars }: ExplainRouteOptions,
): Promise<void> {
  app.addHook('onRequest', access.require('read'));
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

  app.get<{ Querystring: ExplainQuery }>('/api/v1/explain', ({ query }, reply) =>
    reads.send(reply, async function* (work) {
      yield JSON.stringify(await explainAnswer({ queries, exemplars }, query, now(), work));
    }),
  );
}

async function explainAnswer(
  { queries, exemplars }: Pick<ExplainRouteOptions, 'queries' | 'exemplars'>,
  query: ExplainQuery,
  nowMs: number,
  work: ReadWork,
): Promise<ExplainAnswer> {
  if (query['match[]'] === undefined) throw badRequest('no match[] parameter provided');
  const selected = await selectSeries(queries, query, work);
  if (selected.length === 0) throw new RequestError('notFound', 'no tracked series matches');
  if (selected.length > MAX_EXPLAINED) {
    throw badRequest(`match[] selects ${selected.length} series: at most ${MAX_EXPLAINED} can be explained at once`);
  }
  const data: ExplanationJson[] = [];
  for (const { series } of selected) {
    if (work.isSliceOver) await work.pause();
    // It may have gone in the pause.
    if (!queries.isTracked(series)) continue;
    const { stepMs, publishDelayMs, historyMs, horizonMs } = queries.settings(series);
    // The step that was scored last, unless another is asked for.
    const timeMs = timeParam('time', query.time, nowMs - publishDelayMs - stepMs);
    if (timeMs > nowMs + horizonMs) throw badRequest('time is beyond the horizon of the series');
    if (timeMs < nowMs - historyMs) throw badRequest('time is before the history of the series');
    data.push(explanationJson(queries, series, timeMs, nowMs, exemplars));
  }
  return { status: 'success', data };
}
