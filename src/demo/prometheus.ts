import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { OWN_OUTPUT } from '../model/settings/synthetic.js';

/** A Prometheus of the demo's own, in a temporary folder. */
export interface DemoPrometheus {
  readonly url: string;
  /** Resolves once it has ended, with how: its doing, or that of `stop`. */
  readonly ended: Promise<string>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** The `prometheus` binary on PATH, if there is one. */
export function findPrometheus(): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'prometheus'))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Starts Prometheus wired to Sentio: it scrapes the workload every second and streams it on. `port` is chosen by the
 * caller, because Sentio must know where to write before Prometheus runs. Rejects with the end of its log if it does not
 * get ready.
 */
export async function startPrometheus(options: {
  binary: string;
  port: number;
  workloadPort: number;
  sentioUrl: string;
}): Promise<DemoPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'sentio-demo-'));
  const configFile = join(folder, 'prometheus.yml');
  await writeFile(configFile, stringify(prometheusConfig(options)));
  const url = `http://127.0.0.1:${options.port}`;
  const child = spawn(
    options.binary,
    [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${options.port}`,
      '--web.enable-remote-write-receiver',
      '--log.level=warn',
    ],
    // A group of its own: Ctrl-C in the terminal reaches the demo alone, which then ends Prometheus in order.
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-2000);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : signal));
  });
  const stop = async () => {
    await endProcess(child);
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 100; tries++) {
    if (child.exitCode !== null) break;
    const response = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (response?.ok) return { url, ended, stop };
    await sleep(100);
  }
  await stop();
  throw new Error(`Prometheus did not get ready:\n${log}`);
}

/** A port of the loopback interface that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('Cannot find a free port');
  return address.port;
}

function prometheusConfig({ workloadPort, sentioUrl }: { workloadPort: number; sentioUrl: string }): unknown {
  return {
    global: { scrape_interval: '1s' },
    scrape_configs: [
      {
        job_name: 'demo',
        static_configs: [{ targets: [`127.0.0.1:${workloadPort}`], labels: { instance: 'demo' } }],
      },
    ],
    remote_write: [
      {
        url: `${sentioUrl}/api/v1/write`,
        queue_config: { batch_send_deadline: '1s' },
        write_relabel_configs: [
          {
            source_labels: ['__name__'],
            regex: OWN_OUTPUT,
            action: 'drop',
          },
        ],
      },
    ],
  };
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const killTimer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(killTimer);
}
