import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Config } from '../config/config.js';
import { ConfigError } from '../config/document/problems.js';
import { deepFreeze } from '../lib/deep-freeze.js';
import type { ConfigPiece, ConfigTask } from './config-worker.js';

/** A file of 8 MiB is read in a few seconds; a disk that hangs for longer than this is given up. */
const TIMEOUT_MS = 60_000;

/**
 * As `loadConfig`, in a thread of its own: a file of 20,000 rules takes seconds. The result comes in pieces, so that taking it
 * over holds nothing up either.
 */
export async function loadConfigInThread(task: ConfigTask): Promise<Config> {
  const worker = new Worker(new URL('config-worker.js', import.meta.url), { workerData: task });
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const next = async (): Promise<ConfigPiece> => {
    worker.postMessage('next');
    const [piece] = await once(worker, 'message', { signal }).catch((cause: Error) => {
      if (!signal.aborted) throw cause;
      throw new ConfigError([{ path: '', message: `cannot read the file: it took more than ${TIMEOUT_MS / 1000} s` }]);
    });
    return deepFreeze(piece);
  };
  const rules: Config['rules'][number][] = [];
  const effective: Config['effective']['rules'][number][] = [];
  let config: Config | undefined;
  try {
    for (let piece = await next(); piece !== 'end'; piece = await next()) {
      if ('problems' in piece) throw new ConfigError(piece.problems);
      if ('config' in piece) {
        ({ config } = piece);
        continue;
      }
      rules.push(...piece.rules);
      effective.push(...piece.effective);
    }
  } finally {
    // Not waited for: where the disk hangs, so does the thread.
    void worker.terminate();
    worker.unref();
  }
  return Object.freeze({ ...config!, rules, effective: { ...config!.effective, rules: effective } });
}
