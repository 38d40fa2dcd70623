import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ConfigError, formatProblem } from '../config/document/problems.js';
import { defaultConfig, loadConfig } from '../config/load.js';
import { parseBytes } from '../lib/bytes.js';
import { UsageError } from '../lib/errors.js';
import { createRegistry } from '../lib/metrics/registry.js';
import { VERSION } from '../lib/version.js';
import { RECEIVER_DEFAULTS } from '../model/settings/receiver.js';
import { loadConfigInThread } from './config-thread.js';
import { parseExternalUrl } from './flags/external-url.js';
import { defaultListenAddress, listenFailure, parseListenAddress } from './flags/listen-address.js';
import { createLogger, type LogSettings } from './log.js';
import { connectionRoom, descriptorsOf, parseMaxConnections } from './process/connection-limit.js';
import { exitNow } from './process/exit-now.js';
import { defaultBudgetBytes, MemoryBudget } from './process/memory-budget.js';
import { nextSignal } from './process/next-signal.js';
import { Service } from './service.js';
import { WebConfig } from './web-config.js';

export interface ServeFlags {
  readonly configFile: string | undefined;
  /** Without it, every interface or this machine alone: see `defaultListenAddress`. */
  readonly listenAddress: string | undefined;
  readonly externalUrl: string | undefined;
  readonly webConfigFile: string | undefined;
  readonly enableLifecycle: boolean;
  readonly maxConnections: string;
  readonly storagePath: string | undefined;
  /** In bytes, 0 for none; without it a share of what the cgroup or the machine has. */
  readonly memoryBudget: string | undefined;
  readonly log: LogSettings;
}

/** Longest a stop may take: SIGKILL usually comes 10 s after SIGTERM. */
const STOP_DEADLINE_MS = 9_000;
/** The same where a snapshot is written: a large one takes its time, and killed in the middle it leaves the one before. */
const STOP_WITH_SNAPSHOT_DEADLINE_MS = 60_000;

/** A start that is abandoned takes some milliseconds to end, unless its disk hangs. */
const ABANDON_MS = 1_000;

/**
 * Runs the service until SIGTERM or SIGINT; SIGHUP reloads the configuration. Returns the exit code: 1 where it could not
 * start, or did not write its last snapshot. A signal that comes while it starts ends the process at once, with 0,
 * or by the signal itself where the disk hangs.
 */
export async function serve(flags: ServeFlags): Promise<number> {
  const log = createLogger(flags.log);
  const { configFile, webConfigFile, storagePath } = flags;
  // Listened for from the beginning: process 1 of a container misses every signal that nobody listens for.
  const stopSignal = nextSignal('SIGTERM', 'SIGINT');
  let service: Service;
  let listenAddress = flags.listenAddress ?? '';
  try {
    const memory = new MemoryBudget(parseMemoryBudget(flags.memoryBudget));
    const machine = { max_series: memory.seriesRoom(RECEIVER_DEFAULTS.maxSeries) };
    const config = configFile === undefined ? defaultConfig(machine) : loadConfig(configFile, machine);
    const web =
      webConfigFile === undefined ? undefined : await openWebConfig(webConfigFile, log.child({ room: 'http' }));
    listenAddress = flags.listenAddress ?? defaultListenAddress(config.receiver, web?.asksEverybody ?? false);
    const listen = parseListenAddress(listenAddress);
    const wanted = parseMaxConnections(flags.maxConnections);
    const descriptors = descriptorsOf();
    const maxConnections = connectionRoom(wanted, descriptors);
    if (maxConnections < wanted) {
      log.warn(
        { wanted, maxConnections, ...descriptors },
        'fewer connections are let in: file descriptors are limited',
      );
    }
    const registry = createRegistry({ version: VERSION });
    service = new Service({
      config,
      listen,
      ...(flags.externalUrl !== undefined && { externalUrl: parseExternalUrl(flags.externalUrl) }),
      web,
      enableLifecycle: flags.enableLifecycle,
      maxConnections,
      storagePath,
      memory,
      log,
      registry,
      readConfig: () => (configFile === undefined ? config : loadConfigInThread({ path: configFile, machine })),
    });
    log.info({ version: VERSION, configFile }, 'starting sentio');
    if (flags.listenAddress === undefined && listen.host === '127.0.0.1') {
      log.info(
        { listenAddress },
        'only this machine can reach Sentio, because not every request needs a login: --web.listen-address changes that',
      );
    }
    const starting = service.start();
    const signal = await Promise.race([starting, stopSignal]);
    if (typeof signal === 'string') {
      log.warn({ signal }, 'stopped during the start: nothing was served, and the snapshot on disk is unchanged');
      // Loading that is under way would keep the process alive.
      service.abandonStart();
      await Promise.race([starting.catch(() => {}), sleep(ABANDON_MS)]);
      exitNow(0);
    }
  } catch (error) {
    logStartError(log, error, { configFile, listenAddress });
    return 1;
  }
  process.on('SIGHUP', () => {
    // Logged where it failed; the service keeps its configuration.
    service.reload().catch(() => {});
  });
  const signal = await stopSignal;
  log.info({ signal }, 'stopping');
  const deadlineMs = storagePath === undefined ? STOP_DEADLINE_MS : STOP_WITH_SNAPSHOT_DEADLINE_MS;
  const deadline = setTimeout(() => {
    log.error('shutdown deadline expired: exiting');
    exitNow(1);
  }, deadlineMs);
  const isSaved = await service.close();
  clearTimeout(deadline);
  if (!isSaved) {
    log.error('stopped, but the last snapshot could not be written: samples since the previous one are lost');
    return 1;
  }
  log.info('stopped');
  return 0;
}

/** Rejects with `UsageError`, with everything that is wrong with the file. */
async function openWebConfig(path: string, log: Logger): Promise<WebConfig> {
  try {
    return await WebConfig.open(path, log);
  } catch (cause) {
    const problems =
      cause instanceof ConfigError
        ? cause.problems.map((problem) => formatProblem(problem, path))
        : [(cause as Error).message];
    throw new UsageError(`Cannot use --web.config.file: ${problems.join('; ')}`, { cause });
  }
}

function parseMemoryBudget(text: string | undefined): number {
  if (text === undefined) return defaultBudgetBytes();
  try {
    return parseBytes(text);
  } catch (cause) {
    throw new UsageError(`Cannot use --memory.budget: ${(cause as Error).message}`, { cause });
  }
}

/** Says what is wrong in words a person can act on; a stack only where the fault is ours. */
function logStartError(
  log: Logger,
  error: unknown,
  { configFile, listenAddress }: { configFile: string | undefined; listenAddress: string },
): void {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) log.error(formatProblem(problem, configFile));
    log.fatal('cannot start: the configuration is invalid');
    return;
  }
  const message = error instanceof UsageError ? error.message : listenFailure(error, listenAddress);
  if (message === undefined) log.fatal({ err: error }, 'cannot start');
  else log.fatal(message);
}
