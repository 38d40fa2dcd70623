import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lockFolder } from '#src/engine/snapshot/folder-lock.js';
import { UsageError } from '#src/lib/errors.js';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sentio-lock-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('a folder that is given back leaves no trace', async (t) => {
  const folder = await makeFolder(t);
  for (let round = 0; round < 2; round++) {
    const unlock = await lockFolder(folder);
    await assert.rejects(lockFolder(folder), /^UsageError: another Sentio is using this folder$/);
    await unlock();
  }
  assert.deepEqual(await readdir(folder), []);
});

test('the lock of a process that was killed does not count', async (t) => {
  const folder = await makeFolder(t);
  const socket = join(folder, 'sentio.lock');
  const listening = `require('net').createServer().listen(${JSON.stringify(socket)}, () => console.log('listening'))`;
  const owner = spawn(process.execPath, ['-e', listening]);
  await once(owner.stdout, 'data');
  await assert.rejects(lockFolder(folder), UsageError);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  assert.deepEqual(await readdir(folder), ['sentio.lock']);
  await (await lockFolder(folder))();
});

test('where there can be no socket nobody is kept out', async (t) => {
  // Names of sockets have room for 107 bytes.
  const folder = join(await makeFolder(t), 'x'.repeat(120));
  await mkdir(folder);
  await (await lockFolder(folder))();
});
