import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Engine } from '../engine/engine.js';
import type { ExemplarStore } from '../exemplars/exemplar-store.js';
import type { Access } from '../http/access/access.js';
import { alarmsRoute } from '../http/api/alarms-route.js';
import { exclusionRoutes } from '../http/api/exclusions/exclusion-routes.js';
import { explainRoute } from '../http/api/explain/explain-route.js';
import { incidentRoutes } from '../http/api/incidents/incident-routes.js';
import type { PageJson } from '../http/api/json/page.js';
import { markersRoute } from '../http/api/markers-route.js';
import { pageRoute } from '../http/api/page-route.js';
import { previewRoute } from '../http/api/preview/preview-route.js';
import { seriesRoutes } from '../http/api/series-routes.js';
import { configRoute } from '../http/config-route.js';
import { prometheusRoutes } from '../http/prometheus/prometheus-routes.js';
import { readRoute } from '../http/read/read-route.js';
import { Reads } from '../http/request/reads.js';
import { PAGE_FOLDER, uiRoute } from '../http/ui-route.js';
import type { ReceiverSettings } from '../model/settings/receiver.js';
import type { Previews } from '../preview/previews.js';
import type { Arrivals } from './arrivals.js';

/** What the routes answer from. `page` and `configYaml` are called at each request. */
interface RouteParts {
  readonly engine: Engine;
  readonly exemplars: ExemplarStore;
  readonly previews: Previews;
  readonly arrivals: Arrivals;
  readonly access: Access;
  readonly receiver: ReceiverSettings;
  readonly page: () => PageJson;
  /** The configuration as YAML, without secrets, in pieces. */
  readonly configYaml: () => Iterable<string>;
  readonly registry: Registry;
  readonly now: () => number;
}

/** Registers every route that reads what the service knows, or changes it for a person. */
export function registerRoutes(server: FastifyInstance, parts: RouteParts): void {
  const { engine, exemplars, previews, arrivals, access, receiver, registry, now } = parts;
  const { queries, exclusions } = engine;
  server.register(readRoute, {
    read: (query, budget) => queries.forecasts.read(query, budget),
    access,
    settings: receiver,
    registry,
  });
  const reads = new Reads(registry);
  server.register(seriesRoutes, { queries, unmatched: () => arrivals.unmatched, access, reads, now });
  server.register(incidentRoutes, { queries, access, reads, now });
  server.register(markersRoute, { queries, access, reads, now });
  server.register(alarmsRoute, { queries, access, reads, now });
  server.register(exclusionRoutes, { exclusions, queries, access, reads, now });
  server.register(pageRoute, { access, page: parts.page });
  server.register(explainRoute, { queries, exemplars, access, reads, now });
  server.register(previewRoute, { queries, access, reads, now, previews });
  server.register(prometheusRoutes, { instants: queries.instants, exemplars, limits: receiver, access, reads, now });
  server.register(uiRoute, { access, folder: PAGE_FOLDER });
  server.register(configRoute, { access, reads, yaml: parts.configYaml });
}
