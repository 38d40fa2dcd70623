import type { FastifyInstance } from 'fastify';
import type { EngineQueries } from '../../../engine/query/engine-queries.js';
import { BusyError, UsageError } from '../../../lib/errors.js';
import { type Labels, labelsJson } from '../../../model/labels/labels.js';
import type { Rule } from '../../../model/settings/settings.js';
import { RequestError } from '../../request/failure.js';
import { badRequest } from '../../request/query-params.js';
import type { ReadWork } from '../../request/reads.js';
import type { PreviewAnswer, PreviewFormAnswer, PreviewLine } from '../json/preview.js';
import type { ReadRouteOptions } from '../read-route-options.js';
import { type SelectedSeries, type SeriesQuery, selectSeries } from '../select-series.js';
import {
  MAX_SERIES,
  type PreviewBody,
  type PreviewSeries,
  previewBody,
  ruleOf,
  seriesToReplay,
} from './preview-request.js';

const MAX_BODY_BYTES = 64 * 1024;

/** What replays: `Previews`. Both throw `UsageError` for what cannot be changed. */
export interface Previewer {
  /** Gives how many series are done, and returns the result. Rejects with `BusyError` too, and as `signal` where it ends the work. */
  run(
    request: {
      readonly series: readonly PreviewSeries[];
      readonly rule: Rule;
      readonly change: object | readonly string[];
      readonly days: number;
    },
    signal: AbortSignal,
  ): AsyncGenerator<number, PreviewResult>;
  /** What a rule sets now, in the words of the file. */
  settings(rule: Rule): PreviewFormAnswer['data']['settings'];
}

interface PreviewResult {
  readonly stepMs: { readonly before: number; readonly after: number };
  readonly trackedMs: number;
  readonly count: { readonly before: number; readonly after: number };
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
}

interface PreviewOptions extends ReadRouteOptions {
  readonly previews: Previewer;
}

/**
 * `POST /api/v1/preview`: which alarms of the last days other settings would take away, leave and bring.
 * `GET /api/v1/preview`: what the settings are, and how many series they hold for.
 */
export async function previewRoute(app: FastifyInstance, options: PreviewOptions): Promise<void> {
  const { queries, access, reads, previews } = options;
  app.addHook('onRequest', access.require('read'));

  app.get<{ Querystring: SeriesQuery }>('/api/v1/preview', ({ query }, reply) =>
    reads.send(reply, async function* (work) {
      const selected = await someSeries(queries, query, work);
      const rule = ruleOf(selected, queries);
      const data = {
        rule: rule.name,
        series: selected.length,
        max_series: MAX_SERIES,
        settings: settingsOf(previews, rule),
      };
      yield JSON.stringify({ status: 'success', data } satisfies PreviewFormAnswer);
    }),
  );

  app.post<{ Body: unknown }>('/api/v1/preview', { bodyLimit: MAX_BODY_BYTES }, ({ body }, reply) =>
    reads.send(reply, async function* (work) {
      const request = previewBody(body);
      const left = new AbortController();
      reply.raw.once('close', () => left.abort(new RequestError('unavailable', 'the client closed the connection')));
      const answers = answersOf(options, request, work, left.signal);
      if (request.progress) {
        reply.header('content-type', 'application/x-ndjson');
        yield* linesOf(answers);
      } else yield JSON.stringify(await lastOf(answers));
    }),
  );
}

/** How far a preview is, again and again, and what it came to. Throws `RequestError`. */
async function* answersOf(
  { queries, previews }: PreviewOptions,
  { which, limit, days, change }: PreviewBody,
  work: ReadWork,
  signal: AbortSignal,
): AsyncGenerator<PreviewLine, PreviewAnswer> {
  const selected = await someSeries(queries, which, work);
  const rule = ruleOf(selected, queries);
  const series = await seriesToReplay(selected, limit, queries, work);
  const counts = previews.run({ series, rule, change, days }, signal);
  try {
    for (;;) {
      const next = await counts.next();
      if (next.done)
        return answerOf(next.value, { rule: rule.name, days, series: series.length, matched: selected.length });
      yield { status: 'progress', done: next.value, total: series.length };
    }
  } catch (error) {
    // What the thread says when it is stopped is of no interest to anybody.
    throw requestError(signal.aborted ? signal.reason : error);
  } finally {
    await counts.return(undefined as never);
  }
}

/** A line each. What goes wrong after the first is a line too, because the status was sent before it. */
async function* linesOf(answers: AsyncGenerator<PreviewLine, PreviewAnswer>): AsyncGenerator<string> {
  const first = await answers.next();
  yield line(first.value);
  if (first.done) return;
  try {
    for (;;) {
      const next = await answers.next();
      yield line(next.value);
      if (next.done) return;
    }
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    yield line({ status: 'error', errorType: error.errorType, error: error.message });
  } finally {
    await answers.return(undefined as never);
  }
}

function line(value: PreviewLine | PreviewAnswer): string {
  return `${JSON.stringify(value)}\n`;
}

async function lastOf(answers: AsyncGenerator<PreviewLine, PreviewAnswer>): Promise<PreviewAnswer> {
  for (;;) {
    const next = await answers.next();
    if (next.done) return next.value;
  }
}

async function someSeries(queries: EngineQueries, which: SeriesQuery, work: ReadWork): Promise<SelectedSeries[]> {
  const selected = await selectSeries(queries, which, work);
  if (selected.length === 0) throw new RequestError('notFound', 'no tracked series matches');
  return selected;
}

function settingsOf(previews: Previewer, rule: Rule): PreviewFormAnswer['data']['settings'] {
  try {
    return previews.settings(rule);
  } catch (error) {
    throw requestError(error);
  }
}

function requestError(error: unknown): unknown {
  if (error instanceof UsageError) return badRequest(error.message);
  if (error instanceof BusyError) return new RequestError('unavailable', error.message);
  return error;
}

function answerOf(
  { stepMs, trackedMs, count, alarmsPerWeek, alarms, yaml }: PreviewResult,
  counts: { rule: string; days: number; series: number; matched: number },
): PreviewAnswer {
  const side = (which: 'before' | 'after') => ({
    step: stepMs[which] / 1000,
    alarms: count[which],
    alarms_per_week: Number.isNaN(alarmsPerWeek[which]) ? null : alarmsPerWeek[which],
  });
  return {
    status: 'success',
    data: {
      ...counts,
      tracked: trackedMs / 1000,
      before: side('before'),
      after: side('after'),
      alarms: alarms.map((alarm) => ({
        metric: labelsJson(alarm.labels),
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
