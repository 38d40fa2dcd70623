import type { FastifyInstance } from 'fastify';
import type { Credentials } from '../model/endpoint.js';
import { authorize } from './request/authorize.js';

/** `GET /api/v1/status/config`: the configuration in effect, secrets masked, in the form Prometheus answers. */
export async function configRoute(
  app: FastifyInstance,
  { readers, yaml }: { readers: readonly Credentials[]; yaml: () => string },
): Promise<void> {
  app.get('/api/v1/status/config', { onRequest: authorize(readers) }, async () => ({
    status: 'success',
    data: { yaml: yaml() },
  }));
}
