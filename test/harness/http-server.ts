import { createServer, type RequestListener } from 'node:http';
import type { Cleanup } from './cleanup.js';

/** Serves HTTP on a free loopback port until the test ends; returns `host:port`. */
export async function startHttpServer(cleanup: Cleanup, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  cleanup.add(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The HTTP server has no port');
  return `127.0.0.1:${address.port}`;
}
