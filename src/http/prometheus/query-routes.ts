import type { FastifyInstance } from 'fastify';
import type { InstantReader } from '../../engine/query/instant-reader.js';
import type { ReadLimits } from '../../engine/query/read-budget.js';
import { compareLabels } from '../../model/labels/labels.js';
import { evaluateQuery, type QueryValue } from '../../promql/evaluate.js';
import { parseQuery } from '../../promql/parse.js';
import { badRequest, timeParam } from '../request/query-params.js';
import type { Reads, ReadWork } from '../request/reads.js';
import { rangeJson } from './matrix-json.js';
import { formOf, param, type QueryForm } from './query-form.js';
import { limitParam, lookbackParam, rangeTimes } from './query-params.js';
import { asked, workLimits } from './query-work.js';
import { instantJson } from './value-json.js';

export interface QueryRouteOptions {
  readonly instants: InstantReader;
  readonly limits: ReadLimits;
  readonly reads: Reads;
  readonly now: () => number;
}

/** `query` and `query_range` of Prometheus' HTTP API, GET and POST, for the expressions that `parseQuery` takes. */
export async function queryRoutes(app: FastifyInstance, options: QueryRouteOptions): Promise<void> {
  const { reads } = options;
  app.route({
    method: ['GET', 'POST'],
    url: '/query',
    handler: (request, reply) => reads.send(reply, (work) => instantAnswer(formOf(request), work, options)),
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/query_range',
    handler: (request, reply) => reads.send(reply, (work) => rangeAnswer(formOf(request), work, options)),
  });
}

async function* instantAnswer(form: QueryForm, work: ReadWork, options: QueryRouteOptions): AsyncGenerator<string> {
  const timeMs = timeParam('time', param(form, 'time'), options.now());
  const limit = limitParam(form);
  const value = await evaluate(form, Float64Array.of(timeMs), work, options);
  yield '{"status":"success","data":';
  yield* instantJson(value, timeMs, limit);
  yield ending(value, limit, form);
}

async function* rangeAnswer(
  form: QueryForm,
  work: ReadWork,
  options: QueryRouteOptions,
): AsyncGenerator<string | Uint8Array> {
  const timesMs = rangeTimes(form);
  const limit = limitParam(form);
  const value = await evaluate(form, timesMs, work, options);
  if (value.type === 'string') {
    throw badRequest(
      'invalid parameter "query": invalid expression type "string" for range query, must be Scalar or instant Vector',
    );
  }
  yield '{"status":"success","data":';
  yield* rangeJson(value, timesMs, limit);
  yield ending(value, limit, form);
}

async function evaluate(
  form: QueryForm,
  timesMs: Float64Array,
  work: ReadWork,
  { instants, limits }: QueryRouteOptions,
): Promise<QueryValue> {
  const lookbackMs = lookbackParam(form);
  const reading = workLimits(work, form, limits);
  return asked('query', async () => {
    const expression = parseQuery(param(form, 'query') ?? '');
    const value = await evaluateQuery(
      expression,
      timesMs,
      ({ matchers }, atMs) => instants.read(matchers, atMs, lookbackMs, reading),
      reading.pause,
    );
    if (value.type !== 'vector') return value;
    return { type: 'vector', series: value.series.toSorted((a, b) => compareLabels(a.labels, b.labels)) };
  });
}

function ending(value: QueryValue, limit: number, form: QueryForm): string {
  const isCut = value.type === 'vector' && value.series.filter(({ isPresent }) => isPresent.includes(1)).length > limit;
  const warnings = isCut ? ',"warnings":["results truncated due to limit"]' : '';
  const infos = param(form, 'stats') === undefined ? '' : ',"infos":["Sentio collects no stats of queries"]';
  return `${warnings}${infos}}`;
}
