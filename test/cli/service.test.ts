import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Service } from '#src/cli/service.js';
import { defaultConfig } from '#src/config/load.js';
import { eventually } from '../harness/wait.js';

test('Service.start() leaves nothing running where it cannot listen', async (t) => {
  const occupant = createServer().listen(0, '127.0.0.1');
  t.after(() => occupant.close());
  await once(occupant, 'listening');
  const { port } = occupant.address() as AddressInfo;
  const service = new Service({
    config: defaultConfig(),
    listen: { host: '127.0.0.1', port },
    enableLifecycle: false,
    log: pino({ level: 'silent' }),
    registry: new Registry(),
    readConfig: defaultConfig,
  });
  t.after(() => service.close());
  await assert.rejects(service.start(), { code: 'EADDRINUSE' });
  // What would keep the process alive: the engine's timers, and the workers of the pool, which take a moment to end.
  const running = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind === 'MessagePort');
  await eventually('nothing of it runs any more', () => running().length === 0, { intervalMs: 20 });
});
