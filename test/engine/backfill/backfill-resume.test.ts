import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { HistoryError } from '#src/remote/read/history-error.js';
import { HOUR, MINUTE, SECOND } from '../../fixtures.js';
import { START } from '../fixture.js';
import { Database, HISTORY_MS, SOURCE, setUp } from './backfill-setup.js';

test('a series that is removed meanwhile is forgotten, and the series that gets its id does not get its past', async (t) => {
  const labels = { __name__: 'm' };
  const database = new Database([labels], () => 5);
  const { store, backfill, track, finish, done } = setUp(t, database);
  const series = track(labels);
  backfill.remove(series);
  await finish();
  assert.deepEqual([database.asked, done], [[], []]);
  assert.equal(store.readHistory(series.id, 0, START - HOUR).values.length, 0);
  assert.deepEqual(backfill.progress, { done: 0, total: 0 });
});

test('a series whose past came live is read no more', async (t) => {
  const labels = { __name__: 'm' };
  const database = new Database([labels], () => 5);
  const { track, finish, done } = setUp(t, database);
  const series = track(labels, 1, START - HISTORY_MS);
  await finish();
  assert.deepEqual([database.asked, done], [[], [series]]);
});

test('a series that comes back with its past lacks only what came meanwhile', async (t) => {
  const labels = { __name__: 'm' };
  const database = new Database([labels], () => 5);
  const { store, backfill, track, finish, done, appendTo } = setUp(t, database);
  // As a snapshot has it: twelve hours of samples, the last of them 90 minutes old.
  const series = track(labels, 1, START - 12 * HOUR);
  for (let timeMs = START - 12 * HOUR; timeMs <= START - 90 * MINUTE; timeMs += MINUTE) appendTo(labels, timeMs, 1);
  backfill.remove(series);
  series.incompleteFromMs = Number.POSITIVE_INFINITY;
  backfill.add(series);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(1_000);
  await turn();
  assert.deepEqual(backfill.progress, { done: 0, total: 0 }, 'nothing has come live yet');
  appendTo(labels, START, 1);
  t.mock.timers.tick(1_000);
  await turn();
  assert.deepEqual(backfill.progress, { done: 0, total: 0 }, 'the step in which it came is not over yet');
  appendTo(labels, START + MINUTE, 1);
  await finish();
  assert.deepEqual(done, [series, series]);
  // A rate would need the sample before.
  assert.equal(database.asked[0]!.startMs, Math.floor((START - 95 * MINUTE) / (7 * MINUTE)) * 7 * MINUTE);
  assert.equal(database.asked.at(-1)!.endMs, START + 2 * MINUTE);
  const steps = store.readSteps(series.id, START - 3 * HOUR, START - MINUTE);
  assert.deepEqual(
    [...steps.values],
    Array.from(steps.timesMs, (timeMs) => (timeMs < START - 90 * MINUTE ? 1 : 5)),
  );
  assert.equal(steps.values.length, 3 * 60 - 1);
});

test('progress is counted in series, and logged', async (t) => {
  const labels = { __name__: 'm' };
  const database = new Database([labels], () => 5);
  const { backfill, track, finish, logged } = setUp(t, database);
  track(labels);
  t.mock.timers.tick(1000);
  assert.deepEqual(backfill.progress, { done: 0, total: 1 });
  await finish();
  assert.deepEqual(backfill.progress, { done: 0, total: 0 });
  assert.match(logged[0]!, /backfill started/);
  assert.match(logged.at(-1)!, /"series":1,.*backfill done/);
  backfill.stop();
  assert.ok(database.closed);
});

