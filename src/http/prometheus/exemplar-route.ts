import type { FastifyInstance } from 'fastify';
import type { ExemplarStore, SeriesExemplars } from '../../exemplars/exemplar-store.js';
import { labelsJson } from '../../model/labels/labels.js';
import { parseSelectors } from '../../promql/parse.js';
import { listJson } from '../request/list-json.js';
import { badRequest, timeParam } from '../request/query-params.js';
import type { Reads, ReadWork } from '../request/reads.js';
import { formOf, param, type QueryForm } from './query-form.js';
import { asked } from './query-work.js';

export interface ExemplarRouteOptions {
  readonly exemplars: Pick<ExemplarStore, 'selectInSlices'>;
  readonly reads: Reads;
  readonly now: () => number;
}

/** `query_exemplars` of Prometheus' HTTP API: those of every series that a selector anywhere in the query selects. */
export async function exemplarRoute(app: FastifyInstance, options: ExemplarRouteOptions): Promise<void> {
  app.route({
    method: ['GET', 'POST'],
    url: '/query_exemplars',
    handler: (request, reply) => options.reads.send(reply, (work) => exemplarAnswer(formOf(request), work, options)),
  });
}

async function* exemplarAnswer(
  form: QueryForm,
  work: ReadWork,
  { exemplars, now }: ExemplarRouteOptions,
): AsyncGenerator<string> {
  const startMs = timeParam('start', param(form, 'start'), 0);
  const endMs = timeParam('end', param(form, 'end'), now());
  if (endMs < startMs) throw badRequest('invalid parameter "end": end timestamp must not be before start timestamp');
  const selectors = await asked('query', () => parseSelectors(param(form, 'query') ?? ''));
  // One series may be selected twice.
  const found = new Map<string, SeriesExemplars>();
  for (const matchers of selectors) {
    const selected = await asked('query', () => exemplars.selectInSlices(matchers, startMs, endMs, () => work.pause()));
    for (const series of selected) found.set(JSON.stringify(series.labels), series);
  }
  yield* listJson('{"status":"success","data":[', found.values(), seriesJson, ']}');
}

function seriesJson({ labels, exemplars }: SeriesExemplars): string {
  return JSON.stringify({
    seriesLabels: labelsJson(labels),
    exemplars: exemplars.map((exemplar) => ({
      labels: labelsJson(exemplar.labels),
      value: String(exemplar.value),
      timestamp: exemplar.timeMs / 1000,
    })),
  });
}
