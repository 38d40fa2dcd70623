import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Child, startChild, untilReady } from './child.js';
import { type Cleanup, temporaryFolder } from './cleanup.js';
import { onLoopback, type Place } from './place.js';
import { freePort } from './port.js';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');

/** A running `sentio serve`. */
export interface Sentio {
  readonly url: string;
  readonly writeUrl: string;
  /** The process of now: another one after `restart`. */
  readonly process: Child;
  /** Starts it again, on the same port and configuration file, after `process` has ended. */
  restart(): Promise<void>;
  /** Its configuration file, to be rewritten before a reload. */
  readonly configFile: string;
}

/** Runs any `sentio` command to its end or until the test ends. */
export function startCommand(
  cleanup: Cleanup,
  args: readonly string[],
  {
    env = {},
    cwd = process.cwd(),
    within = [],
  }: { env?: NodeJS.ProcessEnv; cwd?: string; within?: readonly string[] } = {},
): Child {
  const [command, ...before] = [...within, process.execPath];
  return startChild(cleanup, command!, [...before, MAIN, ...args], { env: { ...process.env, ...env }, cwd });
}

export interface SentioOptions {
  /** Its port, where a peer has to know it first. */
  readonly port?: number;
  /** Instead of a port on loopback. */
  readonly place?: Place;
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts `sentio serve` with this configuration (JSON is YAML) and waits until it is ready. */
export async function startSentio(
  cleanup: Cleanup,
  configuration: object,
  options: SentioOptions = {},
): Promise<Sentio> {
  const configFile = join(await temporaryFolder(cleanup), 'sentio.yml');
  await writeFile(configFile, JSON.stringify(configuration, undefined, 2));
  const { flags = [], env = {} } = options;
  const { command, listenAddress, address } = options.place ?? onLoopback(options.port ?? (await freePort()));
  const url = `http://${address}`;
  const start = async () => {
    const child = startCommand(cleanup, [...serveArguments(configFile, listenAddress), ...flags], {
      env,
      within: command,
    });
    await untilReady(child, `${url}/-/ready`);
    return child;
  };
  let process = await start();
  return {
    url,
    writeUrl: `${url}/api/v1/write`,
    configFile,
    get process() {
      return process;
    },
    restart: async () => {
      process = await start();
    },
  };
}

/** The command line of a server; its log is JSON, a line an event. */
export function serveArguments(configFile: string, address: string): string[] {
  return ['serve', `--config.file=${configFile}`, `--web.listen-address=${address}`, '--log.format=json'];
}

/** Events of a JSON log at level `warn` or above (pino: 40). */
export function warnings(child: Child): string[] {
  return [...child.stdout, ...child.stderr].filter((line) => /"level":([456]0|"(warn|error|fatal)")/.test(line));
}

/**
 * The warnings but for those of a target that was still starting: Sentio is always there first, to take in the past, and
 * Prometheus says 503 to all until it has read its write-ahead log.
 */
export function troubles(child: Child): string[] {
  return warnings(child).filter((line) => !/ECONNREFUSED|HTTP 503: Service Unavailable/.test(line));
}
