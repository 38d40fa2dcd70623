import { lookup } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { SnapshotDisk } from '../../engine/snapshot/snapshot-file.js';
import { FitPool, type FitPoolOptions } from '../../forecast/pool/fit-pool.js';
import type { OpenPool } from '../../remote/http/exchange.js';

/** What of the world outside the service reaches for by itself: a simulation puts its own in its place. */
export interface Surroundings {
  /** The clock, in Unix milliseconds. */
  readonly now: () => number;
  /** Connections to other servers; undici's by default. */
  readonly openPool?: OpenPool;
  /** Where snapshots are kept; the machine's by default. */
  readonly disk?: SnapshotDisk;
  /** Has the server listen; resolves with its port. */
  readonly listen: (server: FastifyInstance, address: { host: string; port: number }) => Promise<number>;
  readonly startFitPool: (options: FitPoolOptions) => Pick<FitPool, 'fit' | 'close'>;
}

/**
 * Connections that the kernel accepts while the process is at other work, as far as `net.core.somaxconn` lets it: one more would
 * be tried again after a second, and that may be a probe of `/-/healthy`. Node's default is 511.
 */
const BACKLOG = 4096;

/** The machine as it is. */
export const MACHINE: Surroundings = {
  now: Date.now,
  listen: async (server, { host, port }) => {
    // Fastify listens on every address of `localhost`, by further servers, which have no limit on their connections.
    const { address } = await lookup(host);
    await server.listen({ host: address, port, backlog: BACKLOG });
    return (server.server.address() as AddressInfo).port;
  },
  startFitPool: (options) => new FitPool(options),
};
