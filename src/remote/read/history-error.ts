import { messageOf } from '../../lib/errors.js';
import { WireError } from '../../wire/core/wire-error.js';
import { parseRetryAfter } from '../http/backoff.js';
import { describeAnswer } from '../http/describe-answer.js';
import type { HttpAnswer } from '../http/exchange.js';
import type { HttpClient } from '../http/http-client.js';
import { isWriteUrl, remedyFor } from './remedy.js';

/** What a Prometheus in agent mode answers to remote-read and to queries: it keeps no samples. */
const AGENT_ANSWER = /unsupported operation with WAL-only storage|unavailable with Prometheus Agent/;

/** Why history could not be fetched. The message is free of secrets. */
export class HistoryError extends Error {
  override name = 'HistoryError';
  /** The query itself is the problem, not the database: a smaller one may succeed. */
  readonly isTooMuch: boolean;
  /** The server has no history and will have none: it is of another kind, or runs in another mode. */
  readonly isForever: boolean;
  /** How long the database asks to wait. */
  readonly retryAfterMs: number | undefined;
  /** Of the answer, where there was one. */
  readonly status: number | undefined;
  /** What a person can do about it, where that is known. */
  readonly remedy: string | undefined;

  constructor(
    message: string,
    options: {
      isTooMuch?: boolean;
      isForever?: boolean;
      retryAfterMs?: number | undefined;
      status?: number;
      remedy?: string | undefined;
      cause?: unknown;
    },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.isTooMuch = options.isTooMuch ?? false;
    this.isForever = options.isForever ?? false;
    this.status = options.status;
    this.remedy = options.remedy;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Throws `HistoryError` unless the response is complete and has status 200. */
export function checkAnswer(http: HttpClient, answer: HttpAnswer, nowMs: number): void {
  const { status, headers, body, truncated } = answer;
  if (truncated) throw new HistoryError(`the response is larger than ${body.length} bytes`, { isTooMuch: true });
  if (status === 200) return;
  const message = describeAnswer(http, answer);
  const isForever = AGENT_ANSWER.test(message);
  throw new HistoryError(message, {
    status,
    remedy: remedyFor(answer, http.url),
    // Prometheus answers 400 beyond --storage.remote.read-sample-limit, VictoriaMetrics 422 beyond its -search.max…
    isTooMuch: !isForever && !isWriteUrl(http.url) && (status === 400 || status === 413 || status === 422),
    isForever,
    retryAfterMs: parseRetryAfter(headers['retry-after']?.toString(), nowMs),
  });
}

/** The `HistoryError` for a failed request or a malformed response. */
export function asHistoryError(http: HttpClient, error: unknown): HistoryError {
  if (error instanceof HistoryError) return error;
  const isTooMuch = error instanceof WireError && error.reason === 'too_large';
  return new HistoryError(http.redact(messageOf(error)), { isTooMuch, cause: error });
}
