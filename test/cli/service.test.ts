import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Service } from '#src/cli/service.js';
import { defaultConfig, parseConfig } from '#src/config/load.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
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

test('a reload of thousands of rules over thousands of series lets others in, who find each series by one of both', async (t) => {
  const yamlOf = (name: string, step: string) =>
    Array.from({ length: 2_000 }, (_, i) => `  - {name: ${name}${i}, match: [m${i}], step: ${step}}\n`).join('');
  const before = parseConfig(`rules:\n${yamlOf('before', '30s')}`, '.');
  const after = parseConfig(`rules:\n${yamlOf('after', '1m')}`, '.');
  const service = new Service({
    config: before,
    listen: { host: '127.0.0.1', port: 0 },
    enableLifecycle: false,
    log: pino({ level: 'silent' }),
    registry: new Registry(),
    readConfig: async () => after,
  });
  t.after(() => service.close());
  await service.start();
  const { store } = service;
  const add = (name: string) => {
    const block = encodeLabelBlock(makeLabels({ __name__: name }));
    return store.append(store.resolve(block, 0, block.length), Date.now(), 1);
  };
  store.beginRequest(Date.now());
  for (let i = 1; i < 2_000; i++) add(`m${i}`);
  const rules = () => Array.from(store.ids(), (id) => store.rule(id));
  assert.ok(rules().every((rule) => before.rules.includes(rule)));

  const states = new Set<string>();
  let isDone = false;
  const others = (async () => {
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      const of = (config: typeof before) => rules().filter((rule) => config.rules.includes(rule)).length;
      const [old, fresh] = [of(before), of(after)];
      assert.equal(old + fresh, store.size);
      states.add(old === 0 ? 'after' : fresh === 0 ? 'before' : 'between');
    }
  })();
  await service.reload();
  isDone = true;
  await others;
  assert.ok(states.has('between'), [...states].join());
  assert.ok(rules().every((rule) => after.rules.includes(rule)));
  add('m0');
  assert.ok(after.rules.includes(rules()[1_999]!), 'what comes has the new rules');
});
