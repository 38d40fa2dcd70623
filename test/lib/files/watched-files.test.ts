import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { UsageError } from '#src/lib/errors.js';
import { WatchedFiles } from '#src/lib/files/watched-files.js';
import { eventually } from '../../harness/wait.js';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sentio-watched-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** A watched file that is good where it is a whole number. */
function watch(path: string) {
  const lines: { level: number; reason?: string; msg: string }[] = [];
  const log = pino({ base: null }, { write: (line) => lines.push(JSON.parse(line)) });
  const make = ([text = '']: readonly string[]) => {
    if (!/^\d+$/.test(text)) throw new UsageError('not a number');
    return Number(text);
  };
  return { lines, files: new WatchedFiles({ paths: [path], maxBytes: 10, make, log }) };
}

test('WatchedFiles reads a file again when it changes, and says so', async (t) => {
  const path = join(await folderOf(t), 'file');
  await writeFile(path, '1');
  const { files, lines } = watch(path);
  assert.equal(await files.current(), 1);
  await writeFile(path, '2');
  await eventually('it is read again', async () => (await files.current()) === 2);
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['files changed and were read again'],
  );
});

test('WatchedFiles.latest() reads what changed this instant', async (t) => {
  const path = join(await folderOf(t), 'file');
  await writeFile(path, '1');
  const { files } = watch(path);
  for (const value of [1, 22, 333]) {
    await writeFile(path, String(value));
    assert.equal(await files.latest(), value);
  }
});

test('WatchedFiles reads a secret of Kubernetes again, which is replaced by another folder', async (t) => {
  const folder = await folderOf(t);
  for (const version of ['1', '2']) {
    await mkdir(join(folder, version));
    await writeFile(join(folder, version, 'token'), version);
    // The same size and time: only the file is another.
    await utimes(join(folder, version, 'token'), 1, 1);
  }
  await symlink('1', join(folder, '..data'));
  await symlink('..data/token', join(folder, 'token'));
  const { files } = watch(join(folder, 'token'));
  assert.equal(await files.current(), 1);
  await symlink('2', join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  await eventually('it is read again', async () => (await files.current()) === 2);
});

const faults: readonly (readonly [what: string, spoil: (path: string) => Promise<unknown>, reason: RegExp])[] = [
  ['is cut short', (path) => writeFile(path, ''), /^not a number$/],
  ['is no good', (path) => writeFile(path, 'x'), /^not a number$/],
  ['is gone', (path) => unlink(path), /^ENOENT/],
  ['is too long', (path) => writeFile(path, '1'.repeat(11)), /more than 10 bytes/],
  [
    'is a pipe',
    async (path) => {
      await unlink(path);
      execFileSync('mkfifo', [path]);
    },
    /is no regular file/,
  ],
];
for (const [what, spoil, reason] of faults) {
  test(`WatchedFiles goes on with what it had where a file ${what}, says so once, and recovers`, async (t) => {
    const path = join(await folderOf(t), 'file');
    await writeFile(path, '1');
    const { files, lines } = watch(path);
    assert.equal(await files.current(), 1);
    await spoil(path);
    for (let i = 0; i < 3; i++) assert.equal(await files.latest(), 1);
    assert.deepEqual(
      lines.map(({ level }) => level),
      [40],
    );
    assert.match(lines[0]!.reason!, reason);
    await rm(path, { force: true });
    await writeFile(path, '2');
    assert.equal(await files.latest(), 2);
  });
}

test('WatchedFiles rejects while there never was anything good', async (t) => {
  const path = join(await folderOf(t), 'file');
  const { files, lines } = watch(path);
  await assert.rejects(files.current(), /ENOENT/);
  await assert.rejects(files.current(), /ENOENT/);
  await writeFile(path, '1');
  assert.equal(await files.latest(), 1);
  assert.deepEqual(lines, []);
});
