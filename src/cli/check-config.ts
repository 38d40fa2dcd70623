import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load.js';
import { ConfigError, formatProblem } from '../config/problems.js';

/**
 * The command `check-config`: prints to `out` whether Sentio would run with this file, like
 * `promtool check config`. Returns the exit code: 0, or 1 with every problem listed.
 */
export function checkConfig(path: string, out: { write(text: string): unknown }): 0 | 1 {
  out.write(`Checking ${path}\n`);
  try {
    out.write(` SUCCESS: ${path} is a valid Sentio configuration: ${countParts(loadConfig(path))}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    out.write(`  FAILED: ${plural(error.problems.length, 'problem')}\n`);
    for (const problem of error.problems) out.write(`    ${formatProblem(problem, path)}\n`);
    return 1;
  }
}

function countParts({ rules, remoteWrite, remoteRead }: Config): string {
  return [
    plural(rules.length, 'rule'),
    plural(remoteWrite.length, 'remote_write target'),
    plural(remoteRead.length, 'remote_read source'),
  ].join(', ');
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
