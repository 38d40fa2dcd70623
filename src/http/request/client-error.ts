import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { jsonError } from './failure.js';

const RETRY_AFTER_SECONDS = 5;

/** Answers what is no HTTP request, or not a whole one in time, and closes the connection. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, body } = describe(error);
  const headers = [
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(status === 503 ? [`Retry-After: ${RETRY_AFTER_SECONDS}`] : []),
  ];
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
}

function describe({ code, message }: Error & { code?: string }): { status: number; body: string } {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return jsonError('timeout', 'the request did not arrive in time');
  if (code === 'HPE_HEADER_OVERFLOW') return jsonError('headersTooLarge', 'the headers are too large');
  return jsonError('badData', `not an HTTP request: ${message}`);
}
