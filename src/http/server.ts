import { type IncomingMessage, ServerResponse } from 'node:http';
import type { TlsOptions } from 'node:tls';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { WriteSink } from '../model/samples/write-sink.js';
import type { ReceiverSettings } from '../model/settings/receiver.js';
import type { ClientAuthType } from '../model/settings/web.js';
import type { MoreSinks } from '../wire/receive/write-receiver.js';
import type { Access } from './access/access.js';
import { refuseAmbiguity, refuseOtherOrigins } from './access/origin.js';
import { operationRoutes } from './operation-routes.js';
import { answerClientError } from './request/client-error.js';
import { Connections, MAX_CONNECTIONS } from './request/connections.js';
import { RequestError, sendJsonError } from './request/failure.js';
import { MeteredRequest } from './request/metered-request.js';
import { parseQuery } from './request/parse-query.js';
import { guardHandshakes } from './server-tls.js';
import { writeRoute } from './write/write-route.js';

/** A name in the path of `label/<name>/values`: the longest there may be, with every byte escaped as `_2e_`. */
const MAX_PARAM_LENGTH = 8_192;

/** What `--web.config.file` says of the server. */
export interface ServerWeb {
  /** Headers of every answer, as they are now. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: { readonly options: TlsOptions; readonly clientAuthType: ClientAuthType } | undefined;
}

export interface ServerOptions {
  /** Where remote-write requests go. */
  readonly store: WriteSink;
  /** Where their histograms and exemplars go; what has no place is dropped. */
  readonly more?: MoreSinks;
  readonly settings: ReceiverSettings;
  readonly access: Access;
  /** Where browsers find Sentio, if that is not the address they show. */
  readonly externalUrl?: URL | undefined;
  /** TLS, and headers of every answer. */
  readonly web?: ServerWeb | undefined;
  /** Connections at one time. */
  readonly maxConnections?: number;
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
export function createServer(options: ServerOptions): FastifyInstance {
  const {
    store,
    more = {},
    settings,
    access,
    maxConnections = MAX_CONNECTIONS,
    externalUrl,
    web,
    log,
    registry,
    now,
    ready,
    reload,
  } = options;
  const http = {
    // Node looks for requests that take too long this often; its default of 30 s would double a timeout of 30 s.
    connectionsCheckingInterval: Math.min(settings.requestTimeoutMs / 2, 5_000),
    headersTimeout: settings.requestTimeoutMs,
    IncomingMessage: MeteredRequest,
    ServerResponse: responseClass(() => web?.headers ?? {}),
  };
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    // Requests that succeed are counted, not logged.
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { querystringParser: parseQuery, maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: sendJsonError,
    clientErrorHandler: answerClientError,
    requestTimeout: settings.requestTimeoutMs,
    // As in Prometheus, HEAD is for probes: the answer to a read costs as much without its body.
    exposeHeadRoutes: false,
    // In types the two kinds of server have little in common, in what is used of them everything.
    ...((web?.tls === undefined ? { http } : { https: { ...http, ...web.tls.options } }) as { http: typeof http }),
  });
  if (web?.tls !== undefined) guardHandshakes(app.server, web.tls.clientAuthType, log, now);
  new Connections({ maxConnections, log, registry }).limit(app.server);
  app.addHook('preClose', async () => Connections.close(app.server));
  app.addHook('onRequest', refuseAmbiguity);
  app.addHook('onRequest', refuseOtherOrigins(externalUrl));
  app.setErrorHandler(sendJsonError);
  app.setNotFoundHandler((request) => {
    const path = request.url.split('?', 1)[0]!;
    const allowed = app.supportedMethods.filter((method) => app.hasRoute({ method, url: path }));
    if (allowed.length === 0) throw new RequestError('notFound', `${path} does not exist`);
    throw new RequestError('wrongMethod', `${request.method} is not allowed for ${path}`, {
      allow: allowed.join(', '),
    });
  });

  app.register(writeRoute, { store, more, access, settings, log, registry, now });
  app.register(operationRoutes, {
    registry,
    ready,
    access,
    ...(reload === undefined ? {} : { reload }),
  });
  return app;
}

/**
 * Answers with headers that no route sets, those among them that Node.js gives by itself. No answer is taken by a browser
 * for what its type does not say.
 */
function responseClass(headers: () => Readonly<Record<string, string>>): typeof ServerResponse {
  return class<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    constructor(...args: ConstructorParameters<typeof ServerResponse<Request>>) {
      super(...args);
      for (const [name, value] of Object.entries(headers())) this.setHeader(name, value);
      this.setHeader('x-content-type-options', 'nosniff');
    }
  };
}
