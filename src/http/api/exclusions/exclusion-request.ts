import { EXCLUSION_KINDS, expressionsIn } from '../../../engine/exclusions/exclusion.js';
import type { NewExclusion } from '../../../engine/exclusions/exclusion-updates.js';
import { TimeSlice } from '../../../lib/time-slice.js';
import { REQUEST_LIMITS } from '../../../model/labels/matcher.js';
import { badRequest, timeParam } from '../../request/query-params.js';

const MAX_SELECTORS = 64;
const MAX_REASON_LENGTH = 1000;

/** Reads `{"match": [SELECTOR, …], "start": …, "end": …, "kind": …, "reason": …}`. Rejects with `RequestError` for anything else. */
export async function exclusionBody(body: unknown, nowMs: number): Promise<NewExclusion> {
  if (typeof body !== 'object' || body === null)
    throw badRequest('the body must be a JSON object with match, end and kind');
  const { match, start, end, kind, reason = '', ...others } = body as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw badRequest(`${unknown}: unknown, known are match, start, end, kind and reason`);
  const selectors = typeof match === 'string' ? [match] : match;
  if (!Array.isArray(selectors) || selectors.length === 0 || !selectors.every((text) => typeof text === 'string'))
    throw badRequest('match: must be a selector or a list of them');
  if (selectors.length > MAX_SELECTORS) throw badRequest(`match: must have at most ${MAX_SELECTORS} selectors`);
  await checkSelectors(selectors);
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

/** All expressions together may cost as much as those of one selector of a read; other requests go on between two selectors. */
async function checkSelectors(selectors: readonly string[]): Promise<void> {
  const { maxExpressions } = REQUEST_LIMITS;
  const slice = new TimeSlice();
  let expressions = 0;
  for (const text of selectors) {
    if (slice.isOver) await slice.pause();
    try {
      expressions += expressionsIn(text);
    } catch (cause) {
      throw badRequest(`match: ${(cause as Error).message}`);
    }
    if (expressions > maxExpressions) throw badRequest(`match: more than ${maxExpressions} regular expressions`);
  }
}
