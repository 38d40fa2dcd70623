import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { Logger } from 'pino';
import type { Counter, Registry } from 'prom-client';
import { counter, gaugeFunc } from '../../lib/metrics/metrics.js';
import { ThrottledLog } from '../../lib/throttled-log.js';
import { jsonError } from './failure.js';
import { SocketInput } from './socket-input.js';

/** As many as Prometheus lets in (`--web.max-connections`). */
export const MAX_CONNECTIONS = 512;
/** Requests that wait on one connection for the answers of those before them. Prometheus and its like send one at a time. */
const MAX_PIPELINED = 16;
/** Then the client connects anew: no connection, and nothing that grows with it, lives for ever. */
const MAX_REQUESTS_PER_CONNECTION = 10_000;
/** Longer than any answer takes to compute: a connection on which nothing moves for this long is closed. */
const INACTIVE_MS = 120_000;
/** How long answers that are being sent may take once the server closes. */
const CLOSING_MS = 2_000;
const WARN_INTERVAL_MS = 60_000;

export interface ConnectionOptions {
  /** Connections at one time. */
  readonly maxConnections: number;
  readonly log: Logger;
  readonly registry: Registry;
}

/**
 * Bounds the connections of a server, and the requests that wait on each: a connection's next request begins when the one
 * before is answered. Past the limit a new connection takes the place of the one that has been without a request for longest,
 * so that clients which connect and say nothing keep nobody out; where all have a request, the new one is closed.
 */
export class Connections {
  readonly #max: number;
  readonly #warnings: ThrottledLog;
  readonly #dropped: Counter<'reason'>;
  /** The requests of a connection that are not answered yet, as what begins each; the first has begun. */
  readonly #waiting = new Map<Socket, (() => void)[]>();
  /** Those with none, the one that has been so for longest first. */
  readonly #idle = new Set<Socket>();
  readonly #input = new SocketInput();

  constructor({ maxConnections, log, registry }: ConnectionOptions) {
    this.#max = maxConnections;
    this.#warnings = new ThrottledLog(log, WARN_INTERVAL_MS, () => performance.now());
    gaugeFunc(registry, 'sentio_http_connections', 'Open HTTP connections.', () => this.#waiting.size);
    gaugeFunc(
      registry,
      'sentio_http_connections_limit',
      'Most HTTP connections that may be open.',
      () => maxConnections,
    );
    this.#dropped = counter(
      registry,
      'sentio_http_connections_dropped_total',
      'HTTP connections that Sentio closed: idle, to make room for another one; full, because there was no room; pipelined, because too many requests waited on it.',
      { reason: ['idle', 'full', 'pipelined'] },
    );
  }

  /** Puts the limits on a server that does not listen yet. */
  limit(server: Server): void {
    server.maxRequestsPerSocket = MAX_REQUESTS_PER_CONNECTION;
    server.setTimeout(INACTIVE_MS);
    // Until its handshake is done, a TLS connection has a descriptor and no place here.
    server.maxConnections = this.#max + MAX_PIPELINED;
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) =>
      this.#opened(socket),
    );
    const answer = server.listeners('request') as RequestListener[];
    server.removeAllListeners('request');
    server.on('request', (request, response) => {
      this.#take(request, response, () => {
        for (const listener of answer) listener(request, response);
      });
    });
  }

  /** To be called when a server begins to close: ends connections as they become idle, and soon all of them. */
  static close(server: Server): void {
    const idle = setInterval(() => server.closeIdleConnections(), CLOSING_MS / 20).unref();
    const all = setTimeout(() => server.closeAllConnections(), CLOSING_MS).unref();
    server.once('close', () => {
      clearInterval(idle);
      clearTimeout(all);
    });
  }

  #opened(socket: Socket): void {
    if (this.#waiting.size >= this.#max) {
      const [oldest] = this.#idle;
      this.#drop(oldest ?? socket, oldest === undefined ? 'full' : 'idle');
      if (oldest === undefined) return;
    }
    this.#waiting.set(socket, []);
    this.#idle.add(socket);
    this.#input.limit(socket);
    socket.once('close', () => this.#forget(socket));
  }

  #take(request: IncomingMessage, response: ServerResponse, answer: () => void): void {
    const { socket } = request;
    this.#input.began(request);
    const waiting = this.#waiting.get(socket);
    // Closed, or about to be: what it has sent already is not answered.
    if (waiting === undefined || waiting.length > MAX_PIPELINED) return;
    const isOneTooMany = waiting.length === MAX_PIPELINED;
    if (isOneTooMany) {
      this.#dropped.inc({ reason: 'pipelined' });
      this.#input.stop(socket);
    }
    response.once('close', () => this.#answered(socket));
    waiting.push(isOneTooMany ? () => refuse(response) : answer);
    this.#idle.delete(socket);
    if (waiting.length === 1) answer();
  }

  #answered(socket: Socket): void {
    const waiting = this.#waiting.get(socket);
    if (waiting === undefined) return;
    waiting.shift();
    if (waiting.length === 0) this.#idle.add(socket);
    // Other connections come before the next request of this one.
    else setImmediate(() => this.#waiting.get(socket)?.[0]?.());
  }

  #drop(socket: Socket, reason: 'idle' | 'full'): void {
    this.#dropped.inc({ reason });
    this.#warnings.warn(
      { maxConnections: this.#max, client: socket.remoteAddress },
      reason === 'idle'
        ? 'all HTTP connections are taken: the one idle for longest is closed'
        : 'all HTTP connections are taken: a new one is closed',
    );
    this.#forget(socket);
    socket.destroy();
  }

  #forget(socket: Socket): void {
    this.#waiting.delete(socket);
    this.#idle.delete(socket);
  }
}

function refuse(response: ServerResponse): void {
  const { status, body } = jsonError('unavailable', `more than ${MAX_PIPELINED} requests wait on this connection`);
  response.writeHead(status, { connection: 'close', 'content-type': 'application/json; charset=utf-8' }).end(body);
}
