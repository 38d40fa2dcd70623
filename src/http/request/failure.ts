import type { FastifyReply, FastifyRequest } from 'fastify';
import { WireError } from '../../wire/core/wire-error.js';

/** Every way in which a request can fail: the status, and the `errorType` of the JSON answer, as in Prometheus' HTTP API. */
const FAILURES = {
  badData: { status: 400, errorType: 'bad_data' },
  unauthorized: { status: 401, errorType: 'unauthorized' },
  forbidden: { status: 403, errorType: 'forbidden' },
  notFound: { status: 404, errorType: 'not_found' },
  wrongMethod: { status: 405, errorType: 'method_not_allowed' },
  tooLarge: { status: 413, errorType: 'too_large' },
  wrongMediaType: { status: 415, errorType: 'unsupported_media_type' },
  misdirected: { status: 421, errorType: 'misdirected_request' },
  tooCostly: { status: 422, errorType: 'execution' },
  headersTooLarge: { status: 431, errorType: 'too_large' },
  internal: { status: 500, errorType: 'internal' },
  // Not 408: Prometheus retries a 5xx and drops what is answered with any other 4xx than 429.
  timeout: { status: 503, errorType: 'timeout' },
  unavailable: { status: 503, errorType: 'unavailable' },
} as const;

/** Statuses of failures of requests that carry a body: with that of success, the values of `code` of their counters. */
export const BODY_FAILURE_STATUSES: readonly string[] = (
  [
    'badData',
    'unauthorized',
    'forbidden',
    'tooLarge',
    'wrongMediaType',
    'misdirected',
    'internal',
    'unavailable',
  ] as const
).map((failure) => String(FAILURES[failure].status));

const MAX_MESSAGE_LENGTH = 1000;

/** Thrown by a route to refuse a request; the message is for the client, `headers` go with the answer. */
export class RequestError extends Error {
  override name = 'RequestError';
  readonly failure: keyof typeof FAILURES;
  readonly headers: Readonly<Record<string, string>>;

  constructor(failure: keyof typeof FAILURES, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.failure = failure;
    this.headers = headers;
  }

  /** As the JSON of an error has it. */
  get errorType(): string {
    return FAILURES[this.failure].errorType;
  }
}

/** Answers as the write and read endpoints do: a line of text. */
export function sendTextError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  sendText(refusalOf(error, request), reply);
}

/** The same of a refusal that is known already. */
export function sendText({ failure, message, headers }: RequestError, reply: FastifyReply): void {
  reply.code(FAILURES[failure].status).headers(headers).type('text/plain; charset=utf-8').send(`${message}\n`);
}

/** Answers as Prometheus' HTTP API does. */
export function sendJsonError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  // Who asks is a person or a page that shows the answer, a selector half typed among them.
  const { failure, message, headers } = refusalOf(error, request, 'debug');
  const { status, body } = jsonError(failure, message);
  reply.code(status).headers(headers).type('application/json; charset=utf-8').send(body);
}

/** An answer in Prometheus' form for where there is no reply to send it with. */
export function jsonError(failure: keyof typeof FAILURES, message: string): { status: number; body: string } {
  const { status, errorType } = FAILURES[failure];
  return { status, body: JSON.stringify({ status: 'error', errorType, error: message }) };
}

/** The answer to an error. Logs the error, at `level` unless it is a fault of the code. */
export function refusalOf(error: unknown, request: FastifyRequest, level: 'info' | 'debug' = 'info'): RequestError {
  const known = asRequestError(error);
  // What is thrown with words for the client is known, and no fault of the code.
  if (known.failure === 'internal' && !(error instanceof RequestError)) {
    request.log.error({ err: error }, 'request failed');
  } else if (known.failure !== 'unauthorized') {
    // Failed logins are logged elsewhere, with the address, and not each of them.
    request.log[level]({ failure: known.failure, reason: known.message }, 'request refused');
  }
  return known;
}

function asRequestError(error: unknown): RequestError {
  if (error instanceof RequestError) {
    return new RequestError(error.failure, capped(error.message), error.headers);
  }
  if (error instanceof WireError) {
    return new RequestError(error.reason === 'too_large' ? 'tooLarge' : 'badData', error.message);
  }
  // What Fastify itself refuses before a route is reached: a malformed URL, a query that its schema does not allow.
  if (error instanceof Error && 'statusCode' in error && Number(error.statusCode) < 500) {
    return new RequestError('badData', capped(error.message));
  }
  return new RequestError('internal', 'internal error');
}

function capped(message: string): string {
  return message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH)}…`;
}
