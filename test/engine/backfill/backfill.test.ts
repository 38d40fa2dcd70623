import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGGREGATES } from '#src/model/settings/settings.js';
import { HistoryError } from '#src/remote/read/history-error.js';
import { HOUR, MINUTE, SECOND } from '../../fixtures.js';
import { START } from '../fixture.js';
import { Database, HISTORY_MS, live, RULE, SCRAPE, SOURCE, setUp } from './backfill-setup.js';

for (const aggregate of AGGREGATES) {
  test(`history becomes what it had become live, across windows, as ${aggregate}`, async (t) => {
    // Uneven, with a reset every 97 minutes.
    const valueAt = (timeMs: number) => ((timeMs % (97 * MINUTE)) / SECOND) ** 1.5;
    const rule = `${RULE}\n    aggregate: ${aggregate}`;
    const labels = { __name__: 'm', host: 'a' };
    const { store, track, finish, done } = setUp(t, new Database([labels], valueAt), { rule });
    const series = track(labels);
    await finish();
    assert.deepEqual(done, [series]);
    const read = store.readHistory(series.id, 0, START - 10 * MINUTE);
    const want = live(rule, labels, valueAt);
    // The first bucket begins before the live one did.
    const from = read.timesMs.indexOf(want.timesMs[1]!);
    assert.ok(from >= 0 && from <= 2);
    assert.deepEqual([...read.timesMs.subarray(from)], [...want.timesMs.subarray(1)]);
    const misses = read.values.subarray(from).map((value, i) => Math.abs(value / want.values[i + 1]! - 1));
    assert.ok(Math.max(...misses) < 1e-5, `misses by ${Math.max(...misses)}`);
    assert.ok(read.timesMs.length > 80);
  });
}

test('windows are whole buckets, in time order, from the start of the history to what came live', async (t) => {
  const labels = { __name__: 'm' };
  const database = new Database([labels], () => 1);
  const { track, finish } = setUp(t, database);
  track(labels);
  await finish();
  const ranges = database.asked.map(({ startMs, endMs }) => [startMs, endMs] as const);
  assert.equal(ranges[0]![0], Math.floor((START + 2 * SECOND - HISTORY_MS) / (7 * MINUTE)) * 7 * MINUTE);
  assert.equal(ranges.at(-1)![1], START);
  for (const [i, [startMs, endMs]] of ranges.entries()) {
    assert.equal(startMs % (7 * MINUTE), 0);
    assert.ok(endMs - startMs <= 63 * MINUTE);
    assert.equal(startMs, i === 0 ? startMs : ranges[i - 1]![1]);
  }
});

test('series of one metric are asked for together, and the answer is taken apart again', async (t) => {
  const all = [
    { __name__: 'm', host: 'a' },
    { __name__: 'm', host: 'b.c' },
    { __name__: 'm', host: 'd' },
    { __name__: 'm', host: 'e' },
    { __name__: 'n', host: 'a' },
    { __name__: 'm', other: 'label' },
  ];
  const database = new Database([...all, { __name__: 'm', host: 'bxc' }], () => 5);
  const { store, track, finish, metric } = setUp(t, database, { sources: [{ ...SOURCE, windowMs: 24 * HOUR }] });
  const tracked = all.map((labels) => track(labels));
  await finish();
  assert.deepEqual(
    database.asked.map(({ metric: name, matchers }) => [
      name,
      ...matchers.map(({ name: label, type, value }) => label + type + value),
    ]),
    [
      ['m', '__name__=m', 'host=~a|b\\.c|d'],
      ['m', '__name__=m', 'host=e'],
      ['n', '__name__=n', 'host=a'],
      ['m', '__name__=m', 'other=label'],
    ]
      .flatMap((query) => [query, query])
      .filter((_, i) => i % 2 === 0),
  );
  for (const { id } of tracked) assert.ok(store.readHistory(id, 0, START - HOUR).values.every((value) => value === 5));
  assert.equal(await metric(/sentio_backfill_series_total\{outcome="read"\} (\d+)/), 6);
});

test('a label that the sender adds may be absent in the database, and has its value where it is there', async (t) => {
  const labels = { __name__: 'm', host: 'a' };
  const database = new Database([labels, { ...labels, cluster: 'own' }, { ...labels, cluster: 'other' }], () => 5);
  const { track, finish, metric } = setUp(t, database, { externalLabels: ['cluster'] });
  // This store takes no labels off, so nothing is found under the names that are left: the query is the point here.
  track({ ...labels, cluster: 'own' });
  await finish();
  const [query] = database.asked;
  assert.deepEqual(query!.matchers.at(-1), { name: 'host', type: '=', value: 'a' });
  assert.deepEqual(query!.matchers.find(({ name }) => name === 'cluster')?.value, 'own|');
  // Of the three, two are found in each of 11 windows.
  assert.equal(await metric(/sentio_backfill_dropped_total\{kind="unasked_series"\} (\d+)/), 2 * 11);
});

test('what came live wins, but in the step in which it began, and nothing is read that is newer', async (t) => {
  const labels = { __name__: 'm' };
  const { store, track, finish, appendTo, metric } = setUp(t, new Database([labels], () => 5));
  const series = track(labels, 100);
  appendTo(labels, START + MINUTE, 100);
  await finish();
  await finish();
  const steps = store.readSteps(series.id, START, Number.POSITIVE_INFINITY);
  assert.deepEqual([...steps.values], [5, 100]);
  assert.equal(store.stepValue(series.id, START - MINUTE), 5);
  assert.equal(store.newestSampleMs(series.id), START + MINUTE);
  assert.equal(await metric(/sentio_backfill_dropped_total\{kind="histogram"\} (\d+)/), 11 + 1);
});

