import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readText, repositoryPath } from '../deploy/repository.js';

/** Identifiers that were renamed after a word of the field, and the word. */
const FORMER: Readonly<Record<string, string>> = {
  isTold: 'suppressed',
  is_told: 'suppressed',
  newestSlot: 'newestBucket',
  storedSlots: 'storedBuckets',
  HistoryRing: 'CoarseTier',
  SeriesPlan: 'SeriesLayout',
  SealedRequest: 'QueuedRequest',
  admitLabels: 'validateLabels',
  Admission: 'RequestLimiter',
  CurveReader: 'ForecastReader',
  WatchedSeries: 'TrackedSeries',
  LevelFollower: 'LevelShiftTracker',
  MIN_QUIET_MS: 'alarmGapMs',
};

/** The files below the folders that people read or run, as they are committed. */
function texts(folders: readonly string[]): { path: string; text: string }[] {
  return folders
    .flatMap((folder) =>
      readdirSync(repositoryPath(folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
    )
    .filter((path) => /\.(ts|md|yml|json)$/.test(path) && !/node_modules|\bdist\b/.test(path))
    .map((path) => ({ path, text: readText(path) }));
}

/** Every use of one of the words, as `path: word`. */
function uses(words: readonly string[], files: readonly { path: string; text: string }[]): string[] {
  const pattern = new RegExp(`(?<![\\w$])(${words.join('|')})(?![\\w$])`, 'g');
  return files.flatMap(({ path, text }) => [...text.matchAll(pattern)].map(([word]) => `${path}: ${word}`));
}

/** The names in the first column of the table of renames: metrics and alerts. */
function renamedNames(): string[] {
  const rows = readText('CHANGELOG.md')
    .split('### Renamed')[1]!
    .matchAll(/^\| (?<was>.*?) \| /gm);
  return [...rows].flatMap(({ groups }) =>
    [...groups!.was!.matchAll(/\b(sentio_\w+|Sentio[A-Z]\w+)\b/g)].map(([name]) => name),
  );
}

test('no metric or alert that the changelog renamed is used any more', () => {
  const names = renamedNames();
  assert.ok(names.includes('sentio_missing_series') && names.length > 5, names.join(', '));
  assert.deepEqual(uses(names, texts(['src', 'docs', 'deploy'])), []);
});

test('no identifier comes back that was renamed after a word of the field', () => {
  assert.deepEqual(uses(Object.keys(FORMER), texts(['src'])), []);
});

test('a use of a former word is found', () => {
  const files = [{ path: 'a.ts', text: 'const isTold = incident.isTold; // isToldTwice' }];
  assert.deepEqual(uses(['isTold'], files), ['a.ts: isTold', 'a.ts: isTold']);
});
