import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { FLOODS } from './flood-kinds.js';

/** A thread that floods a host once for each message, with what the rest of the machine leaves, and posts the statuses. */
const { kind, host, port } = workerData as { kind: string; host: string; port: number };
// On Linux, of this thread alone.
setPriority(0, constants.priority.PRIORITY_LOW);
parentPort!.on('message', async () => {
  parentPort!.postMessage(await FLOODS[kind]!(host, port));
});
