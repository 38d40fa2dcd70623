import type { FastifyInstance } from 'fastify';
import { VERSION } from '../../lib/version.js';
import type { Access } from '../access/access.js';
import { type ExemplarRouteOptions, exemplarRoute } from './exemplar-route.js';
import { labelRoutes } from './label-routes.js';
import { takeForms } from './query-form.js';
import { type QueryRouteOptions, queryRoutes } from './query-routes.js';

/** Where the query API is: a data source's URL is `http://sentio:9201/prometheus`. */
const PREFIX = '/prometheus/api/v1';

/**
 * Prometheus' HTTP API over what Sentio serves, so that Grafana takes it for a Prometheus data source whatever store the
 * metrics themselves are in.
 */
export async function prometheusRoutes(
  app: FastifyInstance,
  { access, ...options }: QueryRouteOptions & ExemplarRouteOptions & { readonly access: Access },
): Promise<void> {
  await app.register(
    async (api) => {
      api.addHook('onRequest', access.require('read'));
      takeForms(api);
      await queryRoutes(api, options);
      await labelRoutes(api, options);
      api.get('/status/buildinfo', () => ({
        status: 'success',
        data: {
          application: 'Sentio',
          version: VERSION,
          revision: '',
          branch: '',
          buildUser: '',
          buildDate: '',
          goVersion: '',
        },
      }));
      await exemplarRoute(api, options);
    },
    { prefix: PREFIX },
  );
}
