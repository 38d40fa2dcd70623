import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { FutureMark } from '#src/engine/snapshot/future-mark.js';
import { until } from '../../remote/write/writer-setup.js';

const T = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sentio-future-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** The mark of a process that starts at `nowMs` with the snapshot of the one before, or without. */
async function start(folder: string | undefined, nowMs: number, isRestored = true): Promise<FutureMark> {
  const mark = new FutureMark({ folder, log: pino({ level: 'silent' }), now: () => nowMs });
  await mark.load(isRestored);
  return mark;
}

test('nothing is written before the file says up to where', async (t) => {
  const folder = await makeFolder(t);
  const mark = await start(folder, T);
  assert.equal(mark.unknownUntilMs(HOUR), 0);
  assert.equal(mark.reserves(T + HOUR), false);
  await until(() => mark.reserves(T + HOUR));
  const { reserved } = JSON.parse(await readFile(join(folder, 'sentio.future'), 'utf8'));
  assert.ok(Date.parse(reserved) > T + HOUR);
});

test('after a process that was killed series begin behind what it may have written', async (t) => {
  const folder = await makeFolder(t);
  const killed = await start(folder, T);
  await until(() => killed.reserves(T + HOUR));
  const next = await start(folder, T + 60_000);
  assert.ok(next.unknownUntilMs(HOUR) >= T + HOUR);
  assert.equal(next.reserves(T + HOUR), false);
});

test('after an orderly stop the snapshot says it all, unless it was not written or not loaded', async (t) => {
  for (const [isSaved, isRestored, isKnown] of [
    [true, true, true],
    [false, true, false],
    [true, false, false],
  ] as const) {
    const folder = await makeFolder(t);
    const stopped = await start(folder, T);
    await until(() => stopped.reserves(T + HOUR));
    await stopped.close(isSaved);
    const next = await start(folder, T + 60_000, isRestored);
    assert.equal(next.unknownUntilMs(HOUR) === 0, isKnown, `${isSaved} ${isRestored}`);
    assert.ok(isKnown || next.unknownUntilMs(HOUR) >= T + HOUR);
  }
});

test('what a killed process may have written is remembered over an orderly stop', async (t) => {
  const folder = await makeFolder(t);
  const killed = await start(folder, T);
  await until(() => killed.reserves(T + HOUR));
  const stopped = await start(folder, T + 60_000);
  const unknownMs = stopped.unknownUntilMs(HOUR);
  await until(() => stopped.reserves(T + 2 * HOUR));
  await stopped.close(true);
  assert.equal((await start(folder, T + 120_000)).unknownUntilMs(HOUR), unknownMs);
});

test('a snapshot of a process that started without one is not taken for the one before', async (t) => {
  const folder = await makeFolder(t);
  const stopped = await start(folder, T);
  await until(() => stopped.reserves(T + HOUR));
  await stopped.close(true);
  const without = await start(folder, T + 60_000, false);
  await without.prepareSnapshot();
  assert.ok((await start(folder, T + 120_000)).unknownUntilMs(HOUR) >= T + HOUR, 'killed');
  await without.close(true);
  assert.ok((await start(folder, T + 120_000)).unknownUntilMs(HOUR) >= T + HOUR, 'stopped');
});

test('what a process wrote by a clock that was ahead is remembered by all after it', async (t) => {
  const folder = await makeFolder(t);
  const ahead = await start(folder, T);
  await until(() => ahead.reserves(T + 7 * HOUR));
  await ahead.close(true);
  const killed = await start(folder, T + 60_000);
  await until(() => killed.reserves(T + HOUR));
  const stopped = await start(folder, T + 120_000);
  assert.ok(stopped.unknownUntilMs(HOUR) < T + 2 * HOUR, 'the snapshot has what is further ahead');
  await until(() => stopped.reserves(T + 2 * HOUR));
  await stopped.close(true);
  assert.ok((await start(folder, T + 180_000, false)).unknownUntilMs(HOUR) >= T + 7 * HOUR);
});

test('a file that could not be read stays unknown to the process after', async (t) => {
  const folder = await makeFolder(t);
  await writeFile(join(folder, 'sentio.future'), '{');
  const blind = await start(folder, T);
  await blind.prepareSnapshot();
  await blind.close(true);
  assert.equal((await start(folder, T + 60_000)).unknownUntilMs(HOUR), T + 60_000 + HOUR);
});

test('no snapshot is to be written where the file cannot be', async (t) => {
  const folder = await makeFolder(t);
  const stopped = await start(folder, T);
  await until(() => stopped.reserves(T + HOUR));
  await stopped.close(true);
  const without = await start(folder, T + 60_000, false);
  await rm(folder, { recursive: true });
  await assert.rejects(without.prepareSnapshot());
  await mkdir(folder);
});

test('without a folder, or with a file that is damaged, the process before is taken to have written all it could', async (t) => {
  assert.equal((await start(undefined, T)).unknownUntilMs(HOUR), T + HOUR);
  assert.equal((await start(undefined, T)).reserves(T + HOUR), true);
  const folder = await makeFolder(t);
  for (const text of ['', '{', '{}', '{"reserved":"yesterday","unknown":"never"}', 'null']) {
    await writeFile(join(folder, 'sentio.future'), text);
    assert.equal((await start(folder, T)).unknownUntilMs(HOUR), T + HOUR, text);
  }
});

test('where the disk fails nothing is written', async (t) => {
  const folder = join(await makeFolder(t), 'missing');
  const mark = await start(folder, T);
  for (let i = 0; i < 3; i++) {
    assert.equal(mark.reserves(T + HOUR), false);
    await new Promise((resolve) => setImmediate(resolve));
  }
});
