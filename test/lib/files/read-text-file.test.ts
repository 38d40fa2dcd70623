import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readTextFile } from '#src/lib/files/read-text-file.js';

const folder = mkdtempSync(join(tmpdir(), 'sentio-text-'));
after(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'text');
  writeFileSync(path, text);
  return path;
}

test('readTextFile() reads a file of just the limit, many buffers long', () => {
  const text = 'ä0'.repeat(200_000);
  assert.equal(readTextFile(file(text), 600_000), text);
  assert.equal(readTextFile(file(''), 0), '');
});

test('readTextFile() refuses a file that is one byte longer, and one without an end', () => {
  assert.throws(() => readTextFile(file('12345'), 4), { name: 'UsageError', message: 'it has more than 4 bytes' });
  assert.throws(() => readTextFile('/dev/zero', 2 ** 21), { name: 'UsageError', message: 'it has more than 2 MiB' });
});

test('readTextFile() passes on why a file cannot be read', () => {
  assert.throws(() => readTextFile(join(folder, 'none'), 4), { code: 'ENOENT' });
});
