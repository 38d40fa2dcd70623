import { request } from 'node:http';
import type { Cleanup } from './cleanup.js';
import { startHttpServer } from './http-server.js';

export interface ForwardProxy {
  readonly url: string;
  /** `METHOD host:port` of what it was asked to pass on, `CONNECT` among them. */
  readonly passed: string[];
}

/** A forward proxy that passes everything on to `address` (`host:port`), whatever name it is asked for. */
export async function startForwardProxy(cleanup: Cleanup, address: string): Promise<ForwardProxy> {
  const [host, port] = address.split(':') as [string, string];
  const passed: string[] = [];
  const proxy = await startHttpServer(cleanup, (incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    passed.push(`${method} ${new URL(url).host}`);
    const { pathname, search } = new URL(url);
    const forwarded = request({ host, port, method, path: pathname + search, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  return { url: `http://${proxy}`, passed };
}
