import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { filesIn, readText, repositoryPath } from '../deploy/repository.js';

const PAGES = [...filesIn('.', '.md'), ...filesIn('docs', '.md'), ...filesIn('.github', '.md')];
/** Text in backticks that can only be a path of this repository: below one of its folders, or a TypeScript file of a room. */
const PATH = /^(?:(?:src|test|docs|deploy|proto|\.ci|\.github)\/[\w.*/-]*|[a-z-]+(?:\/[a-z-]+)*\/[\w-]+\.ts)$/;

/** Paths that a page names in running text; code blocks show commands and files of the reader's own. */
function pathsOf(page: string): string[] {
  const prose = readText(page).replaceAll(/^ *```.*?^ *```$/gms, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].flatMap(([, text = '']) => (PATH.test(text) ? [text] : []));
}

/** From the root, from `src/` (pages name rooms without it), or beside the page; `*` in a file's name is any text. */
function exists(path: string, page: string): boolean {
  return ['', 'src', dirname(page)].some((base) => {
    const found = repositoryPath(join(base, path));
    if (!path.includes('*')) return existsSync(found);
    const [before = '', after = ''] = basename(found).split('*');
    const folder = dirname(found);
    return existsSync(folder) && readdirSync(folder).some((file) => file.startsWith(before) && file.endsWith(after));
  });
}

test('every file and folder that the pages name is there', () => {
  const named = PAGES.flatMap((page) => pathsOf(page).map((path) => ({ page, path })));
  assert.ok(named.length > 50, `${named.length} paths`);
  const missing = named.filter(({ page, path }) => !exists(path, page)).map(({ page, path }) => `${page}: ${path}`);
  assert.deepEqual(missing, []);
});
