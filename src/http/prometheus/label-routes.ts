import type { FastifyInstance } from 'fastify';
import { ReadBudget } from '../../engine/query/read-budget.js';
import {
  compareLabels,
  compareUtf8,
  type Labels,
  labelsJson,
  labelValue,
  METRIC_NAME,
} from '../../model/labels/labels.js';
import { type Matcher, REQUEST_LIMITS } from '../../model/labels/matcher.js';
import { parseSelector } from '../../model/labels/selector.js';
import { listJson } from '../request/list-json.js';
import { badRequest } from '../request/query-params.js';
import type { ReadWork } from '../request/reads.js';
import { formOf, listParam, param, type QueryForm } from './query-form.js';
import { limitParam } from './query-params.js';
import type { QueryRouteOptions } from './query-routes.js';
import { asked, workLimits } from './query-work.js';

const MAX_SELECTORS = 64;
const UNDERSCORE = 0x5f;
const MAX_CODE_POINT = 0x10ffff;

/** Collects the items of an answer from the labels of one series after the other. */
interface Collector {
  readonly add: (labels: Labels) => void;
  readonly items: () => unknown[];
}

/**
 * `series`, `labels`, `label/<name>/values` and `metadata` of Prometheus' HTTP API. `start` and `end` are accepted and leave
 * nothing out: what is served now is served for all of time.
 */
export async function labelRoutes(app: FastifyInstance, options: QueryRouteOptions): Promise<void> {
  const { reads, limits } = options;
  const list = (form: QueryForm, collector: Collector) => (work: ReadWork) =>
    listAnswer(form, work, options, collector);

  app.route({
    method: ['GET', 'POST'],
    url: '/series',
    handler: (request, reply) => {
      const form = formOf(request);
      if (listParam(form, 'match[]').length === 0) throw badRequest('no match[] parameter provided');
      return reads.send(reply, list(form, wholeSeries(new ReadBudget(limits))));
    },
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/labels',
    handler: (request, reply) =>
      reads.send(
        reply,
        list(
          formOf(request),
          distinct((labels) => labels.map(({ name }) => name)),
        ),
      ),
  });
  app.get<{ Params: { name: string } }>('/label/:name/values', (request, reply) => {
    const name = labelNameOf(request.params.name);
    return reads.send(reply, list(formOf(request), valuesOfLabel(name)));
  });
  app.get('/metadata', (request, reply) => {
    const form = formOf(request);
    return reads.send(reply, (work) => metadataAnswer(form, work, options));
  });
}

async function* listAnswer(
  form: QueryForm,
  work: ReadWork,
  options: QueryRouteOptions,
  collector: Collector,
): AsyncGenerator<string> {
  const limit = limitParam(form);
  await collect(form, work, options, collector);
  const items = collector.items();
  const tail = items.length > limit ? ',"warnings":["results truncated due to limit"]}' : '}';
  yield* listJson('{"status":"success","data":[', items.slice(0, limit), (item) => JSON.stringify(item), `]${tail}`);
}

/** Everything that is served is a gauge. */
async function* metadataAnswer(form: QueryForm, work: ReadWork, options: QueryRouteOptions): AsyncGenerator<string> {
  const limit = limitParam(form);
  const metric = param(form, 'metric');
  const names = valuesOfLabel(METRIC_NAME);
  await collect({}, work, options, names);
  const wanted = (names.items() as string[]).filter((name) => metric === undefined || name === metric);
  const data = Object.fromEntries(
    wanted.slice(0, limit).map((name) => [name, [{ type: 'gauge', help: '', unit: '' }]]),
  );
  yield JSON.stringify({ status: 'success', data });
}

async function collect(
  form: QueryForm,
  work: ReadWork,
  { instants, limits }: QueryRouteOptions,
  { add }: Collector,
): Promise<void> {
  const texts = listParam(form, 'match[]');
  if (texts.length > MAX_SELECTORS) {
    throw badRequest(`${texts.length} match[] parameters: at most ${MAX_SELECTORS} are allowed`);
  }
  const selectors: (readonly Matcher[])[] = [];
  for (const text of texts) {
    selectors.push(selectorOf(text));
    if (work.isSliceOver) await work.pause();
  }
  const reading = workLimits(work, form, limits);
  for (const matchers of selectors.length === 0 ? [[]] : selectors) {
    await asked('match[]', () => instants.visit(matchers, reading, add));
  }
}

/** Whole label sets, each once, no more than the budget has room for. */
function wholeSeries(budget: ReadBudget): Collector {
  const all = new Map<string, Labels>();
  return {
    add: (labels) => {
      const key = JSON.stringify(labels);
      if (all.has(key)) return;
      budget.takeSeries();
      all.set(key, labels);
    },
    items: () => [...all.values()].sort(compareLabels).map(labelsJson),
  };
}

function distinct(valuesIn: (labels: Labels) => string[]): Collector {
  const all = new Set<string>();
  return {
    add: (labels) => {
      for (const value of valuesIn(labels)) all.add(value);
    },
    items: () => [...all].sort(compareUtf8),
  };
}

function valuesOfLabel(name: string): Collector {
  return distinct((labels) => [labelValue(labels, name)].filter((value) => value !== ''));
}

function selectorOf(text: string): Matcher[] {
  try {
    return parseSelector(text, REQUEST_LIMITS);
  } catch (cause) {
    throw badRequest(`invalid parameter "match[]": ${(cause as Error).message}`);
  }
}

/** The name as it is, or in the escaping of Prometheus' API, `U__http_2e_method`, where a URL cannot contain it as it is. */
function labelNameOf(text: string): string {
  if (text === '') throw badRequest('invalid label name: ""');
  if (!text.startsWith('U__')) return text;
  let isEscaped = true;
  const name = text.slice(3).replaceAll(/__|_([0-9a-fA-F]{1,6})_/g, (_, hex?: string) => {
    const code = hex === undefined ? UNDERSCORE : Number.parseInt(hex, 16);
    if (code > MAX_CODE_POINT) isEscaped = false;
    return isEscaped ? String.fromCodePoint(code) : '';
  });
  return isEscaped ? name : text;
}
