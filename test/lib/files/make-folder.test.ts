import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { UsageError } from '#src/lib/errors.js';
import { makeFolder, makeOutputFolder } from '#src/lib/files/make-folder.js';

test('a folder is made with those above it, and one that is there is left as it is', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'sentio-make-folder-'));
  t.after(() => rmSync(root, { recursive: true }));
  const path = join(root, 'a', 'b', 'c');
  makeFolder(path);
  writeFileSync(join(path, 'file'), '');
  makeFolder(path);
  makeOutputFolder(path);
  assert.ok(existsSync(join(path, 'file')));
  assert.throws(() => makeOutputFolder(join(path, 'file')), UsageError);
  assert.throws(() => makeOutputFolder(join(path, 'file', 'd')), UsageError);
});

test('where no folder can be made that is said at once', () => {
  assert.throws(() => makeFolder('/proc/sentio/x'), /ENOENT/);
  assert.throws(
    () => makeOutputFolder('/proc/sentio/x'),
    /^UsageError: Cannot write to --out \/proc\/sentio\/x: ENOENT/,
  );
});
