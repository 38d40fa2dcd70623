import type { FastifyInstance } from 'fastify';
import { EXCLUSION_KINDS, type Exclusion, expressionsIn } from '../../../engine/exclusions/exclusion.js';
import { type NewExclusion, NotKeptError } from '../../../engine/exclusions/exclusion-updates.js';
import type { EngineQueries } from '../../../engine/query/engine-queries.js';
import { UsageError } from '../../../lib/errors.js';
import { compileMatchers, REQUEST_LIMITS } from '../../../model/labels/matcher.js';
import { parseSelector } from '../../../model/labels/selector.js';
import type { Access } from '../../access/access.js';
import { RequestError } from '../../request/failure.js';
import { badRequest, timeParam } from '../../request/query-params.js';
import type { Reads, ReadWork } from '../../request/reads.js';
import type { ExclusionAnswer, ExclusionsAnswer } from '../json/exclusions.js';
import { type SeriesQuery, selectSeries } from '../select-series.js';
import { exclusionJson } from './exclusion-json.js';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_SELECTORS = 64;
const MAX_REASON_LENGTH = 1000;

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
      const added = await exclusions.add(bodyOf(body, now())).catch(refuse);
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
    await work.pause();
  }
  return [...found].sort((a, b) => a.createdMs - b.createdMs);
}

function refuse(error: unknown): never {
  if (error instanceof UsageError) throw badRequest(error.message);
  if (error instanceof NotKeptError) throw new RequestError('unavailable', error.message);
  throw error;
}

/** Reads `{"match": [SELECTOR, …], "start": …, "end": …, "kind": …, "reason": …}`. Throws `RequestError` for anything else. */
function bodyOf(body: unknown, nowMs: number): NewExclusion {
  if (typeof body !== 'object' || body === null)
    throw badRequest('the body must be a JSON object with match, end and kind');
  const { match, start, end, kind, reason = '', ...others } = body as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw badRequest(`${unknown}: unknown, known are match, start, end, kind and reason`);
  const selectors = typeof match === 'string' ? [match] : match;
  if (!Array.isArray(selectors) || selectors.length === 0 || !selectors.every((text) => typeof text === 'string'))
    throw badRequest('match: must be a selector or a list of them');
  if (selectors.length > MAX_SELECTORS) throw badRequest(`match: must have at most ${MAX_SELECTORS} selectors`);
  checkSelectors(selectors);
  const known = EXCLUSION_KINDS.find((one) => one === kind);
  if (known === undefined) throw badRequest(`kind: must be one of ${EXCLUSION_KINDS.join(', ')}`);
  if (typeof reason !== 'string' || reason.length > MAX_REASON_LENGTH)
    throw badRequest(`reason: must be a text of at most ${MAX_REASON_LENGTH} characters`);
  if (end === undefined) throw badRequest('end: is missing');
  return {
    match: selectors,
    fromMs: timeOf('start', start, nowMs),
    toMs: timeOf('end', end, nowMs),
    kind: known,
    reason,
  };
}

function timeOf(name: string, value: unknown, fallbackMs: number): number {
  if (value !== undefined && typeof value !== 'string' && typeof value !== 'number')
    throw badRequest(`${name}: must be a time in RFC 3339, or Unix seconds`);
  return timeParam(name, value === undefined ? undefined : String(value), fallbackMs);
}

/** All expressions together may cost as much as those of one selector of a read, because nothing else is served meanwhile. */
function checkSelectors(selectors: readonly string[]): void {
  const { maxExpressions } = REQUEST_LIMITS;
  try {
    if (selectors.reduce((count, text) => count + expressionsIn(text), 0) > maxExpressions)
      throw new UsageError(`more than ${maxExpressions} regular expressions`);
    for (const text of selectors) compileMatchers(parseSelector(text, REQUEST_LIMITS), REQUEST_LIMITS);
  } catch (cause) {
    throw badRequest(`match: ${(cause as Error).message}`);
  }
}
