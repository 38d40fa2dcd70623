import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { UsageError } from '../../lib/errors.js';

const NAME = 'sentio.lock';

/**
 * Locks a folder for this process until the function it returns is called. Throws `UsageError` where another process has it.
 *
 * The lock is a socket on which the process listens, so that another process can see whether the owner is alive, also from
 * another container, and the lock of a process that was killed does not count. Where the file system has no sockets, there is
 * no lock.
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
    if (await isAlive(path)) throw new UsageError('another Sentio is using this folder');
    await rm(path, { force: true });
  }
}

/** Whether a process listens on the socket. */
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
