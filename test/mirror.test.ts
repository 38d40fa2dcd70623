import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { test } from 'node:test';
import { repositoryPath } from './deploy/repository.js';

/** Tests of what is no single room: what ships, the pages, the service from outside, the benchmarks. */
const OUTSIDE = ['bench', 'deploy', 'docs', 'e2e', 'fuzz', 'harness', 'ordinary-days', 'simulation', 'soak', 'stack'];
/** Tests of a whole room, or of several of its files at once. */
const WHOLE_ROOM = [
  'engine/any-sender',
  'engine/named-cases',
  'engine/named-cases-jobs',
  'engine/named-cases-ordinary-days',
  'engine/scoring/interval-coverage',
  'engine/scoring/level-shift',
  'engine/series/owners',
  'forecast/prophet-r',
];

/** The tests below test/ROOM, by their path without `.test.ts`. */
const tests = readdirSync(repositoryPath('test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts') && path.includes('/') && !OUTSIDE.includes(path.split('/')[0]!))
  .map((path) => path.replace(/\.test\.ts$/, ''));

/** Whether it is named after a file of the folder that it mirrors: `series-store` or `series-store-replicas`. */
function hasSubject(path: string, files: readonly string[]): boolean {
  const name = basename(path);
  return files.some((file) => name === file || name.startsWith(`${file}-`));
}

test('each test is where its subject is below src/, and is named after it', () => {
  assert.ok(tests.length > 80, `${tests.length} tests`);
  const lost = tests.filter((path) => {
    const folder = repositoryPath(`src/${dirname(path)}`);
    const files = existsSync(folder) ? readdirSync(folder).map((file) => basename(file, '.ts')) : [];
    return !hasSubject(path, files) && !WHOLE_ROOM.includes(path);
  });
  assert.deepEqual(lost, []);
});

test('a test with the name of another file is found out', () => {
  assert.equal(hasSubject('series/series-store-replicas', ['series-store']), true);
  assert.equal(hasSubject('series/replicas', ['series-store', 'series-plans']), false);
  assert.equal(hasSubject('series/series-storeroom', ['series-store']), false);
});
