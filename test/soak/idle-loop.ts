import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parentPort } from 'node:worker_threads';

/** A thread that does nothing: how late its event loop is, is the machine's doing. For each message it posts its p99 since the last, in ms. */
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
parentPort!.on('message', () => {
  parentPort!.postMessage(delay.percentile(99) / 1e6);
  delay.reset();
});
