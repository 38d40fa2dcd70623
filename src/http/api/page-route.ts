import type { FastifyInstance } from 'fastify';
import type { Access } from '../access/access.js';
import type { PageJson } from './json/page.js';

/** `GET /api/v1/status/page`: what the page shows beside the series: the version, where links lead, targets that do not accept forecasts. */
export async function pageRoute(
  app: FastifyInstance,
  { access, page }: { access: Access; page: () => PageJson },
): Promise<void> {
  app.get('/api/v1/status/page', { onRequest: access.require('read') }, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return { status: 'success', data: page() };
  });
}
