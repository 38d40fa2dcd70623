import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Restored } from '#src/engine/snapshot/engine-snapshot.js';
import { FutureMark } from '#src/engine/snapshot/future-mark.js';
import { type SnapshotOptions, Snapshots } from '#src/engine/snapshot/snapshots.js';
import { decodeSnapshot, encodeSnapshot, type ReadBytes } from '#src/series/snapshot/snapshot-format.js';
import { HOUR } from '../../fixtures.js';
import { until } from '../../remote/write/writer-setup.js';
import { START } from '../fixture.js';

/** An engine whose whole state is a list of texts. */
class TextEngine {
  texts: string[];
  asked = 0;
  /** How many texts there is room for. */
  room = Number.POSITIVE_INFINITY;

  constructor(...texts: string[]) {
    this.texts = texts;
  }

  snapshot(): Iterable<Uint8Array> {
    this.asked++;
    return encodeSnapshot(START, this.texts.keys(), (id, record) => record.text(this.texts[id]!));
  }

  async restore(read: ReadBytes): Promise<Restored> {
    const texts: string[] = [];
    await decodeSnapshot(read, (record) => void texts.push(record.text()));
    this.texts = texts.slice(0, this.room);
    const memory = texts.length - this.texts.length;
    return { series: new Map(), takenAtMs: START, excluded: memory === 0 ? {} : { memory } };
  }

  async restoreLeftOut(read: ReadBytes): Promise<Restored> {
    const added = new TextEngine();
    await added.restore(read);
    const lacking = added.texts.filter((text) => !this.texts.includes(text));
    const memory = Math.max(0, this.texts.length + lacking.length - this.room);
    this.texts.push(...lacking.slice(0, lacking.length - memory));
    return { series: new Map(), takenAtMs: START, excluded: memory === 0 ? {} : { memory } };
  }
}

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sentio-snapshots-'));
});
afterEach(() => rm(folder, { recursive: true }));

function keep(
  engine: TextEngine,
  given: { intervalMs?: number; nowMs?: number } & Pick<SnapshotOptions, 'incidents' | 'curves' | 'futureMark'> = {},
) {
  const { intervalMs = 3_600_000, nowMs = START, ...sources } = given;
  const registry = new Registry();
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => void lines.push(JSON.parse(line)) });
  const snapshots = new Snapshots({
    engine,
    folder,
    intervalMs,
    log,
    now: () => nowMs,
    registry,
    ...sources,
  });
  const metric = async (name: string) => (await registry.getSingleMetric(name)!.get()).values;
  return { snapshots, lines, metric, messages: () => lines.map(({ msg }) => msg) };
}

/** Starts and stops at once: leaves a snapshot. */
async function leave(...texts: string[]): Promise<void> {
  const { snapshots } = keep(new TextEngine(...texts));
  await snapshots.load();
  snapshots.start();
  await snapshots.close();
}

/** Starts with the snapshot there is, and ends before it would write one. */
async function loadInto(engine: TextEngine): Promise<void> {
  const { snapshots } = keep(engine);
  await snapshots.load();
  await snapshots.close();
}

test('Snapshots makes its folder, writes at the end and loads at the start', async () => {
  folder = join(folder, 'data');
  await leave('one', 'two');
  const engine = new TextEngine();
  const { snapshots, messages } = keep(engine);
  await snapshots.load();
  assert.deepEqual(engine.texts, ['one', 'two']);
  assert.deepEqual(messages(), ['snapshot loaded']);
  folder = join(folder, '..');
});

test('series for which a start has no room are there again at one that has', async () => {
  await leave('one', 'two', 'three');
  const startWith = async (room: number, hours: number) => {
    const engine = new TextEngine();
    engine.room = room;
    const kept = keep(engine, { nowMs: START + hours * HOUR });
    await kept.snapshots.load();
    const loaded = [...engine.texts];
    kept.snapshots.start();
    await kept.snapshots.close();
    return { loaded, messages: kept.messages() };
  };
  const first = await startWith(1, 1);
  assert.deepEqual(first.loaded, ['one']);
  assert.match(String(first.messages[1]), /have no room: it is kept/);
  assert.deepEqual((await startWith(2, 2)).loaded, ['one', 'two']);
  const { loaded, messages } = await startWith(3, 3);
  assert.deepEqual(loaded, ['one', 'two', 'three']);
  assert.deepEqual(messages.slice(0, 2), ['snapshot loaded', 'series left out before loaded']);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.includes('left-out')),
    [],
  );
});

