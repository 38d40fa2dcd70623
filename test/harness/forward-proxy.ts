import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Cleanup } from './cleanup.js';

export interface ForwardProxy {
  readonly url: string;
  /** `METHOD host:port` of what it was asked to pass on, `CONNECT` among them, and the headers of each. */
  readonly passed: string[];
  readonly headers: IncomingHttpHeaders[];
}

/**
 * A forward proxy that passes everything on to `address` (`host:port`), whatever name it is asked for; tunnels to the
 * loopback ports that `tunnels` has by `host:port`.
 */
export async function startForwardProxy(
  cleanup: Cleanup,
  address: string,
  tunnels: Readonly<Record<string, number>> = {},
): Promise<ForwardProxy> {
  const [host, port] = address.split(':') as [string, string];
  const passed: string[] = [];
  const seen: IncomingHttpHeaders[] = [];
  const proxy = createServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    const target = new URL(url);
    passed.push(`${method} ${target.host}`);
    seen.push(headers);
    const path = target.pathname + target.search;
    const forwarded = request({ host, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  proxy.on('connect', ({ url = '', headers }, socket) => {
    passed.push(`CONNECT ${url}`);
    seen.push(headers);
    const upstream = connect(tunnels[url] ?? 0, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    for (const end of [socket, upstream]) end.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  cleanup.add(() => {
    proxy.closeAllConnections();
    return new Promise((resolve) => proxy.close(resolve));
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, passed, headers: seen };
}
