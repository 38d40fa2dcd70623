import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { type TestContext, test } from 'node:test';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Service } from '#src/cli/service.js';
import { defaultConfig } from '#src/config/load.js';
import { readText } from '../deploy/repository.js';

/** `METHOD /path` of every route that the whole service registers, without HEAD and without the hashes of assets. */
async function servedRoutes(t: TestContext): Promise<string[]> {
  const routes = new Set<string>();
  const listen = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', (route) => void routes.add(nameOf(route)));
  };
  diagnostics.subscribe('fastify.initialization', listen);
  t.after(() => diagnostics.unsubscribe('fastify.initialization', listen));
  const service = new Service({
    config: defaultConfig(),
    listen: { host: '127.0.0.1', port: 0 },
    enableLifecycle: true,
    log: pino({ level: 'silent' }),
    registry: new Registry(),
    readConfig: defaultConfig,
  });
  t.after(() => service.close());
  await service.start();
  return [...routes].filter((route) => !route.startsWith('HEAD ')).sort();
}

/** Routes that take every method do so to refuse all but POST in their own words. */
function nameOf({ method, url }: RouteOptions): string {
  const name = url.replace(/^\/assets\/.+/, '/assets/*');
  return Array.isArray(method) ? `POST ${name}` : `${method} ${name}`;
}

test('docs/api.md has a section and a row for every route that is served, and for no other', async (t) => {
  const page = readText('docs/api.md');
  const sections = [...page.matchAll(/^## ((?:GET|POST) \S+)$/gm)].map(([, route]) => route).sort();
  const rows = [...page.matchAll(/^\| \[`((?:GET|POST) \S+)`\]/gm)].map(([, route]) => route).sort();
  const served = await servedRoutes(t);
  assert.ok(served.includes('GET /api/v1/series') && served.includes('GET /assets/*'), served.join(', '));
  assert.deepEqual(sections, served);
  assert.deepEqual(rows, served);
});
