import type { FastifyInstance } from 'fastify';
import type { Access } from './access/access.js';
import type { Reads } from './request/reads.js';

interface ConfigRouteOptions {
  readonly access: Access;
  readonly reads: Reads;
  /** Begun anew at each request. */
  readonly yaml: () => Iterable<string>;
}

/** `GET /api/v1/status/config`: the configuration in effect, secrets masked, in the form Prometheus answers. */
export async function configRoute(app: FastifyInstance, { access, reads, yaml }: ConfigRouteOptions): Promise<void> {
  app.get('/api/v1/status/config', { onRequest: access.require('read') }, async (_request, reply) =>
    reads.send(reply, async function* () {
      yield '{"status":"success","data":{"yaml":"';
      for (const piece of yaml()) yield JSON.stringify(piece).slice(1, -1);
      yield '"}}';
    }),
  );
}
