import { readTextFile } from '../../lib/files/read-text-file.js';
import { MAX_SECRET_BYTES } from '../../lib/files/secret.js';
import type { Path, Problem } from './problems.js';
import type { Source } from './source.js';

/** Collects the problems of a file while its parts are resolved, so that all are reported at once. */
export interface Review {
  report(path: Path, message: string): void;
  /** The first of these paths that the file itself has. */
  firstPresent(paths: readonly Path[]): Path;
  /** The text of the file that the key at `path` names, without space around it; reported and empty where there is none. */
  readText(path: Path, file: string, maxBytes?: number): string;
}

export function startReview(source: Source, problems: Problem[]): Review {
  const report = (path: Path, message: string) => {
    problems.push(source.problem(path, message));
  };
  return {
    report,
    firstPresent: (paths) => paths.find((path) => source.has(path)) ?? paths[0]!,
    readText(path, file, maxBytes = MAX_SECRET_BYTES) {
      let text = '';
      try {
        text = readTextFile(file, maxBytes).trim();
      } catch (cause) {
        report(path, `cannot read the file: ${(cause as Error).message}`);
        return '';
      }
      if (text === '') report(path, `the file ${file} is empty`);
      return text;
    },
  };
}
