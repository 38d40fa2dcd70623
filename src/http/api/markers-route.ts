import type { FastifyInstance } from 'fastify';
import type { EngineQueries } from '../../engine/query/engine-queries.js';
import { concerns, type MarkerEvent } from '../../markers/marker-event.js';
import { formatLabels, type Labels } from '../../model/labels/labels.js';
import { badRequest, integerParam, timeParam } from '../request/query-params.js';
import type { ReadWork } from '../request/reads.js';
import type { MarkersAnswer } from './json/markers.js';
import { markerEventJson } from './marker-json.js';
import type { ReadRouteOptions } from './read-route-options.js';
import { type SeriesQuery, seriesPredicate } from './select-series.js';

const DAY_MS = 86_400_000;
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
const MAX_OFFSET = 1_000_000;

interface MarkersQuery extends Pick<SeriesQuery, 'match[]' | 'search' | 'rule' | 'exact'> {
  start?: string;
  end?: string;
  limit?: string;
  offset?: string;
}

/** `GET /api/v1/markers`: what markers found in a range of time, newest first. */
export async function markersRoute(
  app: FastifyInstance,
  { queries, access, reads, now }: ReadRouteOptions,
): Promise<void> {
  app.addHook('onRequest', access.require('read'));
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  app.get<{ Querystring: MarkersQuery }>('/api/v1/markers', ({ query }, reply) =>
    reads.send(reply, async function* (work) {
      yield JSON.stringify(await markersAnswer(queries, query, now(), work));
    }),
  );
}

async function markersAnswer(
  queries: EngineQueries,
  query: MarkersQuery,
  nowMs: number,
  work: ReadWork,
): Promise<MarkersAnswer> {
  const endMs = timeParam('end', query.end, nowMs);
  const startMs = timeParam('start', query.start, endMs - DAY_MS);
  if (endMs < startMs) throw badRequest('end is before start');
  const limit = integerParam('limit', query.limit, DEFAULT_LIMIT, MAX_LIMIT);
  const offset = integerParam('offset', query.offset, 0, MAX_OFFSET, 0);
  const isMeant = await seriesPredicate(query, work);
  const events = queries.markers.between(startMs, endMs).reverse();
  const isNarrowed = query['match[]'] !== undefined || query.search !== undefined || query.rule !== undefined;
  const found = isNarrowed ? await concerningAny(queries, events, isMeant, work) : events;
  return {
    status: 'success',
    data: found.slice(offset, offset + limit).map(markerEventJson),
    total: found.length,
  };
}

/** The events that may concern any of the series that are meant. */
async function concerningAny(
  queries: EngineQueries,
  events: readonly MarkerEvent[],
  isMeant: Awaited<ReturnType<typeof seriesPredicate>>,
  work: ReadWork,
): Promise<MarkerEvent[]> {
  // Many events happened to the same thing.
  const keyOf = ({ labels }: MarkerEvent) => formatLabels(labels);
  const open = new Map<string, { labels: Labels }>(events.map((event) => [keyOf(event), event]));
  const concerned = new Set<string>();
  for (const series of queries.series()) {
    if (open.size === 0) break;
    if (work.isSliceOver) await work.pause();
    // It may have gone in the pause.
    if (!queries.isTracked(series)) continue;
    const block = queries.blockView(series);
    const { name } = queries.rule(series);
    if (!isMeant({ block, decode: () => queries.labels(series) }, name)) continue;
    const labels = queries.labels(series);
    for (const [key, event] of open) {
      if (!concerns(event, labels)) continue;
      concerned.add(key);
      open.delete(key);
    }
  }
  return events.filter((event) => concerned.has(keyOf(event)));
}
