import { BlockList, isIP } from 'node:net';
import type { ProxySettings } from '../../model/settings/endpoint.js';

/** Where a proxy is set that is not in the configuration itself. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy by which `target` is reached, or undefined: directly. As in Go's golang.org/x/net/http/httpproxy, which
 * Prometheus has: an entry of `noProxy` is a host with all below it, `.name` all below alone, an address, a range of
 * addresses (CIDR), each with `:port` if only that is meant, or `*`; and nothing of this machine goes by the environment's
 * proxy. With `url` and without `noProxy`, everything goes by the proxy.
 */
export function proxyFor(target: URL, settings: ProxySettings | undefined, env: Environment): string | undefined {
  if (settings === undefined) return undefined;
  const { url, noProxy } = settings;
  const host = target.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = target.port === '' ? (target.protocol === 'https:' ? '443' : '80') : target.port;
  if (url !== undefined) return isDirect(host, port, noProxy ?? '') ? undefined : url;
  const proxy =
    target.protocol === 'https:' ? (env.https_proxy ?? env.HTTPS_PROXY) : (env.http_proxy ?? env.HTTP_PROXY);
  if (proxy === undefined || proxy === '' || isLoopback(host)) return undefined;
  if (isDirect(host, port, env.no_proxy ?? env.NO_PROXY ?? '')) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function isDirect(host: string, port: string, noProxy: string): boolean {
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && (entry === '*' || matches(host, port, entry)));
}

function matches(host: string, port: string, entry: string): boolean {
  if (entry.includes('/')) return isInRange(host, entry);
  const [, bracketed, plain = '', wantedPort] = /^(?:\[([^\]]+)\]|(.*?))(?::(\d+))?$/.exec(entry) ?? [];
  if (isIP(entry) !== 0) return host === entry;
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const name = bracketed ?? plain.replace(/^\*/, '');
  return name.startsWith('.') ? host.endsWith(name) : host === name || (isIP(name) === 0 && host.endsWith(`.${name}`));
}

function isInRange(host: string, range: string): boolean {
  const [network = '', prefix] = range.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(prefix ?? '')) return false;
  if (Number(prefix) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), type);
  return list.check(host, type);
}
