import type { FastifyInstance } from 'fastify';
import type { EngineQueries } from '../../../engine/query/engine-queries.js';
import type { Incident } from '../../../incidents/incident.js';
import { RequestError } from '../../request/failure.js';
import { listJson } from '../../request/list-json.js';
import { badRequest, choiceParam, integerParam, timeParam } from '../../request/query-params.js';
import type { ReadWork } from '../../request/reads.js';
import type { ReadRouteOptions } from '../read-route-options.js';
import { type SeriesQuery, seriesPredicate } from '../select-series.js';
import { incidentJson, MEMBER_ORDERS, memberJson, membersInOrder } from './incident-json.js';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
const MAX_OFFSET = 1_000_000;
const MAX_SERIES = 10_000_000;
const DEFAULT_MEMBERS = 500;
const MAX_MEMBERS = 50_000;
const STATES = ['any', 'open', 'closed'] as const;

interface IncidentsQuery extends Pick<SeriesQuery, 'match[]' | 'search' | 'rule'> {
  start?: string;
  end?: string;
  state?: string;
  min_series?: string;
  limit?: string;
  offset?: string;
}

interface IncidentQuery {
  order?: string;
  limit?: string;
}

/**
 * `GET /api/v1/incidents`: what happened in a range of time, newest first.
 * `GET /api/v1/incidents/:id`: one of them with its members.
 */
export async function incidentRoutes(
  app: FastifyInstance,
  { queries, access, reads, now }: ReadRouteOptions,
): Promise<void> {
  app.addHook('onRequest', access.require('read'));
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

  app.get<{ Querystring: IncidentsQuery }>('/api/v1/incidents', ({ query }, reply) =>
    reads.send(reply, (work) => listAnswer(queries, query, now(), work)),
  );

  app.get<{ Params: { id: string }; Querystring: IncidentQuery }>(
    '/api/v1/incidents/:id',
    ({ params: { id }, query }, reply) =>
      reads.send(reply, async function* () {
        const order = choiceParam('order', query.order, MEMBER_ORDERS);
        const limit = integerParam('limit', query.limit, DEFAULT_MEMBERS, MAX_MEMBERS);
        const incident = queries.incident(id);
        if (incident === undefined) throw new RequestError('notFound', 'no incident has this id');
        const opening = `{"status":"success","data":${JSON.stringify(incidentJson(incident)).slice(0, -1)},"members":[`;
        const members = membersInOrder(incident, order, limit);
        yield* listJson(opening, members, (member) => JSON.stringify(memberJson(member)), ']}}');
      }),
  );
}

async function* listAnswer(
  queries: EngineQueries,
  query: IncidentsQuery,
  nowMs: number,
  work: ReadWork,
): AsyncGenerator<string> {
  const startMs = timeParam('start', query.start, Number.NEGATIVE_INFINITY);
  const endMs = timeParam('end', query.end, nowMs);
  if (endMs < startMs) throw badRequest('end is before start');
  const state = choiceParam('state', query.state, STATES);
  const minSeries = integerParam('min_series', query.min_series, 1, MAX_SERIES);
  const limit = integerParam('limit', query.limit, DEFAULT_LIMIT, MAX_LIMIT);
  const offset = integerParam('offset', query.offset, 0, MAX_OFFSET, 0);
  const isMeant = await seriesPredicate(query, work);
  const found: Incident[] = [];
  for (const incident of queries.incidents) {
    if (work.isSliceOver) await work.pause();
    if (incident.startMs > endMs || incident.lastMs < startMs || incident.series < minSeries) continue;
    if (state !== 'any' && incident.isOpen !== (state === 'open')) continue;
    for (const { labels, rule } of incident.members) {
      if (work.isSliceOver) await work.pause();
      if (!isMeant({ labels }, rule)) continue;
      found.push(incident);
      break;
    }
  }
  const data = found.slice(offset, offset + limit).map(incidentJson);
  yield JSON.stringify({ status: 'success', data, total: found.length });
}
