import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { UsageError } from '../../lib/errors.js';

const NAME = 'sentio.lock';

/**
 * Keeps a folder for this process until what is returned is called. Throws `UsageError` where another process has it.
 *
 * The lock is a socket on which the process listens: it tells by itself whether its owner is alive, from another container
 * too, and a process that was killed leaves none behind that counts. Where the file system has no sockets, nobody is kept
 * out.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, NAME);
  for (;;) {
    const server = createServer((socket) => socket.destroy());
    try {
      server.listen(path);
      await once(server, 'listening');
      server.unref();
      return () => new Promise((resolve) => server.close(() => resolve()));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return async () => {};
    }
    if (await isAlive(path)) throw new UsageError('another Sentio uses this folder');
    await rm(path, { force: true });
  }
}

/** Whether somebody listens on the socket. */
async function isAlive(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== 'ECONNREFUSED' && code !== 'ENOENT';
  } finally {
    socket.destroy();
  }
}
