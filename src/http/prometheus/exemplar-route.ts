import type { FastifyInstance } from 'fastify';
import type { ExemplarStore, SeriesExemplars } from '../../exemplars/exemplar-store.js';
import { MatcherError } from '../../model/labels/matcher.js';
import { parseSelectors } from '../../promql/parse.js';
import { PromqlError } from '../../promql/promql-error.js';
import { badRequest, timeParam } from '../request/query-params.js';
import { formOf, param, type QueryForm } from './query-form.js';
import { labelsJson } from './value-json.js';

export interface ExemplarRouteOptions {
  readonly exemplars: Pick<ExemplarStore, 'select'>;
  readonly now: () => number;
}

/** `query_exemplars` of Prometheus' HTTP API: those of every series that a selector anywhere in the query selects. */
export async function exemplarRoute(app: FastifyInstance, options: ExemplarRouteOptions): Promise<void> {
  app.route({
    method: ['GET', 'POST'],
    url: '/query_exemplars',
    handler: (request) => ({ status: 'success', data: exemplarsOf(formOf(request), options).map(seriesJson) }),
  });
}

function exemplarsOf(form: QueryForm, { exemplars, now }: ExemplarRouteOptions): SeriesExemplars[] {
  const startMs = timeParam('start', param(form, 'start'), 0);
  const endMs = timeParam('end', param(form, 'end'), now());
  if (endMs < startMs) throw badRequest('invalid parameter "end": end timestamp must not be before start timestamp');
  try {
    const found = parseSelectors(param(form, 'query') ?? '').flatMap((matchers) =>
      exemplars.select(matchers, startMs, endMs),
    );
    // One series may be selected twice.
    return [...new Map(found.map((series) => [JSON.stringify(series.labels), series])).values()];
  } catch (error) {
    if (error instanceof PromqlError || error instanceof MatcherError) {
      throw badRequest(`invalid parameter "query": ${error.message}`);
    }
    throw error;
  }
}

function seriesJson({ labels, exemplars }: SeriesExemplars) {
  return {
    seriesLabels: labelsJson(labels),
    exemplars: exemplars.map((exemplar) => ({
      labels: labelsJson(exemplar.labels),
      value: String(exemplar.value),
      timestamp: exemplar.timeMs / 1000,
    })),
  };
}