test('each series of a batch is filled up to where it came live itself', async (t) => {
  const [a, b] = [
    { __name__: 'm', host: 'a' },
    { __name__: 'm', host: 'b' },
  ];
  const { store, track, finish, metric } = setUp(t, new Database([a, b], () => 5));
  const early = track(a, 1, START - 3 * SCRAPE);
  const late = track(b, 1);
  await finish();
  assert.equal(store.newestSampleMs(early.id), START - 3 * SCRAPE);
  assert.equal(store.newestSampleMs(late.id), START);
  assert.equal(await metric(/sentio_backfill_dropped_total\{kind="live"\} (\d+)/), 3);
});

test('a request that fails is sent again, as late as the database asks, and nothing is lost', async (t) => {
  const labels = { __name__: 'm' };
  const database = new Database([labels], () => 5);
  database.failures = [
    new HistoryError('HTTP 503', { retryAfterMs: 30_000, remedy: 'wait until it has started' }),
    new HistoryError('connect ECONNREFUSED', {}),
  ];
  const { store, track, finish, metric, logged } = setUp(t, database);
  const series = track(labels);
  await finish();
  assert.deepEqual(database.asked[1], database.asked[0]);
  assert.deepEqual(database.asked[2], database.asked[0]);
  assert.ok(Date.now() >= START + 31_000);
  assert.ok(store.readHistory(series.id, 0, START).values.length > 80);
  assert.equal(await metric(/sentio_backfill_requests_total\{source="prometheus",outcome="failed"\} (\d+)/), 2);
  assert.match(logged.join(''), /"reason":"HTTP 503","remedy":"wait until it has started"/);
  const messages = logged.map((line) => JSON.parse(line).msg);
  assert.equal(messages.filter((message) => message === 'reading history works again').length, 1);
});

test('a request that is too much is asked for in halves, down to a bucket, and then given up', async (t) => {
  const labels = { __name__: 'm' };
  const database = new Database([labels], () => 5);
  const tooMuch = () => new HistoryError('exceeded sample limit', { isTooMuch: true });
  database.failures = [tooMuch(), tooMuch()];
  const { store, track, finish, done, metric } = setUp(t, database);
  const series = track(labels);
  await finish();
  // 63 minutes are 9 buckets, of which the half is 4, and of that 2.
  assert.ok(database.asked.slice(2).every(({ startMs, endMs }) => endMs - startMs <= 14 * MINUTE));
  assert.ok(store.readHistory(series.id, 0, START).values.length > 80);

  database.failures = Array.from({ length: 5 }, tooMuch);
  const other = track({ __name__: 'other' });
  await finish();
  assert.deepEqual(done, [series, other], 'its fit does not wait for ever');
  assert.equal(await metric(/sentio_backfill_series_total\{outcome="given_up"\} (\d+)/), 1);
});

test('a server that has no history is named once and not waited for, and the next one is read', async (t) => {
  const labels = { __name__: 'm' };
  const agent = new Database([labels], () => 5);
  agent.failures = [new HistoryError('HTTP 500: unsupported operation with WAL-only storage', { isForever: true })];
  const database = new Database([labels, { __name__: 'other' }], () => 7);
  const sources = [
    { ...SOURCE, name: 'agent' },
    { ...SOURCE, name: 'database' },
  ];
  const { store, track, finish, done, logged } = setUp(t, agent, { sources, databases: [agent, database] });
  const series = track(labels);
  await finish();
  const other = track({ __name__: 'other' });
  await finish();
  assert.equal(agent.asked.length, 1);
  assert.deepEqual(done, [series, other]);
  for (const { id } of done) assert.equal(store.readHistory(id, 0, START).values[0], 7);
  assert.equal(logged.filter((line) => /WAL-only/.test(line)).length, 1);
});

test('start timestamps tell resets where the value does not fall, over windows too', async (t) => {
  const labels = { __name__: 'm_total' };
  // Each scrape finds another process, which has counted as much in the ten seconds that it is there.
  const database = new Database([labels], () => 170);
  database.startAt = (timeMs) => timeMs - 10 * SECOND;
  const { store, track, finish } = setUp(t, database);
  const { id } = track(labels, 170);
  await finish();
  assert.ok(database.asked.length > 5);
  const { values } = store.readHistory(id, START - 9 * HOUR, START - HOUR);
  assert.ok(values.length > 60 && values.every((value) => Math.abs(value - 10) < 1e-3), values.join(' '));
});

test('a second database fills what the first left empty, and changes nothing else', async (t) => {
  const labels = { __name__: 'm' };
  const first = new Database([labels], (timeMs) => (timeMs < START - 5 * HOUR ? Number.NaN : 1));
  const second = new Database([labels], () => 2);
  const { store, track, finish, done } = setUp(t, first, {
    sources: [SOURCE, { ...SOURCE, name: 'second' }],
    databases: [first, second],
  });
  const series = track(labels);
  await finish();
  const { timesMs, values } = store.readHistory(series.id, 0, START - 10 * MINUTE);
  const evaluationMs = START - 5 * HOUR;
  for (const [i, timeMs] of timesMs.entries()) {
    const isNearBoundary = Math.abs(timeMs - evaluationMs) < 7 * MINUTE;
    assert.ok(isNearBoundary || values[i] === (timeMs < evaluationMs ? 2 : 1), `${values[i]} at ${timeMs - START}`);
  }
  assert.deepEqual(done, [series]);
});
