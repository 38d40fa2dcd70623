import type { FastifyInstance } from 'fastify';
import type { Access } from './access/access.js';

/** `GET /api/v1/status/config`: the configuration in effect, secrets masked, in the form Prometheus answers. */
export async function configRoute(
  app: FastifyInstance,
  { access, yaml }: { access: Access; yaml: () => string },
): Promise<void> {
  app.get('/api/v1/status/config', { onRequest: access.require('read') }, async () => ({
    status: 'success',
    data: { yaml: yaml() },
  }));
}
