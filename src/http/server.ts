import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { ReceiverSettings } from '../model/receiver.js';
import type { WriteSink } from '../model/write-sink.js';
import { operationRoutes } from './operation-routes.js';
import { answerClientError } from './request/client-error.js';
import { RequestError, sendJsonError } from './request/failure.js';
import { refuseOtherOrigins } from './request/origin.js';
import { parseQuery } from './request/parse-query.js';
import { writeRoute } from './write/write-route.js';

export interface ServerOptions {
  /** Where remote-write requests go. */
  readonly store: WriteSink;
  readonly settings: ReceiverSettings;
  readonly log: Logger;
  readonly registry: Registry;
  /** The clock, in Unix milliseconds. */
  readonly now: () => number;
  /** What is missing until requests can be served, or nothing. */
  readonly ready: () => string | undefined;
  /** Reads the configuration again. Absent unless the lifecycle API is enabled. */
  readonly reload?: () => Promise<void>;
}

/**
 * Sentio's HTTP server, not yet listening. More routes are added to it as plugins, each in a file of its own, by
 * `server.register(plugin, options)`; they throw `RequestError`, and errors are answered in JSON unless a route sets
 * `errorHandler: sendTextError`.
 */
export function createServer({ store, settings, log, registry, now, ready, reload }: ServerOptions): FastifyInstance {
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    // Requests that succeed are counted, not logged.
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { querystringParser: parseQuery },
    frameworkErrors: sendJsonError,
    clientErrorHandler: answerClientError,
    requestTimeout: settings.requestTimeoutMs,
    http: {
      // Node looks for requests that take too long this often; its default of 30 s would double a timeout of 30 s.
      connectionsCheckingInterval: Math.min(settings.requestTimeoutMs / 2, 5_000),
      headersTimeout: settings.requestTimeoutMs,
    },
  });
  app.addHook('onRequest', refuseOtherOrigins);
  app.addHook('onSend', async (_request, reply) => void reply.header('x-content-type-options', 'nosniff'));
  app.setErrorHandler(sendJsonError);
  app.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0]!;
    const allowed = app.supportedMethods.filter((method) => app.hasRoute({ method, url: path }));
    if (allowed.length === 0) throw new RequestError('notFound', `there is nothing at ${path}`);
    throw new RequestError('wrongMethod', `${request.method} is not allowed at ${path}`, { allow: allowed.join(', ') });
  });

  app.register(writeRoute, { store, settings, registry, now });
  app.register(operationRoutes, {
    registry,
    ready,
    writers: settings.writers,
    ...(reload === undefined ? {} : { reload }),
  });
  return app;
}
