import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { jsonError } from './failure.js';

/** Answers what is no HTTP request, or not a whole one in time, and closes the connection. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, body } = describe(error);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function describe({ code, message }: Error & { code?: string }): { status: number; body: string } {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return jsonError('timeout', 'the request did not arrive in time');
  if (code === 'HPE_HEADER_OVERFLOW') return jsonError('headersTooLarge', 'the headers are too large');
  return jsonError('badData', `not an HTTP request: ${message}`);
}