test('Snapshots.close() says whether the last snapshot was written', async () => {
  const { snapshots, messages } = keep(new TextEngine('one'));
  await snapshots.load();
  snapshots.start();
  // Where the pieces go first: a folder of that name cannot be written to.
  await mkdir(join(folder, 'sentio.snapshot.tmp', 'in the way'), { recursive: true });
  assert.equal(await snapshots.close(), false);
  assert.deepEqual(messages(), ['writing the snapshot failed: the previous one is kept']);

  await rm(join(folder, 'sentio.snapshot.tmp'), { recursive: true });
  const next = keep(new TextEngine('one')).snapshots;
  await next.load();
  next.start();
  assert.equal(await next.close(), true);
});

test('Snapshots says nothing where there is no snapshot yet', async () => {
  const { snapshots, lines } = keep(new TextEngine());
  await snapshots.load();
  assert.deepEqual(lines, []);
});

test('Snapshots writes every interval, and its metrics say how that went', async () => {
  const engine = new TextEngine('x'.repeat(1000));
  const { snapshots, metric } = keep(engine, { intervalMs: 5 });
  snapshots.start();
  while (engine.asked < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  await snapshots.close();
  assert.equal((await metric('sentio_snapshot_last_success_timestamp_seconds'))[0]?.value, START / 1000);
  const { length } = await readFile(join(folder, 'sentio.snapshot'));
  assert.equal((await metric('sentio_snapshot_size_bytes'))[0]?.value, length);
  assert.ok((await metric('sentio_snapshot_duration_seconds'))[0]!.value > 0);
  const failures = await metric('sentio_snapshot_failures_total');
  assert.deepEqual(
    failures.map(({ value }) => value),
    [0, 0],
  );
});

test('Snapshots that never started does not overwrite what is there', async () => {
  await leave('of a process that runs on');
  const { snapshots } = keep(new TextEngine('of one that could not listen'));
  await snapshots.close();
  const engine = new TextEngine();
  await loadInto(engine);
  assert.deepEqual(engine.texts, ['of a process that runs on']);
});

test('a snapshot that cannot be used is set aside, and the start goes on without it', async () => {
  await leave('state');
  const path = join(folder, 'sentio.snapshot');
  const good = await readFile(path);
  const newer = Buffer.from(good);
  newer[8] = 255;
  const flipped = Buffer.from(good);
  flipped[30]! ^= 1;
  const cases: [name: string, bytes: Uint8Array, reason: RegExp][] = [
    ['truncated', good.subarray(0, -5), /truncated/],
    ['corrupt', flipped, /checksum/],
    ['foreign', Buffer.from('something else altogether, long enough'), /not a snapshot of Sentio/],
    ['of a newer version', newer, /newer Sentio/],
  ];
  for (const [index, [name, bytes, reason]] of cases.entries()) {
    await writeFile(path, bytes);
    const engine = new TextEngine('as before');
    const { snapshots, lines, metric } = keep(engine, { nowMs: START + index * 1000 });
    await snapshots.load();
    await snapshots.close();
    assert.deepEqual(engine.texts, ['as before'], name);
    const movedTo = join(folder, `sentio.snapshot.unusable-2026-01-05T00000${index}.000Z`);
    assert.deepEqual(await readFile(movedTo), Buffer.from(bytes), name);
    assert.equal(lines.length, 1);
    assert.equal(lines[0]!.movedTo, movedTo);
    assert.match(String(lines[0]!.reason), reason, name);
    const failures = await metric('sentio_snapshot_failures_total');
    assert.deepEqual(
      failures.map(({ labels, value }) => [labels.operation, value]),
      [
        ['write', 0],
        ['load', 1],
      ],
    );
  }
  const names = await readdir(folder);
  assert.equal(names.length, 2, `the last two are kept: ${names}`);
});

test('a write that was interrupted leaves the snapshot before, and nothing else once started again', async () => {
  await leave('whole');
  await writeFile(join(folder, 'sentio.snapshot.tmp'), await readFile(join(folder, 'sentio.snapshot')));
  await truncate(join(folder, 'sentio.snapshot.tmp'), 30);
  const engine = new TextEngine();
  await loadInto(engine);
  assert.deepEqual(engine.texts, ['whole']);
  assert.deepEqual(await readdir(folder), ['sentio.snapshot']);
});

test('a full disk is logged and counted, and the previous snapshot stays', async () => {
  await leave('before');
  const { snapshots, lines, metric } = keep(new TextEngine('after'));
  snapshots.start();
  await symlink('/dev/full', join(folder, 'sentio.snapshot.tmp'));
  await snapshots.close();
  assert.equal(lines[0]?.msg, 'writing the snapshot failed: the previous one is kept');
  assert.match(JSON.stringify(lines[0]?.err), /ENOSPC/);
  assert.equal(
    (await metric('sentio_snapshot_failures_total')).find(({ labels }) => labels.operation === 'write')?.value,
    1,
  );
  assert.equal((await metric('sentio_snapshot_last_success_timestamp_seconds'))[0]?.value, 0);
  const engine = new TextEngine();
  await loadInto(engine);
  assert.deepEqual(engine.texts, ['before']);
  assert.deepEqual(await readdir(folder), ['sentio.snapshot']);
});

test('a folder that cannot be written to is refused at the start', async () => {
  folder = join(folder, 'file');
  await writeFile(folder, '');
  const { snapshots } = keep(new TextEngine());
  await assert.rejects(snapshots.load(), { name: 'UsageError', message: /^Cannot store snapshots in .*file: / });
  folder = join(folder, '..');
});

test('close() gives up a write that is under way, for one of the end', async () => {
  const engine = new TextEngine('x'.repeat(1_000_000), 'y'.repeat(1_000_000));
  const { snapshots, lines } = keep(engine, { intervalMs: 1 });
  snapshots.start();
  while (engine.asked === 0) await new Promise((resolve) => setImmediate(resolve));
  engine.texts = ['the end'];
  await snapshots.close();
  const restored = new TextEngine();
  await loadInto(restored);
  assert.deepEqual(restored.texts, ['the end']);
  assert.deepEqual(
    lines.map(({ level }) => level).filter((level) => level !== 20),
    [],
  );
  await mkdir(join(folder, 'nothing-else'));
  assert.deepEqual((await readdir(folder)).sort(), ['nothing-else', 'sentio.snapshot']);
});

test('a folder is for one at a time', async () => {
  const first = keep(new TextEngine('first'));
  await first.snapshots.load();
  first.snapshots.start();
  await assert.rejects(keep(new TextEngine('second')).snapshots.load(), {
    name: 'UsageError',
    message: `Cannot store snapshots in ${folder}: another Sentio is using this folder`,
  });
  await first.snapshots.close();
  const next = new TextEngine();
  await loadInto(next);
  assert.deepEqual(next.texts, ['first']);
});

/** Incidents whose whole state is one text. */
function incidentsOf(text: string) {
  const incidents = {
    text,
    *save() {
      yield Buffer.from(incidents.text);
    },
    restore(saved: string) {
      if (saved.startsWith('bad')) throw new SyntaxError('no incidents');
      incidents.text = saved;
    },
  };
  return incidents;
}

test('without what is known of curves the snapshot is not the last word on them', async () => {
  const curves = { save: () => [Buffer.from('none\n')], restore: () => {} };
  const broken = {
    ...curves,
    restore: () => {
      throw new Error('it is no list of curves');
    },
  };
  for (const [given, isKnown] of [
    [curves, true],
    [broken, false],
  ] as const) {
    const futureMark = () => new FutureMark({ folder, log: pino({ level: 'silent' }), now: () => START });
    const before = futureMark();
    const first = keep(new TextEngine('a'), { curves, futureMark: before });
    await first.snapshots.load();
    first.snapshots.start();
    await until(() => before.reserves(START + HOUR));
    assert.equal(await first.snapshots.close(), true);
    const after = futureMark();
    const next = keep(new TextEngine(), { curves: given, futureMark: after });
    await next.snapshots.load();
    assert.equal(after.unknownUntilMs(HOUR) < START + HOUR, isKnown);
    await next.snapshots.close();
  }
});

test('a snapshot after a start without one is not the last word on what was written before that start', async () => {
  const futureMark = () => new FutureMark({ folder, log: pino({ level: 'silent' }), now: () => START });
  const life = async (isDamaged: boolean) => {
    if (isDamaged) await truncate(join(folder, 'sentio.snapshot'), 10);
    const mark = futureMark();
    const { snapshots } = keep(new TextEngine('a'), { futureMark: mark });
    await snapshots.load();
    snapshots.start();
    return { mark, snapshots };
  };
  const first = await life(false);
  await until(() => first.mark.reserves(START + HOUR));
  await first.snapshots.close();
  const second = await life(true);
  await second.snapshots.close();
  const third = await life(false);
  assert.ok(third.mark.unknownUntilMs(HOUR) >= START + HOUR);
  await third.snapshots.close();
});

test('Snapshots keeps incidents in a file beside the snapshot, and sets one aside that cannot be used', async () => {
  const pass = async (text: string) => {
    const incidents = incidentsOf(text);
    const { snapshots, messages } = keep(new TextEngine('one'), { incidents });
    await snapshots.load();
    const loaded = incidents.text;
    snapshots.start();
    incidents.text = text;
    await snapshots.close();
    return { loaded, messages: messages() };
  };
  assert.equal((await pass('first')).loaded, 'first');
  assert.equal((await pass('bad')).loaded, 'first');
  const { loaded, messages } = await pass('third');
  assert.equal(loaded, 'third');
  assert.ok(messages.some((message) => String(message).startsWith('incidents unusable')));
  assert.deepEqual(
    (await readdir(folder))
      .filter((name) => name.startsWith('sentio.incidents'))
      .map((name) => name.slice(0, 27))
      .sort(),
    ['sentio.incidents', 'sentio.incidents.unusable-2'],
  );
});
