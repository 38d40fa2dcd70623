import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, formatProblem } from '#src/config/document/problems.js';
import { loadConfig } from '#src/config/load.js';

// Seen from dist-test/config/, where this file is run.
const TESTDATA = join(import.meta.dirname, '../../test/config/testdata');

/** Folder of the files that must load. */
export const GOOD = join(TESTDATA, 'good');
/** Folder of the files that must not; the comments at their top are the problems to be told, one a line. */
export const BAD = join(TESTDATA, 'bad');

export function yamlFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.yml'));
}

export function expectedProblems(path: string): string[] {
  const [head = ''] = /^(# .*\n)*/.exec(readFileSync(path, 'utf8'))!;
  return head
    .split('\n')
    .filter(Boolean)
    .map((line) => line.slice(2));
}

/** What `loadConfig` says about a file, paths relative to its folder; nothing where it takes the file. */
export function foundProblems(path: string): string[] {
  try {
    loadConfig(path);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => formatProblem(problem).replaceAll(join(path, '..', '/'), ''));
  }
}
