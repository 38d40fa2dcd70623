import { LOOKBACK_MS } from '../../model/samples/staleness.js';
import { badRequest, durationParam, timeParam } from '../request/query-params.js';
import { param, type QueryForm } from './query-form.js';

/** The most points of one series; Prometheus has the same limit. */
const MAX_POINTS = 11_000;
/** Series of an answer where `limit` does not say, and the most it may say: ReadLimits bound them before. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** The evaluation timestamps of `query_range`: `start` and every `step` after it up to `end`. Throws `RequestError`. */
export function rangeTimes(form: QueryForm): Float64Array {
  const startMs = requiredTime(form, 'start');
  const endMs = requiredTime(form, 'end');
  if (endMs < startMs) throw badRequest('invalid parameter "end": end timestamp must not be before start time');
  const text = param(form, 'step');
  if (text !== undefined && /^-?\d+(\.\d+)?$/.test(text) && !(Number(text) > 0)) {
    throw badRequest(
      'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer',
    );
  }
  if (text === undefined) throw badRequest('invalid parameter "step": cannot parse "" to a valid duration');
  const stepMs = Math.max(1, Math.round(durationParam('step', text, Number.NaN)));
  const points = Math.floor((endMs - startMs) / stepMs) + 1;
  if (points - 1 > MAX_POINTS) {
    throw badRequest(
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    );
  }
  return Float64Array.from({ length: points }, (_, i) => startMs + i * stepMs);
}

/** As in Prometheus, nothing and less than nothing mean the default. */
export function lookbackParam(form: QueryForm): number {
  const text = param(form, 'lookback_delta');
  const isDefault = text !== undefined && (Number(text) <= 0 || /^0+(ms|[smhdwy])$/.test(text));
  return durationParam('lookback_delta', isDefault ? undefined : text, LOOKBACK_MS);
}

/** A number of items; 0 and absence mean all. */
export function limitParam(form: QueryForm): number {
  const text = param(form, 'limit');
  if (text === undefined) return NO_LIMIT;
  const limit = Number(text);
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw badRequest(`invalid parameter "limit": "${text}" is not a whole number from 0`);
  }
  return limit === 0 ? NO_LIMIT : limit;
}

function requiredTime(form: QueryForm, name: string): number {
  const text = param(form, name);
  if (text === undefined) throw badRequest(`invalid parameter "${name}": cannot parse "" to a valid timestamp`);
  return timeParam(name, text, Number.NaN);
}
