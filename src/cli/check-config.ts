import type { Config } from '../config/config.js';
import { ConfigError, formatProblem } from '../config/document/problems.js';
import { loadConfig } from '../config/load.js';
import { configWarnings } from '../config/warnings.js';
import { loadWebConfig } from '../config/web-config.js';

interface Output {
  write(text: string): unknown;
}

/**
 * The command `check-config`: prints to `out` whether Sentio would run with this file, like
 * `promtool check config`. Returns the exit code: 0, or 1 with every problem listed.
 */
export function checkConfig(path: string, out: Output): 0 | 1 {
  return check(path, out, () => {
    const config = loadConfig(path);
    for (const warning of configWarnings(config)) out.write(`  WARNING: ${warning}\n`);
    return `a valid Sentio configuration: ${countParts(config)}`;
  });
}

/** The same for a file for `--web.config.file`, as `promtool check web-config`. */
export function checkWebConfig(path: string, out: Output): 0 | 1 {
  return check(path, out, () => {
    const { tls, users } = loadWebConfig(path);
    return `a valid web configuration: ${tls === undefined ? 'no TLS' : 'TLS'}, ${plural(Object.keys(users).length, 'user')}`;
  });
}

function check(path: string, out: Output, describe: () => string): 0 | 1 {
  out.write(`Checking ${path}\n`);
  try {
    out.write(` SUCCESS: ${path} is ${describe()}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    out.write(`  FAILED: ${plural(error.problems.length, 'problem')}\n`);
    for (const problem of error.problems) out.write(`    ${formatProblem(problem, path)}\n`);
    return 1;
  }
}

function countParts({ rules, remoteWrite, remoteRead }: Config): string {
  const queries = rules.filter(({ query }) => query !== undefined).length;
  return [
    plural(rules.length - queries, 'rule'),
    ...(queries === 0 ? [] : [plural(queries, 'query', 'queries')]),
    plural(remoteWrite.length, 'remote_write target'),
    plural(remoteRead.length, 'remote_read source'),
  ].join(', ');
}

function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}
