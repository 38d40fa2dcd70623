import { UsageError } from '../../lib/errors.js';
import type { ReceiverSettings } from '../../model/settings/receiver.js';

const PORT = 9201;

/**
 * Where Sentio listens unless a flag says so: on every interface if it wants a login of everybody, by its configuration or
 * by that of the web (`webAsks`), else on this machine alone.
 */
export function defaultListenAddress(
  { writers, readers }: Pick<ReceiverSettings, 'writers' | 'readers'>,
  webAsks: boolean,
): string {
  return webAsks || (writers.length > 0 && readers.length > 0) ? `0.0.0.0:${PORT}` : `127.0.0.1:${PORT}`;
}

/**
 * Reads `host:port`, `:port` (every interface) or `[ipv6]:port`, as Prometheus writes addresses. Port 0 means any free one.
 * Throws `UsageError` for anything else.
 */
export function parseListenAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    throw new UsageError(`Cannot listen on "${text}": must be host:port, for example 127.0.0.1:9201`);
  }
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port };
}

/** Why a server cannot listen, by the codes of the system. */
const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is already in use',
  EADDRNOTAVAIL: 'no interface of this machine has that address',
  EACCES: 'not permitted: ports below 1024 are for root, unless the system says otherwise',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name server does not answer',
};

/** What an error of `listen` says in words, with `address` as it was asked for; undefined for every other error. */
export function listenFailure(error: unknown, address: string): string | undefined {
  const { code = '', syscall } = error as NodeJS.ErrnoException;
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return undefined;
  return `Cannot listen on ${address}: ${LISTEN_ERRORS[code] ?? code}`;
}

/** Where this machine reaches what listens there; every interface is reached by the loopback one. */
export function urlOf({ host, port }: { host: string; port: number }): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
