import type { FastifyInstance } from 'fastify';
import type { EngineQueries } from '../../engine/query/engine-queries.js';
import { BusyError, UsageError } from '../../lib/errors.js';
import type { Labels } from '../../model/labels/labels.js';
import { formatLabels } from '../../model/labels/labels.js';
import type { Samples } from '../../model/samples/columns.js';
import type { Rule } from '../../model/settings/settings.js';
import { RequestError } from '../request/failure.js';
import { badRequest } from '../request/query-params.js';
import type { PreviewAnswer } from './json/preview.js';
import { type SelectedSeries, selectSeries } from './select-series.js';
import type { ReadRouteOptions } from './series-routes.js';

/** The most series of one preview: each is replayed twice, which takes about a second. */
const MAX_SERIES = 20;
/** As much as the default history. */
const MAX_DAYS = 15;
const DEFAULT_DAYS = 7;
const MAX_BODY_BYTES = 64 * 1024;
/** Fewer values in the rings are no history to replay. */
const MIN_VALUES = 20;

/** What replays: `Previews`. Rejects with `UsageError` for a change that cannot be, and with `BusyError`. */
export interface Previewer {
  run(
    request: {
      readonly series: readonly { readonly name: string; readonly labels: Labels; readonly samples: Samples }[];
      readonly rule: Rule;
      readonly change: object;
      readonly days: number;
    },
    signal: AbortSignal,
  ): Promise<{
    readonly stepMs: { readonly before: number; readonly after: number };
    readonly alarmsPerWeek: { readonly before: number; readonly after: number };
    readonly alarms: readonly {
      readonly labels: Labels;
      readonly startMs: number;
      readonly endMs: number;
      readonly peakScore: number;
      readonly value: number;
      readonly yhat: number;
      readonly yhatLower: number;
      readonly yhatUpper: number;
      readonly outcome: 'gone' | 'stayed' | 'added';
    }[];
    readonly yaml: string;
  }>;
}

interface PreviewOptions extends ReadRouteOptions {
  readonly previews: Previewer;
}

/** `POST /api/v1/preview`: which alarms of the last days other settings would take away, leave and bring. */
export async function previewRoute(
  app: FastifyInstance,
  { queries, access, reads, previews }: PreviewOptions,
): Promise<void> {
  app.addHook('onRequest', access.require('read'));

  app.post<{ Body: unknown }>('/api/v1/preview', { bodyLimit: MAX_BODY_BYTES }, ({ body }, reply) =>
    reads.send(reply, async function* (work) {
      const { match, days, change } = bodyOf(body);
      const selected = await selectSeries(queries, { 'match[]': match }, work);
      const series = checked(selected, queries);
      const left = new AbortController();
      reply.raw.once('close', () => left.abort(new RequestError('unavailable', 'the client closed the connection')));
      try {
        const rule = queries.rule(selected[0]!.series);
        const preview = await previews.run({ series, rule, change, days }, left.signal);
        yield JSON.stringify(answerOf(preview, { rule: rule.name, days, series: series.length }));
      } catch (error) {
        if (error instanceof UsageError) throw badRequest(error.message);
        if (error instanceof BusyError) throw new RequestError('unavailable', error.message);
        throw error;
      }
    }),
  );
}

/** The series with their history. Throws `RequestError` where they cannot be replayed together. */
function checked(selected: readonly SelectedSeries[], queries: EngineQueries) {
  if (selected.length === 0) throw new RequestError('notFound', 'no tracked series matches');
  if (selected.length > MAX_SERIES) {
    throw badRequest(`match selects ${selected.length} series: at most ${MAX_SERIES} can be replayed at once`);
  }
  const rules = [...new Set(selected.map(({ status }) => status.rule))];
  if (rules.length > 1) throw badRequest(`match selects series of several rules: ${rules.join(', ')}`);
  const series = selected
    .map(({ series, labels }) => ({ name: formatLabels(labels), labels, samples: queries.history(series) }))
    .filter(({ samples }) => samples.values.length >= MIN_VALUES)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (series.length === 0) throw badRequest('these series have no history to replay yet');
  return series;
}

/** Reads `{"match": [SELECTOR, …], "change": {…}, "days": 7}`. Throws `RequestError` for anything else. */
function bodyOf(body: unknown): { match: string[]; change: object; days: number } {
  if (typeof body !== 'object' || body === null)
    throw badRequest('the body must be a JSON object with match and change');
  const { match, change, days = DEFAULT_DAYS, ...others } = body as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw badRequest(`${unknown}: unknown, known are match, change and days`);
  const selectors = typeof match === 'string' ? [match] : match;
  if (!Array.isArray(selectors) || selectors.length === 0 || !selectors.every((text) => typeof text === 'string')) {
    throw badRequest('match: must be a selector or a list of them');
  }
  if (typeof change !== 'object' || change === null || Array.isArray(change) || Object.keys(change).length === 0) {
    throw badRequest('change: must have keys of a rule, such as {"anomaly": {"min_deviation": 5}}');
  }
  if (typeof days !== 'number' || !(days >= 1 && days <= MAX_DAYS)) {
    throw badRequest(`days: must be a number from 1 to ${MAX_DAYS}, got ${JSON.stringify(days)}`);
  }
  return { match: selectors, change: change, days };
}

function answerOf(
  { stepMs, alarmsPerWeek, alarms, yaml }: Awaited<ReturnType<Previewer['run']>>,
  { rule, days, series }: { rule: string; days: number; series: number },
): PreviewAnswer {
  return {
    status: 'success',
    data: {
      rule,
      days,
      series,
      before: { step: stepMs.before / 1000, alarms_per_week: alarmsPerWeek.before },
      after: { step: stepMs.after / 1000, alarms_per_week: alarmsPerWeek.after },
      alarms: alarms.map((alarm) => ({
        metric: Object.fromEntries(alarm.labels.map(({ name, value }) => [name, value])),
        outcome: alarm.outcome,
        start: alarm.startMs / 1000,
        end: alarm.endMs / 1000,
        peak_score: alarm.peakScore,
        value: alarm.value,
        yhat: alarm.yhat,
        yhat_lower: alarm.yhatLower,
        yhat_upper: alarm.yhatUpper,
      })),
      yaml,
    },
  };
}
