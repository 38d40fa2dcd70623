import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { ChangingTextFile } from '#src/engine/snapshot/changing-text-file.js';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sentio-exclusions-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** What people exclude, as a text, kept in a folder. */
async function kept(folder: string) {
  const state = { text: 'nothing' };
  const exclusions = {
    save: () => state.text,
    restore: (text: string) => {
      if (text.startsWith('bad')) throw new SyntaxError('it is not of this version');
      state.text = text;
    },
    persist: async () => {},
  };
  await new ChangingTextFile({
    what: 'exclusions',
    source: exclusions,
    folder,
    log: pino({ level: 'silent' }),
    now: () => 1,
  }).load();
  return { state, exclusions };
}

test('what people exclude is there again after a restart, as it was at the last of many changes', async (t) => {
  const folder = await makeFolder(t);
  const before = await kept(folder);
  assert.equal(before.state.text, 'nothing');
  const writes: Promise<void>[] = [];
  for (let i = 0; i < 20; i++) {
    before.state.text = `change ${i}: disk swap, Größe`;
    writes.push(before.exclusions.persist());
  }
  await Promise.all(writes);
  assert.equal((await kept(folder)).state.text, 'change 19: disk swap, Größe');
});

test('a file that cannot be used is set aside, and the next change is kept', async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, 'sentio.exclusions'), 'bad');
  const after = await kept(folder);
  assert.equal(after.state.text, 'nothing');
  const [aside, ...others] = await readdir(folder);
  assert.deepEqual(others, []);
  assert.equal(await readFile(join(folder, aside!), 'utf8'), 'bad');
  after.state.text = 'new';
  await after.exclusions.persist();
  assert.equal((await kept(folder)).state.text, 'new');
});

test('a change that cannot be written is refused, and does not stop the next one', async (t) => {
  const folder = await makeFolder(t);
  const { state, exclusions } = await kept(folder);
  await rm(folder, { recursive: true });
  await assert.rejects(exclusions.persist());
  await mkdir(folder);
  state.text = 'again';
  await exclusions.persist();
  assert.equal((await kept(folder)).state.text, 'again');
});
