import { chmodSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Server } from 'node:net';

/** Passes connections on from where `from` listens to `to`, each a loopback port or the path of a socket; resolves once it listens. */
export async function startRelay(
  from: number | string,
  to: number | string,
): Promise<{ server: Server; port: number }> {
  const target: NetConnectOpts = typeof to === 'number' ? { port: to, host: '127.0.0.1' } : { path: to };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ ...target, allowHalfOpen: true });
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (typeof from === 'number') server.listen(from, '127.0.0.1', resolve);
    else server.listen(from, resolve);
  });
  if (typeof from === 'string') chmodSync(from, 0o600);
  const address = server.address() as AddressInfo | string;
  return { server, port: typeof address === 'string' ? 0 : address.port };
}

// As a program, in another network namespace: sockets in the file system are the same in all of them.
if (process.argv[1] === import.meta.filename) {
  const [from, to] = process.argv.slice(2).map((text) => (/^\d+$/.test(text) ? Number(text) : text));
  await startRelay(from!, to!);
  console.log('relaying');
}
