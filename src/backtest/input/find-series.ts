import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A file and what its series is called. */
export interface SeriesFile {
  readonly path: string;
  readonly name: string;
}

/** Says what is wrong with one series or file; the others are replayed all the same. */
export interface Failure {
  readonly name: string;
  readonly error: string;
}

/**
 * The CSV files that the paths name: a file for itself, a folder for all files below it. A series is called by its path
 * below the folder given, without the ending. In order of their names.
 */
export function findSeries(paths: readonly string[]): { files: SeriesFile[]; failures: Failure[] } {
  const files: SeriesFile[] = [];
  const failures: Failure[] = [];
  for (const path of paths) {
    try {
      const found = filesAt(path);
      if (found.length === 0)
        failures.push({ name: path, error: `Cannot read ${path}: no CSV file is in this folder` });
      files.push(...found);
    } catch (error) {
      failures.push({ name: path, error: `Cannot read ${path}: ${(error as Error).message}` });
    }
  }
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  const twins = files.filter(({ name }, i) => name === files[i - 1]?.name);
  for (const { path, name } of twins) {
    failures.push({
      name,
      error: `Cannot replay ${path}: another file is called ${name} too; give the folder above both`,
    });
  }
  return { files: files.filter((file) => !twins.includes(file)), failures };
}

function filesAt(path: string): SeriesFile[] {
  if (!statSync(path).isDirectory()) return [{ path, name: basename(path, '.csv') }];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((below) => below.endsWith('.csv') && basename(below) !== 'MANIFEST.csv')
    .map((below) => ({ path: join(path, below), name: below.slice(0, -'.csv'.length) }));
}
