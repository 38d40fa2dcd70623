import type { FastifyInstance } from 'fastify';
import type { Exclusion } from '../../../engine/exclusions/exclusion.js';
import { type NewExclusion, NotKeptError } from '../../../engine/exclusions/exclusion-updates.js';
import type { EngineQueries } from '../../../engine/query/engine-queries.js';
import { UsageError } from '../../../lib/errors.js';
import type { Access } from '../../access/access.js';
import { RequestError } from '../../request/failure.js';
import { badRequest } from '../../request/query-params.js';
import type { Reads, ReadWork } from '../../request/reads.js';
import type { ExclusionAnswer, ExclusionsAnswer } from '../json/exclusions.js';
import { type SeriesQuery, selectSeries } from '../select-series.js';
import { exclusionJson } from './exclusion-json.js';
import { exclusionBody } from './exclusion-request.js';

const MAX_BODY_BYTES = 64 * 1024;

/** What people exclude: `ExclusionUpdates`. */
interface ExclusionChanges {
  readonly list: readonly Exclusion[];
  add(request: NewExclusion): Promise<Exclusion>;
  remove(id: string): Promise<boolean>;
}

interface ExclusionRouteOptions {
  readonly exclusions: ExclusionChanges;
  readonly queries: EngineQueries;
  readonly access: Access;
  /** Shared by all reads. */
  readonly reads: Reads;
  readonly now: () => number;
}

/** `GET`, `POST` and `DELETE /api/v1/exclusions`: times of series about which a person knows better. */
export async function exclusionRoutes(
  app: FastifyInstance,
  { exclusions, queries, access, reads, now }: ExclusionRouteOptions,
): Promise<void> {
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

  app.get<{ Querystring: SeriesQuery }>(
    '/api/v1/exclusions',
    { onRequest: access.require('read') },
    ({ query }, reply) =>
      reads.send(reply, async function* (work) {
        const nowMs = now();
        const listed = query['match[]'] === undefined ? exclusions.list : await exclusionsOf(queries, query, work);
        const answer: ExclusionsAnswer = { status: 'success', data: listed.map((one) => exclusionJson(one, nowMs)) };
        yield JSON.stringify(answer);
      }),
  );

  app.post<{ Body: unknown }>(
    '/api/v1/exclusions',
    { onRequest: access.require('admin'), bodyLimit: MAX_BODY_BYTES },
    async ({ body }, reply): Promise<ExclusionAnswer> => {
      const added = await exclusions.add(await exclusionBody(body, now())).catch(refuse);
      reply.code(201);
      return { status: 'success', data: exclusionJson(added, now()) };
    },
  );

  app.delete<{ Params: { id: string } }>(
    '/api/v1/exclusions/:id',
    { onRequest: access.require('admin') },
    async ({ params: { id } }) => {
      if (!(await exclusions.remove(id).catch(refuse))) throw new RequestError('notFound', 'no exclusion has this id');
      return { status: 'success' };
    },
  );
}

/** What is about any of the series that are selected, in the order in which it came. */
async function exclusionsOf(queries: EngineQueries, query: SeriesQuery, work: ReadWork): Promise<readonly Exclusion[]> {
  const found = new Set<Exclusion>();
  for (const { series } of await selectSeries(queries, query, work)) {
    for (const exclusion of queries.exclusionsOf(series)) found.add(exclusion);
    if (work.isSliceOver) await work.pause();
  }
  return [...found].sort((a, b) => a.createdMs - b.createdMs);
}

function refuse(error: unknown): never {
  if (error instanceof UsageError) throw badRequest(error.message);
  if (error instanceof NotKeptError) throw new RequestError('unavailable', error.message);
  throw error;
}