test('while a database is down, nothing is said of a progress that is none', async (t) => {
  const database = new Database([{ __name__: 'm' }], () => 1);
  database.failures = Array.from({ length: 1000 }, () => new HistoryError('connect ECONNREFUSED', {}));
  const { track, logged } = setUp(t, database);
  track({ __name__: 'm' });
  for (let second = 0; second < 120; second++) {
    t.mock.timers.tick(SECOND);
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(database.asked.length > 3, `asked ${database.asked.length} times`);
  const messages = logged.map((line) => JSON.parse(line).msg);
  assert.deepEqual(messages.slice(0, 2), ['backfill started', 'reading history failed: retrying']);
  assert.ok(!messages.includes('backfill in progress'), messages.join());
});

test('what a series lost on its way is read when it comes again after a silence', async (t) => {
  const labels = { __name__: 'm' };
  const database = new Database([labels], () => 5);
  const { store, track, finish, done, appendTo } = setUp(t, database);
  const series = track(labels, 1, START - 11 * HOUR);
  for (let timeMs = START - 11 * HOUR; timeMs <= START - 8 * MINUTE; timeMs += MINUTE) appendTo(labels, timeMs, 1);
  await finish();
  await finish();
  const asked = database.asked.length;
  appendTo(labels, START, 1);
  appendTo(labels, START + MINUTE, 1);
  await finish();
  assert.equal(database.asked.length, asked + 1);
  const { values } = store.readSteps(series.id, START - 12 * MINUTE, START + 2 * MINUTE);
  assert.deepEqual([...values], [1, 1, 1, 1, ...Array(9).fill(5), 1]);
  assert.equal(done.length, 3);
});

test('a step at the end of a window is repaired like any other', async (t) => {
  const labels = { __name__: 'm' };
  // Windows of an hour end where START does.
  const database = new Database([labels], () => 5);
  const { store, track, finish, appendTo } = setUp(t, database, { rule: 'history: 10h\n    resolution: 10m' });
  const series = track(labels, 1, START - 11 * HOUR);
  for (let timeMs = START - 11 * HOUR; timeMs <= START - 8 * MINUTE; timeMs += MINUTE) appendTo(labels, timeMs, 1);
  await finish();
  await finish();
  // The first that comes again is of the last step before START.
  for (let timeMs = START - 20 * SECOND; timeMs <= START + 4 * MINUTE; timeMs += MINUTE) appendTo(labels, timeMs, 1);
  await finish();
  const { values } = store.readSteps(series.id, START - 7 * MINUTE, START + 3 * MINUTE);
  assert.deepEqual([...values], [5, 5, 5, 5, 5, 5, 5, 1, 1, 1]);
});

test('what was being read when a snapshot was taken is read again after the restart, all of it', async (t) => {
  const labels = { __name__: 'm' };
  const database = new Database([labels], () => 5);
  const { store, backfill, track, finish, appendTo } = setUp(t, database);
  const series = track(labels, 1);
  // The first window is there when the snapshot is taken: what the series has reaches far back, with a hole.
  store.backfill(series.id, { timesMs: Float64Array.of(START - 9.9 * HOUR), values: Float64Array.of(5) });
  assert.equal(series.incompleteFromMs, Number.NEGATIVE_INFINITY);
  backfill.remove(series);
  backfill.add(series);
  appendTo(labels, START + MINUTE, 1);
  await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(SECOND);
  appendTo(labels, START + 2 * MINUTE, 1);
  await finish();
  assert.ok(store.readHistory(series.id, 0, START).values.length > 80);
  assert.equal(series.incompleteFromMs, Number.POSITIVE_INFINITY);
});

test('a fault while a series is handed over costs no other series its history, and is logged', async (t) => {
  const labels = Array.from({ length: 9 }, (_, i) => ({ __name__: 'm', host: `h${i}` }));
  const broken: TrackedSeries[] = [];
  const { track, finish, done, logged } = setUp(t, new Database(labels, () => 1), {
    onDone: (series) => {
      if (broken.includes(series)) throw new Error('nobody takes this one');
    },
  });
  const series = labels.map((each) => track(each));
  broken.push(series[0]!);
  await finish();
  assert.deepEqual(
    series.filter((each) => !done.includes(each)).length <= SOURCE.maxSeriesPerRequest,
    true,
    'at most the batch it was in',
  );
  assert.ok(logged.some((line) => /nobody takes this one/.test(line)));
});
