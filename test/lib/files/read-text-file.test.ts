import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

test('readTextFile() reads a pipe to its end, and gives up one that is silent', () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const silent = /^it is a pipe to which nothing was written for 0\.1 s$/;
  assert.throws(() => readTextFile(pipe, 4, 100), { name: 'UsageError', message: silent });
  // Held open, and the rest does not come.
  const held = spawn('sh', ['-c', `exec 3> ${pipe}; printf 12 >&3; exec sleep 60`]);
  try {
    assert.throws(() => readTextFile(pipe, 1e6, 3_000), { name: 'UsageError', message: /nothing was written for 3 s/ });
  } finally {
    held.kill('SIGKILL');
  }
  const text = 'ä'.repeat(100_000);
  spawn('sh', ['-c', `exec 3> ${pipe}; head -c 1 ${file(text)} >&3; sleep 0.2; tail -c +2 ${file(text)} >&3`]);
  assert.equal(readTextFile(pipe, 1e6), text);
});

test('readTextFile() passes on why a file cannot be read', () => {
  assert.throws(() => readTextFile(join(folder, 'none'), 4), { code: 'ENOENT' });
  assert.throws(() => readTextFile(folder, 4), { code: 'EISDIR' });
  symlinkSync('loop', join(folder, 'loop'));
  assert.throws(() => readTextFile(join(folder, 'loop'), 4), { code: 'ELOOP' });
});
