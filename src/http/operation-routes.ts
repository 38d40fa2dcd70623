import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Access } from './access/access.js';
import { MetricsPage } from './metrics-page.js';
import { RequestError } from './request/failure.js';

export interface OperationRouteOptions {
  readonly registry: Registry;
  /** What is missing until requests can be served, or nothing. */
  readonly ready: () => string | undefined;
  /** Reads the configuration again; rejects with what is wrong in it. Absent unless the lifecycle API is enabled. */
  readonly reload?: () => Promise<void>;
  readonly access: Access;
}

/** `/metrics`, `/-/healthy`, `/-/ready` and `/-/reload`, as Prometheus has them. */
export async function operationRoutes(app: FastifyInstance, options: OperationRouteOptions): Promise<void> {
  const { registry, ready, reload, access } = options;

  const metrics = new MetricsPage(registry);
  app.get('/metrics', { onRequest: access.requireUser() }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.render()),
  );

  app.get('/-/healthy', { exposeHeadRoute: true }, async () => 'Sentio is Healthy.\n');

  app.get('/-/ready', { exposeHeadRoute: true }, async () => {
    const missing = ready();
    if (missing !== undefined) throw new RequestError('unavailable', missing);
    return 'Sentio is Ready.\n';
  });

  app.post('/-/reload', { onRequest: access.require('admin') }, async () => {
    if (reload === undefined) throw new RequestError('forbidden', 'Lifecycle API is not enabled.');
    await reload().catch((error: Error) => {
      throw new RequestError('internal', `failed to reload config: ${error.message}`);
    });
    return '';
  });
}
