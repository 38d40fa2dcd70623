import diagnostics from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { Registry } from 'prom-client';
import { Service } from '#src/cli/service.js';
import { defaultConfig, parseConfig } from '#src/config/load.js';
import { createRegistry } from '#src/lib/metrics/registry.js';

/** A route of the server; one for every method refuses all but POST, and is given as that. */
interface Route {
  readonly method: string;
  readonly url: string;
}

export interface WholeService {
  readonly url: string;
  readonly registry: Registry;
  /** Every route the server registered, in order. */
  readonly routes: readonly Route[];
  readonly close: () => Promise<unknown>;
}

/** Removed when the process ends: each service writes its last snapshot as it closes, and the next one may have the same folder. */
const folders = new Set<string>();
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/**
 * Starts the service with everything that can be switched on, on a free port; `yaml` is its configuration. What it keeps is in a
 * folder of its own, unless `storage` is one.
 */
export async function startWholeService(t: TestContext, yaml: string, storage?: string): Promise<WholeService> {
  const routes: Route[] = [];
  const listen = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      routes.push({ method: Array.isArray(method) ? 'POST' : method, url });
    });
  };
  diagnostics.subscribe('fastify.initialization', listen);
  t.after(() => diagnostics.unsubscribe('fastify.initialization', listen));
  const storagePath = storage ?? mkdtempSync(join(tmpdir(), 'sentio-whole-'));
  folders.add(storagePath);
  const registry = createRegistry({ version: '0' });
  const service = new Service({
    config: parseConfig(yaml, '.'),
    listen: { host: '127.0.0.1', port: 0 },
    enableLifecycle: true,
    storagePath,
    // Why an answer was an internal error is nowhere else.
    log: pino({ level: 'error', base: null }, { write: (line) => t.diagnostic(line.trim()) }),
    registry,
    readConfig: defaultConfig,
  });
  t.after(() => service.close());
  const port = await service.start();
  return { url: `http://127.0.0.1:${port}`, registry, routes, close: () => service.close() };
}
