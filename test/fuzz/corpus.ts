import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Beside the sources: what is compiled has no corpus. */
export const CORPUS_FOLDER = join(import.meta.dirname, '../../test/fuzz/corpus');

/** The inputs that are kept of a target; faults that were found are among them. */
export function readCorpus(target: string): Uint8Array[] {
  const folder = join(CORPUS_FOLDER, target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name)));
}
