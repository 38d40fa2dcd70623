import type { FastifyInstance } from 'fastify';
import type { Engine } from '../engine/engine.js';
import type { SeriesReport } from '../engine/series-report.js';
import { parseDuration } from '../model/durations.js';
import type { Credentials } from '../model/endpoint.js';
import { type Labels, labelValue } from '../model/labels.js';
import { compileMatchers } from '../model/matcher.js';
import { parseSelector } from '../model/selector.js';
import { authorize } from './authorize.js';
import { RequestError } from './failure.js';

const DEFAULT_LIMIT = 1000;
const MAX_LIMIT = 10_000;
/** The most points one series of an answer may have, as in Prometheus' query_range. */
const MAX_POINTS = 11_000;
/** The most series one answer of `/api/v1/forecast` may have. */
const MAX_CURVES = 100;

interface Query {
  'match[]'?: string | string[];
  limit?: string;
  start?: string;
  end?: string;
  step?: string;
}

/**
 * `GET /api/v1/series`: what Sentio knows of each series now, highest score first.
 * `GET /api/v1/forecast`: what was observed and what is expected over a range, future included, in columns.
 */
export async function seriesRoutes(
  app: FastifyInstance,
  { engine, readers, now }: { engine: Engine; readers: readonly Credentials[]; now: () => number },
): Promise<void> {
  const onRequest = authorize(readers);
  app.get<{ Querystring: Query }>('/api/v1/series', { onRequest }, async ({ query }) => {
    const limit = integerParam('limit', query.limit, DEFAULT_LIMIT, MAX_LIMIT);
    const reports = [...select(engine, query)];
    reports.sort((a, b) => rank(b.report) - rank(a.report));
    return {
      status: 'success',
      data: reports.slice(0, limit).map(({ report }) => seriesJson(report)),
      ...(reports.length > limit && {
        warnings: [`${reports.length - limit} more series match; raise limit or narrow match[]`],
      }),
    };
  });

  app.get<{ Querystring: Query }>('/api/v1/forecast', { onRequest }, async ({ query }) => {
    if (query['match[]'] === undefined) throw badRequest('no match[] parameter provided');
    const selected = [...select(engine, query)];
    if (selected.length > MAX_CURVES) {
      throw badRequest(`match[] selects ${selected.length} series, at most ${MAX_CURVES} are served at once`);
    }
    const nowMs = now();
    const data = selected.map(({ series, report }) => {
      const startMs = timeParam('start', query.start, nowMs - 6 * 3_600_000);
      const endMs = timeParam('end', query.end, nowMs + 6 * 3_600_000);
      if (endMs < startMs) throw badRequest('end is before start');
      const stepMs = durationParam('step', query.step, Math.max(report.stepMs, Math.ceil((endMs - startMs) / 1000)));
      if ((endMs - startMs) / stepMs > MAX_POINTS) {
        throw badRequest(`more than ${MAX_POINTS} points a series: raise step or narrow the range`);
      }
      const { observed, scores, forecast } = engine.curve(series, { startMs, endMs, stepMs });
      return {
        ...seriesJson(report),
        observed: {
          times: seconds(observed.timesMs),
          values: numbers(observed.values),
          anomaly_score: numbers(scores),
        },
        forecast: forecast && {
          times: seconds(forecast.timesMs),
          yhat: numbers(forecast.yhat),
          yhat_lower: numbers(forecast.yhatLower),
          yhat_upper: numbers(forecast.yhatUpper),
        },
      };
    });
    return { status: 'success', data };
  });
}

function* select(engine: Engine, query: Query) {
  const predicates = selectors(query);
  for (const series of engine.series()) {
    const report = engine.report(series);
    if (predicates.length === 0 || predicates.some((matches) => matches(report.labels))) yield { series, report };
  }
}

function selectors(query: Query): ((labels: Labels) => boolean)[] {
  const texts = query['match[]'] === undefined ? [] : [query['match[]']].flat();
  return texts.map((text) => {
    try {
      return compileMatchers(parseSelector(text));
    } catch (cause) {
      throw badRequest(`invalid parameter "match[]": ${(cause as Error).message}`);
    }
  });
}

/** Scores first, then the series without one. */
function rank({ last, state }: SeriesReport): number {
  return state === 'ended' || Number.isNaN(last.score) ? -1 : last.score;
}

function seriesJson({ labels, rule, aggregate, stepMs, state, last, fit, fitError }: SeriesReport) {
  return {
    metric: labelsJson(labels),
    rule,
    aggregate,
    step: stepMs / 1000,
    state,
    last: {
      time: last.timeMs / 1000,
      value: number(last.value),
      yhat: number(last.yhat),
      yhat_lower: number(last.yhatLower),
      yhat_upper: number(last.yhatUpper),
      anomaly_score: number(last.score),
    },
    fit: fit && { optimizer: fit.optimizer, points: fit.points, time: fit.fittedAtMs / 1000 },
    fit_error: fitError,
  };
}

function labelsJson(labels: Labels): Record<string, string> {
  return Object.fromEntries(labels.map(({ name }) => [name, labelValue(labels, name)]));
}

/** JSON has no NaN: it becomes null. */
function number(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function numbers(values: Float64Array): (number | null)[] {
  return Array.from(values, number);
}

function seconds(timesMs: Float64Array): number[] {
  return Array.from(timesMs, (timeMs) => timeMs / 1000);
}

/** Unix seconds or RFC 3339, as Prometheus' HTTP API takes them. */
function timeParam(name: string, text: string | undefined, fallbackMs: number): number {
  if (text === undefined) return fallbackMs;
  const timeMs = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (!Number.isFinite(timeMs)) throw badRequest(`invalid parameter "${name}": cannot parse "${text}" to a timestamp`);
  return Math.round(timeMs);
}

/** Seconds or a duration such as `5m`, as Prometheus' HTTP API takes them. */
function durationParam(name: string, text: string | undefined, fallbackMs: number): number {
  if (text === undefined) return fallbackMs;
  const stepMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (!(stepMs > 0)) throw badRequest(`invalid parameter "${name}": cannot parse "${text}" to a positive duration`);
  return stepMs;
}

function integerParam(name: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw badRequest(`invalid parameter "${name}": "${text}" is not a whole number from 1 to ${max}`);
  }
  return value;
}

function badRequest(message: string): RequestError {
  return new RequestError('badData', message);
}
