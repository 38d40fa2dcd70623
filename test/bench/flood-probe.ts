import { Agent, type RequestOptions, request } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { compress } from '#src/wire/core/snappy.js';
import { WriteWorkload } from './write-workload.js';

/** Between two questions, whether or not the one before is answered. */
const HEALTH_MS = 15;
const WRITE_MS = 100;

/** What was asked, and answered with a status after so many ms; 0 is no answer. */
export interface Answered {
  readonly ms: number;
  readonly status: number;
}

/** What a probe sends at its end. */
export interface Probed {
  readonly health: readonly Answered[];
  readonly writes: readonly Answered[];
  /** The longest delay of the probe's own event loop: what the machine takes of every answer. */
  readonly ownLagMs: number;
}

/**
 * A process that asks the URL of its command line for `/-/healthy`, and sends it good remote-writes, each at its time, until a
 * message comes.
 */
const url = new URL(process.argv[2]!);
process.once('disconnect', () => process.exit());
const agent = new Agent({ keepAlive: true });
const workload = new WriteWorkload(2_000);
const [health, writes]: [Answered[], Answered[]] = [[], []];
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
let waiting = 0;

function ask(answers: Answered[], options: RequestOptions, body?: Uint8Array): void {
  const started = performance.now();
  waiting++;
  let isDone = false;
  const done = (status: number) => {
    if (isDone) return;
    isDone = true;
    waiting--;
    answers.push({ ms: performance.now() - started, status });
  };
  const sent = request(url, { agent, ...options }, (answer) => {
    answer.resume().on('end', () => done(answer.statusCode ?? 0));
    answer.on('close', () => done(0));
  });
  sent.on('error', () => done(0));
  sent.end(body);
}

const timers = [
  setInterval(() => ask(health, { path: '/-/healthy' }), HEALTH_MS),
  setInterval(() => {
    const body = compress(workload.request(0, Date.now()));
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'content-length': body.length,
    };
    ask(writes, { method: 'POST', path: '/api/v1/write', headers }, body);
  }, WRITE_MS),
];

process.once('message', () => {
  for (const timer of timers) clearInterval(timer);
  const end = setInterval(() => {
    if (waiting > 0) return;
    clearInterval(end);
    delay.disable();
    const probed: Probed = { health, writes, ownLagMs: delay.max / 1e6 };
    process.send!(probed, () => process.disconnect());
  }, 5);
});
process.send!('started');
