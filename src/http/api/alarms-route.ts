import type { FastifyInstance } from 'fastify';
import type { EngineQueries } from '../../engine/query/engine-queries.js';
import { labelValue } from '../../model/labels/labels.js';
import { badRequest, choiceParam, integerParam, timeParam } from '../request/query-params.js';
import type { ReadWork } from '../request/reads.js';
import { AlarmLane } from './alarm-lane.js';
import type { AlarmsAnswer } from './json/alarms.js';
import type { ReadRouteOptions } from './read-route-options.js';
import { type SelectedSeries, type SeriesQuery, visitSeries } from './select-series.js';

const DAY_MS = 86_400_000;
/** As far back as the last 32 alarms of a series are likely to reach. */
const MAX_SPAN_MS = 32 * DAY_MS;
const DEFAULT_POINTS = 144;
const MAX_POINTS = 1_000;
const DEFAULT_LANES = 20;
const MAX_LANES = 200;
/** A label of more values than this is no group of anything. */
const MAX_GROUPS = 10_000;

interface AlarmsQuery extends SeriesQuery {
  by?: string;
  by_label?: string;
  points?: string;
  limit?: string;
}

/** `GET /api/v1/alarms`: how many alarms there were over time, by rule, by kind or by a label. */
export async function alarmsRoute(app: FastifyInstance, options: ReadRouteOptions): Promise<void> {
  const { queries, access, reads, now } = options;
  app.addHook('onRequest', access.require('read'));
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  app.get<{ Querystring: AlarmsQuery }>('/api/v1/alarms', ({ query }, reply) =>
    reads.send(reply, async function* (work) {
      yield JSON.stringify(await alarmsAnswer(queries, query, now(), work));
    }),
  );
}

async function alarmsAnswer(
  queries: EngineQueries,
  { start, end, ...query }: AlarmsQuery,
  nowMs: number,
  work: ReadWork,
): Promise<AlarmsAnswer> {
  const by = choiceParam('by', query.by, ['rule', 'kind']);
  const points = integerParam('points', query.points, DEFAULT_POINTS, MAX_POINTS);
  const limit = integerParam('limit', query.limit, DEFAULT_LANES, MAX_LANES);
  const endMs = timeParam('end', end, nowMs);
  const startMs = timeParam('start', start, endMs - DAY_MS);
  if (endMs <= startMs) throw badRequest('end is not after start');
  if (endMs - startMs > MAX_SPAN_MS) throw badRequest('the range is longer than 32 days');
  const grid = { startMs, stepMs: (endMs - startMs) / points, points };
  const lanes = new Map<string, AlarmLane>();
  const laneOf = (name: string) => {
    const lane = lanes.get(name) ?? new AlarmLane(name, grid);
    if (lanes.size >= MAX_GROUPS && !lanes.has(name)) throw badRequest(`by_label has more than ${MAX_GROUPS} values`);
    lanes.set(name, lane);
    return lane;
  };
  const nameOf = (one: SelectedSeries) =>
    query.by_label === undefined ? one.status.rule : labelValue(one.labels, query.by_label);
  await visitSeries(queries, query, work, (one) => {
    const lane = by === 'kind' && query.by_label === undefined ? undefined : laneOf(nameOf(one));
    lane?.addSeries(one.status.alarm !== undefined);
    for (const alarm of one.series.alarms.list) {
      if (!alarm.suppressed) (lane ?? laneOf(alarm.kind)).addAlarm(alarm);
    }
  });
  const all = [...lanes.values()].sort((a, b) => b.alarms - a.alarms || (a.name < b.name ? -1 : 1));
  return {
    status: 'success',
    start: startMs / 1000,
    step: grid.stepMs / 1000,
    total: all.length,
    data: all.slice(0, limit).map((lane) => lane.toJson()),
  };
}
