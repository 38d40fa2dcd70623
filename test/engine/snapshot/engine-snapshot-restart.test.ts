import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Engine } from '#src/engine/engine.js';
import type { FitOutcome } from '#src/forecast/pool/fit-pool.js';
import { MINUTE, SECOND } from '../../fixtures.js';
import { bytesOf, readerOf } from '../../series/snapshot/snapshot-bytes.js';
import { RecordingWriter, START, storeWith, trackedAround, type Written } from '../fixture.js';

const RULE = 'step: 1m\n    horizons: [1h]';

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START }));
afterEach(() => mock.timers.reset());

/** An engine over a store of one series, `load` by default, that is fitted at once or never. */
function running({ rule = RULE, fits = true, name = 'load', ownershipGraceMs = 0 } = {}) {
  const source = storeWith(name, rule);
  const outcome: FitOutcome = {
    model: trackedAround(50, source.settings).model!,
    optimizer: 'exact',
    points: 100,
    objective: 0,
    warnings: [],
    source: 'steps',
    durationMs: 1,
  };
  const writer = Object.assign(new RecordingWriter(), { flush: () => {} });
  let asked = 0;
  const engine = new Engine({
    store: source.store,
    pool: {
      fit: () => {
        asked++;
        return fits ? Promise.resolve(outcome) : new Promise(() => {});
      },
    },
    fitConcurrency: 1,
    externalLabels: [],
    ownershipGraceMs,
    writer,
    log: pino({ level: 'silent' }),
    now: Date.now,
    registry: new Registry(),
  });
  /** Lets time pass, with a sample every 15 s. */
  const pass = async (ms: number) => {
    for (let passedMs = 0; passedMs < ms; passedMs += SECOND) {
      mock.timers.tick(SECOND);
      if (Date.now() % (15 * SECOND) === 0) source.append(Date.now(), 50 + ((Date.now() / SECOND) % 7));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { ...source, engine, writer, pass, asked: () => asked };
}

/** A snapshot after half an hour of life. */
async function snapshotOf(life: ReturnType<typeof running>): Promise<Uint8Array> {
  life.engine.start();
  await life.pass(30 * MINUTE);
  return bytesOf(life.engine.snapshot());
}

function forecastTimes({ writer }: ReturnType<typeof running>): number[] {
  return writer.take().flatMap(({ name, timeMs }) => (name === 'load_yhat' ? [timeMs] : []));
}

function key({ name, timeMs }: Written): string {
  return `${name} ${timeMs}`;
}

test('a restored engine publishes at the first evaluation, without a fit, what the one before would have', async () => {
  const before = running();
  const snapshot = await snapshotOf(before);
  before.writer.take();
  // Both live on: the one that was never stopped has the right answer.
  const after = running({ fits: false });
  await after.engine.restore(readerOf(snapshot));
  assert.deepEqual(after.store.readHistory(0, 0, Infinity), before.store.readHistory(0, 0, Infinity));
  after.engine.start();
  for (let second = 0; second < 90; second++) {
    mock.timers.tick(SECOND);
    for (const life of [before, after]) {
      if (Date.now() % (15 * SECOND) === 0) life.append(Date.now(), 50 + (second % 7));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  before.engine.stop();
  after.engine.stop();
  const published = after.writer.take();
  assert.ok(published.some(({ name }) => name === 'load_anomaly_score'));
  assert.ok(published.some(({ name }) => name === 'load_yhat{horizon="1h"}'));
  assert.deepEqual(published, before.writer.take());
  assert.equal(after.asked(), 0);
});

test('no timestamp is published twice, whenever the snapshot was taken and the process killed', async () => {
  for (const [snapshotSecond, killSecond] of [
    [0, 0],
    [1, 59],
    [5, 10],
    [9, 10],
    [10, 11],
    [30, 200],
    [61, 600],
  ] as const) {
    const before = running();
    before.engine.start();
    await before.pass(20 * MINUTE + snapshotSecond * SECOND);
    const snapshot = bytesOf(before.engine.snapshot());
    await before.pass((killSecond - snapshotSecond) * SECOND);
    before.engine.stop();
    const after = running();
    await after.engine.restore(readerOf(snapshot));
    after.engine.start();
    await after.pass(10 * MINUTE);
    after.engine.stop();
    const all = [...before.writer.take(), ...after.writer.take()].map(key);
    assert.equal(new Set(all).size, all.length, `snapshot after ${snapshotSecond} s, killed after ${killSecond} s`);
    assert.ok(all.length > 100);
  }
});

test('with a longer lead before the restart, or a clock set back, nothing is published at or before what was', async () => {
  for (const [leadBefore, setBackMs] of [
    ['5m', 0],
    ['1m', 5 * MINUTE],
  ] as const) {
    mock.timers.reset();
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
    const before = running({ rule: `step: 1m\n    lead: ${leadBefore}` });
    const snapshot = await snapshotOf(before);
    before.engine.stop();
    const newestMs = Math.max(...forecastTimes(before));
    const nowMs = Date.now() - setBackMs;
    mock.timers.reset();
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: nowMs });
    const after = running({ rule: 'step: 1m\n    lead: 1m' });
    await after.engine.restore(readerOf(snapshot));
    after.engine.start();
    await after.pass(15 * MINUTE);
    after.engine.stop();
    assert.equal(Math.min(...forecastTimes(after)), newestMs + MINUTE, `lead ${leadBefore}, set back ${setBackMs} ms`);
  }
});

test('series that have other names than before the restart end under the former ones', async () => {
  const cases: [name: string, rule: string, ended: string[]][] = [
    ['no horizon any more', 'step: 1m', ['load_yhat', 'load_yhat{horizon="1h"}']],
    ['a rate now', `${RULE}\n    aggregate: rate`, ['load_yhat', 'load_yhat{horizon="1h"}']],
    ['as before', RULE, []],
  ];
  const snapshot = await snapshotOf(running());
  for (const [name, rule, ended] of cases) {
    const after = running({ rule, fits: false });
    await after.engine.restore(readerOf(snapshot));
    after.engine.start();
    after.engine.stop();
    const names = after.writer
      .take()
      .filter(({ value }) => value === 'stale')
      .map((written) => written.name);
    assert.deepEqual(
      names.filter((ending) => ending.includes('_yhat') && !ending.includes('er')),
      ended,
      name,
    );
  }
});

test('a shard that was away goes on at once with what still comes, and leaves alone what does not', async () => {
  const ownershipGraceMs = 2 * MINUTE;
  const life = running({ ownershipGraceMs });
  const snapshot = await snapshotOf(life);
  life.engine.stop();
  const newestMs = Math.max(...forecastTimes(life));
  mock.timers.tick(10 * MINUTE);
  const [still, moved] = [running({ fits: false, ownershipGraceMs }), running({ fits: false, ownershipGraceMs })];
  for (const { engine } of [still, moved]) {
    await engine.restore(readerOf(snapshot));
    engine.start();
  }
  await still.pass(3 * MINUTE);
  still.engine.stop();
  moved.engine.stop();
  assert.deepEqual(moved.writer.take(), [], 'no stale markers either');
  assert.deepEqual(
    forecastTimes(still).map((timeMs) => timeMs - newestMs),
    [12 * MINUTE, 13 * MINUTE],
  );
});

test('what ends at the restart after a kill ends after all that was published, not only up to the snapshot', async () => {
  const rule = 'step: 1m\n    lead: 5m';
  const before = running({ rule: `${rule}\n    horizons: [1h]` });
  const snapshot = await snapshotOf(before);
  await before.pass(10 * MINUTE);
  before.engine.stop();
  const newest = new Map(before.writer.take().map(({ name, timeMs }) => [name, timeMs]));
  const after = running({ rule, fits: false });
  await after.engine.restore(readerOf(snapshot));
  after.engine.start();
  after.engine.stop();
  const ends = after.writer.take();
  assert.equal(ends.length, 7);
  for (const { name, timeMs, value } of ends) {
    assert.equal(value, 'stale');
    assert.ok(timeMs > newest.get(name)!, name);
  }
});

test('a model of other options is published on, and fitted again at once', async () => {
  const snapshot = await snapshotOf(running());
  const after = running({ rule: `${RULE}\n    prophet: {changepoint_prior_scale: 0.5}`, fits: false });
  await after.engine.restore(readerOf(snapshot));
  after.engine.start();
  await after.pass(2 * MINUTE);
  after.engine.stop();
  assert.equal(after.asked(), 1);
  assert.ok(after.writer.take().some(({ name }) => name === 'load_yhat'));
});

test('a damaged snapshot leaves the engine as it was, and it starts without', async () => {
  const snapshot = await snapshotOf(running());
  const after = running();
  // Whole but for its end: the series has been read by then.
  await assert.rejects(after.engine.restore(readerOf(snapshot.subarray(0, -4))), /truncated/);
  assert.equal(after.store.size, 0);
  after.engine.start();
  await after.pass(15 * MINUTE);
  after.engine.stop();
  assert.ok(after.writer.take().length > 0);
});
