import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createServer, type ServerOptions } from '#src/http/server.js';
import { RECEIVER_DEFAULTS, type ReceiverSettings } from '#src/model/settings/receiver.js';
import { RecordingSink } from '../wire/recording-sink.js';
import { makeAccess } from './access-fixture.js';

export interface Fixture {
  readonly app: FastifyInstance;
  readonly sink: RecordingSink;
  readonly registry: Registry;
  /** Log lines so far. */
  readonly logged: string[];
}

/** A server in front of a recording sink; closed when the test ends. */
export function makeServer(
  test: TestContext,
  settings: Partial<ReceiverSettings> = {},
  options: Partial<ServerOptions> & { sink?: RecordingSink } = {},
): Fixture {
  const logged: string[] = [];
  const sink = options.sink ?? new RecordingSink();
  const registry = new Registry();
  const app = createServer({
    store: sink,
    settings: { ...RECEIVER_DEFAULTS, ...settings },
    access: makeAccess(settings),
    log: pino({ level: 'debug' }, { write: (line) => logged.push(line) }),
    registry,
    now: () => 0,
    ready: () => undefined,
    ...options,
  });
  test.after(() => app.close());
  return { app, sink, registry, logged };
}

/** Listens on a free port of the loopback interface. */
export async function listen(app: FastifyInstance): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
}
