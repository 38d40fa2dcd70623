// Runs every *.test.js below this folder, or those whose path contains one of the arguments: `node dist-test/run.js series`.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const wanted = process.argv.slice(2);
const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.js') && (wanted.length === 0 || wanted.some((part) => path.includes(part))))
  .sort()
  // End-to-end tests wait more than they work: beside them the others have the processors.
  .sort((a, b) => Number(b.startsWith('e2e')) - Number(a.startsWith('e2e')))
  .map((path) => join(import.meta.dirname, path));
if (files.length === 0) throw new Error(`no test file matches ${wanted.join(' ')}`);

run({ files, concurrency: 3, timeout: 15 * 60_000 })
  .on('test:fail', ({ todo }) => {
    if (todo === undefined) process.exitCode = 1;
  })
  .compose(new spec())
  .pipe(process.stdout);
