import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from '../harness/child.js';
import { type Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { eventually } from '../harness/wait.js';
import { run } from './command.js';

/** What the bridges of the test are called; a `+` stands for any ending in iptables. */
const BRIDGES = 'sentio-test+';

/** A Docker engine of the test's own. */
export interface Engine {
  /** For every command that is to speak with it. */
  readonly env: NodeJS.ProcessEnv;
  readonly socket: string;
  docker(...args: string[]): Promise<string>;
}

/**
 * Starts an engine with its data in a temporary folder. It lives in process and mount namespaces of its own: when it is
 * killed, so is everything that it started, and nothing stays mounted. It writes no firewall rules. Rejects with its log
 * if it does not start.
 */
export async function startEngine(cleanup: Cleanup): Promise<Engine> {
  const folder = await temporaryFolder(cleanup);
  const socket = join(folder, 'docker.sock');
  const configFile = join(folder, 'daemon.json');
  await writeFile(configFile, '{}');
  await letBridgesTalk(cleanup);
  const daemon = startChild(cleanup, 'unshare', [
    ...['--mount', '--mount-proc', '--pid', '--fork', '--kill-child', 'dockerd'],
    ...[`--config-file=${configFile}`, `--data-root=${join(folder, 'data')}`, `--exec-root=${join(folder, 'exec')}`],
    ...[`--pidfile=${join(folder, 'docker.pid')}`, `--host=unix://${socket}`, '--log-level=warn'],
    ...['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-masq=false', '--ip-forward=false'],
  ]);
  // `unshare` itself does not listen to SIGTERM.
  cleanup.add(async () => {
    daemon.signal('SIGKILL');
    await daemon.exited;
  });
  const env = {
    DOCKER_HOST: `unix://${socket}`,
    DOCKER_CONFIG: folder,
    // What there is of build kits depends on the client; the plain builder is in all of them.
    DOCKER_BUILDKIT: '0',
    COMPOSE_DOCKER_CLI_BUILD: '0',
  };
  const docker = (...args: string[]) => run('docker', args, { env });
  try {
    await eventually('the engine answers', () => docker('version'), { deadlineMs: 60_000 });
  } catch (cause) {
    throw new Error(`The engine did not start:\n${daemon.stderr.slice(-20).join('\n')}`, { cause });
  }
  return { env, socket, docker };
}

/** On a machine with a Docker engine of its own, the firewall drops what other bridges forward. */
async function letBridgesTalk(cleanup: Cleanup): Promise<void> {
  const rule = ['FORWARD', '-i', BRIDGES, '-o', BRIDGES, '-j', 'ACCEPT'];
  await run('iptables', ['-I', ...rule]);
  cleanup.add(() => run('iptables', ['-D', ...rule]));
}
