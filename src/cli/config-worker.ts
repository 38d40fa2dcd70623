import { parentPort, workerData } from 'node:worker_threads';
import type { Config } from '../config/config.js';
import { ConfigError, type Problem } from '../config/document/problems.js';
import { loadConfig } from '../config/load.js';

/** What is read: see `loadConfig`. */
export interface ConfigTask {
  readonly path: string;
  readonly machine: Parameters<typeof loadConfig>[1];
}

/** What comes back, a piece for each `next`: all but the rules, then some of the rules, until there are no more. */
export type ConfigPiece =
  | { readonly config: Config }
  | { readonly rules: Config['rules']; readonly effective: Config['effective']['rules'] }
  | { readonly problems: readonly Problem[] }
  | 'end';

/** Taken over by the main thread within 10 ms. */
const RULES_A_PIECE = 100;

function* pieces({ path, machine }: ConfigTask): Generator<ConfigPiece> {
  let config: Config;
  try {
    config = loadConfig(path, machine);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    yield { problems: error.problems };
    return;
  }
  const { rules, effective } = config;
  yield { config: { ...config, rules: [], effective: { ...effective, rules: [] } } };
  for (let at = 0; at < Math.max(rules.length, effective.rules.length); at += RULES_A_PIECE) {
    yield {
      rules: rules.slice(at, at + RULES_A_PIECE),
      effective: effective.rules.slice(at, at + RULES_A_PIECE),
    };
  }
}

const answer = pieces(workerData as ConfigTask);
parentPort!.on('message', () => {
  const { value, done } = answer.next();
  parentPort!.postMessage(done === true ? 'end' : value);
});
