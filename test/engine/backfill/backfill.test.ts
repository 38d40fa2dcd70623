import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Backfill } from '#src/engine/backfill/backfill.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { type Labels, makeLabels } from '#src/model/labels/labels.js';
import { compileMatchers } from '#src/model/labels/matcher.js';
import type { RemoteReadSettings } from '#src/model/settings/endpoint.js';
import { AGGREGATES } from '#src/model/settings/settings.js';
import type { HistoryClient, HistoryQuery, HistorySeries } from '#src/remote/read/history-client.js';
import { HistoryError } from '#src/remote/read/history-error.js';
import { HOUR, MINUTE, SECOND } from '../../fixtures.js';
import { START, storeWith } from '../fixture.js';

const HISTORY_MS = 10 * HOUR;
/** Buckets of 7 minutes fit into no hour. */
const RULE = 'history: 10h\n    resolution: 7m';

const SOURCE: RemoteReadSettings = {
  name: 'prometheus',
  url: 'http://localhost/api/v1/read',
  credentials: {},
  headers: {},
  timeoutMs: 1000,
  api: 'remote_read',
  windowMs: HOUR,
  maxSeriesPerRequest: 3,
  maxConcurrentRequests: 2,
  pauseMs: 0,
};

/** A database of these series, each with a sample every `everyMs` whose value is a function of its time. */
class Database implements HistoryClient {
  readonly asked: HistoryQuery[] = [];
  readonly #series: readonly Labels[];
  readonly #valueAt: (timeMs: number) => number;
  /** What is thrown instead of the next answers. */
  failures: HistoryError[] = [];
  closed = false;
  /** When the counter of a sample began. */
  startAt: ((timeMs: number) => number) | undefined;

  constructor(series: readonly Record<string, string>[], valueAt: (timeMs: number) => number) {
    this.#series = series.map((labels) => makeLabels(labels));
    this.#valueAt = valueAt;
  }

  async fetch(query: HistoryQuery): Promise<HistorySeries[]> {
    this.asked.push(query);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const matches = compileMatchers(query.matchers);
    return this.#series.filter(matches).map((labels) => ({ labels, samples: this.#samples(query), histograms: 1 }));
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  /** As chunks do, they reach over the range on either side. */
  #samples({ startMs, endMs }: HistoryQuery) {
    const times: number[] = [];
    for (
      let timeMs = Math.floor(startMs / SCRAPE) * SCRAPE - 10 * SCRAPE;
      timeMs < endMs + 10 * SCRAPE;
      timeMs += SCRAPE
    )
      times.push(timeMs);
    const startsMs = this.startAt && { startsMs: Float64Array.from(times, this.startAt) };
    return { timesMs: Float64Array.from(times), values: Float64Array.from(times, this.#valueAt), ...startsMs };
  }
}

/** Not a divisor of a minute, so that no bucket begins with a sample. */
const SCRAPE = 17 * SECOND;

function setUp(
  t: TestContext,
  database: Database,
  options: {
    rule?: string;
    sources?: RemoteReadSettings[];
    externalLabels?: string[];
    databases?: Database[];
    onDone?: (series: TrackedSeries) => void;
  } = {},
) {
  // So that no slice of time is over early because the machine is busy.
  t.mock.method(performance, 'now', () => 0);
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
  const { store, appendTo } = storeWith('unused', options.rule ?? RULE);
  const sources = options.sources ?? [SOURCE];
  const databases = options.databases ?? [database];
  const done: TrackedSeries[] = [];
  const registry = new Registry();
  const logged: string[] = [];
  const backfill = new Backfill({
    sources,
    connect: (source) => databases[sources.indexOf(source)]!,
    store,
    externalLabels: options.externalLabels ?? [],
    onDone: (series) => {
      options.onDone?.(series);
      done.push(series);
    },
    log: pino({ base: null, timestamp: false }, { write: (line) => logged.push(line) }),
    now: Date.now,
    registry,
  });
  t.after(() => backfill.stop());
  const tracked = new Map<number, TrackedSeries>();
  store.listener = {
    seriesAdded: (id) => {
      const series = new TrackedSeries(id);
      tracked.set(id, series);
      backfill.add(series);
    },
    seriesRemoved: () => {},
    seriesReset: () => {},
    seriesResumed: (id, beforeMs) => backfill.repair(tracked.get(id)!, beforeMs),
  };
  /** A series that comes live. */
  const track = (labels: Record<string, string>, value = 0, timeMs = START) =>
    tracked.get(appendTo(labels, timeMs, value))!;
  /** Lets time pass until nothing is left to do, but at most an hour. */
  const finish = async () => {
    for (let i = 0; i < 3600; i++) {
      t.mock.timers.tick(1000);
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (backfill.progress.total === 0 && i > 2) return;
    }
  };
  const metric = async (line: RegExp) => Number(line.exec(await registry.metrics())?.[1]);
  return { store, backfill, done, track, finish, metric, logged, appendTo };
}

/** What the same samples had become if they had come live. */
function live(rule: string, labels: Record<string, string>, valueAt: (timeMs: number) => number) {
  const { store, appendTo } = storeWith('unused', rule);
  let id = 0;
  for (let timeMs = Math.ceil((START - HISTORY_MS) / SCRAPE) * SCRAPE; timeMs < START; timeMs += SCRAPE)
    id = appendTo(labels, timeMs, valueAt(timeMs));
  return store.readHistory(id, 0, START - 10 * MINUTE);
}

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
