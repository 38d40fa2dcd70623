import assert from 'node:assert/strict';
import dns from 'node:dns';
import { test } from 'node:test';
import Fastify from 'fastify';
import { MACHINE } from '#src/cli/process/surroundings.js';

test('a server listens on one address of a name that has several', async (t) => {
  t.mock.method(dns, 'lookup', (host: string, ...rest: unknown[]) => {
    const done = rest.at(-1) as (error: null, address: unknown, family?: number) => void;
    const addresses = (host === 'localhost' ? ['127.0.0.1', '127.0.0.2'] : [host]).map((address) => ({
      address,
      family: 4,
    }));
    const { all } = rest[0] as { all?: boolean };
    process.nextTick(() => (all === true ? done(null, addresses) : done(null, addresses[0]!.address, 4)));
  });
  const server = Fastify();
  t.after(() => server.close());
  await MACHINE.listen(server, { host: 'localhost', port: 0 });
  assert.equal(server.addresses().length, 1);
});
