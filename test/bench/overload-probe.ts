import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/** A thread that asks for a URL every 100 ms until a message comes, and posts what each answer took, in ms, ascending. */
const url = workerData as string;
const tookMs: number[] = [];
let isOver = false;
parentPort!.once('message', () => {
  isOver = true;
});
while (!isOver) {
  const started = performance.now();
  const answer = await fetch(url);
  await answer.text();
  tookMs.push(performance.now() - started);
  await sleep(100);
}
parentPort!.postMessage(tookMs.sort((a, b) => a - b));
