import type { ReadingLimits } from '../../engine/query/instant-reader.js';
import { ReadBudget, ReadLimitError, type ReadLimits } from '../../engine/query/read-budget.js';
import { MatcherError } from '../../model/labels/matcher.js';
import { PromqlError } from '../../promql/promql-error.js';
import { RequestError } from '../request/failure.js';
import { durationParam } from '../request/query-params.js';
import type { ReadWork } from '../request/reads.js';
import { param, type QueryForm } from './query-form.js';

/** What one request of the query API may take: the limits of remote-read, and no longer than its own `timeout`. */
export function workLimits(work: ReadWork, form: QueryForm, limits: ReadLimits): ReadingLimits {
  const { readTimeoutMs } = limits;
  const text = param(form, 'timeout');
  // As in Prometheus, no time at all is no mistake, but too little.
  if (text !== undefined && Number(text) <= 0) throw timedOut();
  const timeoutMs = Math.min(readTimeoutMs, durationParam('timeout', text, readTimeoutMs));
  const endMs = performance.now() + timeoutMs;
  return {
    budget: new ReadBudget(limits),
    pause: async () => {
      if (performance.now() >= endMs) throw timedOut();
      if (work.isSliceOver) await work.pause();
    },
  };
}

function timedOut(): RequestError {
  return new RequestError('timeout', 'query timed out in expression evaluation');
}

/** Runs a piece of a query with its mistakes answered as Prometheus' HTTP API answers them. */
export async function asked<T>(name: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof PromqlError && error.reason === 'parse') {
      throw new RequestError('badData', `invalid parameter "${name}": ${error.message}`);
    }
    if (error instanceof PromqlError || error instanceof ReadLimitError) {
      throw new RequestError('tooCostly', error.message);
    }
    if (error instanceof MatcherError)
      throw new RequestError('badData', `invalid parameter "${name}": ${error.message}`);
    throw error;
  }
}
