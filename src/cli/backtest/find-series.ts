import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A file and what its series is called. */
export interface SeriesFile {
  readonly path: string;
  readonly name: string;
}

/**
 * The CSV files that the paths name: a file stands for itself, a folder for all below it. A series is called by its path
 * below the folder given, without the ending. In order of their names.
 */
export function findSeries(paths: readonly string[]): SeriesFile[] {
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: 'utf8' })
          .filter((below) => below.endsWith('.csv') && below !== 'MANIFEST.csv')
          .map((below) => ({ path: join(path, below), name: below.slice(0, -'.csv'.length) }))
      : [{ path, name: basename(path, '.csv') }],
  );
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}
