import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from './cleanup.js';
import { eventually } from './wait.js';

/** How a process ended: by itself with a code, or by a signal. */
interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process of the test, killed when the test ends at the latest. */
export interface Child {
  readonly pid: number;
  /** What it has printed so far, line by line. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  readonly exited: Promise<Exit>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL if that has not worked after ten seconds. */
  stop(): Promise<Exit>;
}

const STOP_TIMEOUT_MS = 10_000;
const living = new Set<ChildProcess>();
// A test file that is itself cut short must not leave servers behind.
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Starts a program and keeps what it prints. */
export function startChild(
  cleanup: Cleanup,
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Child {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  living.add(child);
  const lines = { stdout: [] as string[], stderr: [] as string[] };
  createInterface({ input: child.stdout }).on('line', (line) => lines.stdout.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => lines.stderr.push(line));
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  }).finally(() => living.delete(child));
  exited.catch(() => {});
  const running = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined;
  const stop = async () => {
    if (running()) child.kill('SIGTERM');
    const timeout = new AbortController();
    const late = sleep(STOP_TIMEOUT_MS, undefined, { signal: timeout.signal, ref: false }).then(
      () => running() && child.kill('SIGKILL'),
      () => {},
    );
    const exit = await exited;
    timeout.abort();
    await late;
    return exit;
  };
  cleanup.add(stop);
  return {
    pid: child.pid ?? Number.NaN,
    ...lines,
    exited,
    signal: (signal) => {
      if (running()) child.kill(signal);
    },
    stop,
  };
}

/** Waits until `url` answers 200; fails at once, with the last lines it printed, if the process ends before. */
export async function untilReady(child: Child, url: string, deadlineMs = 90_000): Promise<void> {
  let exit: Exit | undefined;
  void child.exited.then((value) => {
    exit = value;
  });
  await eventually(
    `${url} answers 200`,
    async () => {
      if (exit !== undefined) return 'ended' as const;
      const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
      await response.arrayBuffer();
      return response.status === 200 && ('ready' as const);
    },
    { deadlineMs, intervalMs: 50 },
  );
  if (exit !== undefined) {
    const last = [...child.stdout, ...child.stderr].slice(-20).join('\n');
    throw new Error(`The process for ${url} ended (code ${exit.code}, signal ${exit.signal}):\n${last}`);
  }
}
