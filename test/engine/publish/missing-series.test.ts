import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import type { Engine } from '#src/engine/engine.js';
import { SERIES_MISSING } from '#src/model/settings/synthetic.js';
import { HOUR, MINUTE } from '../../fixtures.js';
import { bytesOf, readerOf } from '../../series/snapshot/snapshot-bytes.js';
import { fastClock } from '../fast-clock.js';
import { START } from '../fixture.js';

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START }));
afterEach(() => mock.timers.reset());

/** An engine that goes on hearing from another series, whatever becomes of `m`. */
function listening(rule = 'step: 1m') {
  const life = fastClock({ rule });
  /** Lets minutes pass; `isThere` says in which of them, counted from START, `m` has a value. */
  const pass = (untilMs: number, isThere: (minute: number) => boolean) =>
    life.pass(untilMs, (timeMs) => {
      life.appendTo({ __name__: 'other' }, timeMs, 1);
      return isThere((timeMs - START - MINUTE / 2) / MINUTE) ? 5 : undefined;
    });
  /** What was published, in minutes since START. */
  const published = () =>
    life.writer.written
      .filter(({ name }) => name.startsWith(SERIES_MISSING))
      .map(({ timeMs, value }) => [(timeMs - START) / MINUTE, value]);
  return { ...life, pass, published };
}

/** What the report of `m` says of its silence. */
function missingOf(engine: Engine) {
  return [...engine.queries.series()]
    .map((series) => engine.queries.report(series))
    .find(({ labels }) => labels[0]!.value === 'm')!.missing;
}

test('what is missing has the severity of its rule', async () => {
  const { pass, writer } = listening('severity: page');
  await pass(START + HOUR, always);
  await pass(START + 73 * MINUTE, never);
  const names = writer.written.filter(({ name }) => name.startsWith(SERIES_MISSING)).map(({ name }) => name);
  assert.deepEqual([...new Set(names)], [`${SERIES_MISSING}{sentio_severity="page"}`]);
});

const always = () => true;
const never = () => false;

test('a series that falls silent is missing after ten minutes, at every evaluation, until it is back', async () => {
  const { pass, published, engine, registry } = listening();
  await pass(START + HOUR, always);
  await pass(START + 73 * MINUTE, never);
  assert.deepEqual(
    published(),
    [
      [70, 1],
      [71, 1],
      [72, 1],
    ].slice(0, published().length),
  );
  assert.ok(published().length >= 3);
  assert.match(await registry.metrics(), /^sentio_tracked_series_missing\{reason="gap"\} 1$/m);
  const missing = missingOf(engine);
  assert.deepEqual([missing!.reason, missing!.sinceMs], ['gap', START + 59.5 * MINUTE]);
  await pass(START + 80 * MINUTE, always);
  engine.stop();
  assert.deepEqual(published().at(-1), [74, 'stale']);
  assert.match(await registry.metrics(), /^sentio_tracked_series_missing\{reason="gap"\} 0$/m);
});

test('a series that begins anew because its type comes late is no sooner missing than without that', async () => {
  const { pass, published, engine, store } = listening();
  await pass(START + HOUR, always);
  store.setMetricType('m', 'counter');
  await pass(START + 69 * MINUTE, never);
  assert.deepEqual(published(), []);
  await pass(START + 71 * MINUTE, never);
  engine.stop();
  assert.deepEqual(published()[0], [70, 1]);
});

test('a series that its sender ended is missing with another reason', async () => {
  const { pass, published, engine, appendStale } = listening();
  await pass(START + HOUR, always);
  appendStale(START + HOUR);
  await pass(START + 72 * MINUTE, never);
  engine.stop();
  assert.ok(published().length >= 2 && published()[0]![1] === 1, JSON.stringify(published()));
  assert.equal(missingOf(engine)!.reason, 'stale');
});

test('a series that another of its metric replaces is not missing', async () => {
  const { pass, published, engine, appendTo, appendStale } = listening();
  await pass(START + HOUR, always);
  appendTo({ __name__: 'm', pod: 'b' }, START + HOUR + 1, 5);
  appendStale(START + HOUR + 2);
  await pass(START + 90 * MINUTE, (minute) => {
    appendTo({ __name__: 'm', pod: 'b' }, START + minute * MINUTE + 1, 5);
    return false;
  });
  engine.stop();
  assert.deepEqual(published(), []);
});

test('a series that never comes back is missing until it is forgotten', async () => {
  const { pass, published, engine } = listening();
  await pass(START + HOUR, always);
  await pass(START + 3 * HOUR, never);
  engine.stop();
  const last = published().at(-1)!;
  // The store of these tests forgets a series after an hour.
  assert.ok(last[1] === 'stale' && Number(last[0]) >= 119 && Number(last[0]) <= 122, JSON.stringify(last));
});

test('a series whose pauses are usual is missing only after a longer one', async () => {
  const { pass, published, engine } = listening();
  // 20 minutes of values, 15 of silence, and so on for five hours.
  await pass(START + 5 * HOUR, (minute) => minute % 35 < 20);
  const usual = published();
  await pass(START + 5 * HOUR + 50 * MINUTE, never);
  engine.stop();
  assert.ok(
    usual.filter(([, value]) => value === 'stale').length <= 2,
    `missing in a pause until it is usual: ${JSON.stringify(usual)}`,
  );
  assert.ok(
    usual.every(([minute]) => Number(minute) < 75),
    JSON.stringify(usual),
  );
  const later = published().slice(usual.length);
  assert.equal(later[0]?.[1], 1);
  // The last value came at minute 299 at the latest.
  assert.ok(Number(later[0]![0]) >= 315, JSON.stringify(later[0]));
});

const silent: { name: string; rule: string; lived: number }[] = [
  { name: 'of which little is known', rule: 'step: 1m', lived: 20 },
  { name: 'under missing_after: false', rule: 'step: 1m\n    missing_after: false', lived: 60 },
];
for (const { name, rule, lived } of silent) {
  test(`a series ${name} is not missing`, async () => {
    const { pass, published, engine } = listening(rule);
    await pass(START + lived * MINUTE, always);
    await pass(START + (lived + 30) * MINUTE, never);
    engine.stop();
    assert.deepEqual(published(), []);
  });
}

test('nobody is missing where nothing comes at all', async () => {
  const life = fastClock();
  await life.pass(START + HOUR, () => 5);
  await life.pass(START + 90 * MINUTE, () => undefined);
  life.engine.stop();
  assert.deepEqual(
    life.writer.written.filter(({ name }) => name.startsWith(SERIES_MISSING)),
    [],
  );
});

test('after a restart silence counts from the start', async () => {
  const before = listening();
  await before.pass(START + HOUR, always);
  const bytes = bytesOf(before.engine.snapshot());
  before.engine.stop();
  mock.timers.tick(HOUR);
  const after = fastClock({ restore: readerOf(bytes) });
  await after.ready;
  await after.pass(START + 2 * HOUR + 20 * MINUTE, (timeMs) => {
    after.appendTo({ __name__: 'other' }, timeMs, 1);
    return undefined;
  });
  after.engine.stop();
  const published = after.writer.written.filter(({ name }) => name.startsWith(SERIES_MISSING));
  assert.equal((published[0]!.timeMs - START) / MINUTE, 130);
});
