import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { parseConfig } from '#src/config/load.js';
import { QueryPoller } from '#src/engine/polling/query-poller.js';
import { formatLabels, makeLabels } from '#src/model/labels/labels.js';
import type { QuerySourceSettings } from '#src/model/settings/endpoint.js';
import { RECEIVER_DEFAULTS } from '#src/model/settings/receiver.js';
import { ruleChooser } from '#src/model/settings/rule-chooser.js';
import type { Rule, RuleQuery } from '#src/model/settings/settings.js';
import type { HistorySeries } from '#src/remote/read/history-client.js';
import { HistoryError } from '#src/remote/read/history-error.js';
import type { RangeQuery } from '#src/remote/read/range-queries.js';
import { SeriesStore } from '#src/series/series-store.js';
import { HOUR, MINUTE, SECOND } from '../../fixtures.js';

const START = Date.UTC(2026, 0, 5);
const SOURCE: QuerySourceSettings = {
  name: 'prometheus',
  url: 'http://127.0.0.1:9090/api/v1/query_range',
  credentials: {},
  headers: {},
  timeoutMs: SECOND,
  windowMs: 24 * HOUR,
  maxConcurrentRequests: 2,
  pauseMs: 10,
};

type Answer = (query: RangeQuery) => Iterable<HistorySeries> | Promise<Iterable<HistorySeries>>;

/** One series of which each value is the number of minutes since the start. */
function ramp(labels: Record<string, string> = {}): Answer {
  return ({ metric, startMs, endMs, stepMs }) => {
    const timesMs = Float64Array.from({ length: (endMs - startMs) / stepMs + 1 }, (_, i) => startMs + i * stepMs);
    const samples = { timesMs, values: timesMs.map((timeMs) => (timeMs - START) / MINUTE) };
    return [{ labels: makeLabels(Object.entries({ ...labels, __name__: metric ?? '' })), samples, histograms: 0 }];
  };
}

function ruleOf(query: Partial<RuleQuery> = {}, yaml = 'history: 1h'): Rule {
  const text = `rules:\n  - name: load\n    match: [load]\n    resolution: 1m\n    prophet: {daily_seasonality: false}\n    ${yaml}`;
  const [rule] = parseConfig(text, '.').rules;
  return { ...rule!, query: { expression: 'sum(load)', source: 'prometheus', offsetMs: 0, labels: {}, ...query } };
}

/** A poller of one query at a source that answers by `source.answer`. */
function pollerOf(
  t: { after(run: () => void): void },
  {
    rule = ruleOf(),
    answer = ramp(),
    windowMs = SOURCE.windowMs,
  }: { rule?: Rule; answer?: Answer; windowMs?: number } = {},
) {
  const asked: RangeQuery[] = [];
  const source = { answer };
  const warnings: string[] = [];
  const caughtUp: string[] = [];
  const store = new SeriesStore({
    ...RECEIVER_DEFAULTS,
    chooseRule: ruleChooser([rule]),
    seriesIdleTimeoutMs: HOUR,
    maxIgnoredBytes: 1e6,
    log: pino({ level: 'silent' }),
  });
  const registry = new Registry();
  const poller = new QueryPoller({
    sources: [{ ...SOURCE, windowMs }],
    connect: () => ({
      ask: async (query) => {
        asked.push(query);
        return source.answer(query);
      },
      close: async () => {},
    }),
    store,
    onCaughtUp: ({ name }) => caughtUp.push(name),
    log: pino({ level: 'info' }, { write: (line: string) => void warnings.push(line) }),
    now: Date.now,
    registry,
  });
  t.after(() => poller.stop());
  poller.setRules([rule]);
  return { asked, source, store, poller, warnings, caughtUp, registry };
}

/** Lets time pass, and everything that is due run. */
async function pass(ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += SECOND) {
    mock.timers.tick(SECOND);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Value of the step that ends at each timestamp of [fromMs, toMs]. */
function stepsUntil(store: SeriesStore, fromMs: number, toMs: number): number[] {
  const [id] = store.ids();
  const values: number[] = [];
  for (let endMs = fromMs; endMs <= toMs; endMs += MINUTE) values.push(store.stepValue(id!, endMs - MINUTE));
  return values;
}

beforeEach((t) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: START });
  (t as { after(run: () => void): void }).after(() => mock.timers.reset());
});

test('a query is asked for its history at first, and then at every step', async (t) => {
  const { asked, store, caughtUp } = pollerOf(t);
  await pass(3 * MINUTE);
  assert.deepEqual(
    asked.map(({ startMs, endMs }) => [(startMs - START) / MINUTE, (endMs - START) / MINUTE]),
    [
      [-58, 0],
      [1, 1],
      [2, 2],
    ],
  );
  assert.deepEqual(stepsUntil(store, START - 2 * MINUTE, START + 2 * MINUTE), [-2, -1, 0, 1, 2]);
  assert.deepEqual(caughtUp, ['load']);
});

test('long history is asked for in windows, oldest first', async (t) => {
  const { asked } = pollerOf(t, { windowMs: 20 * MINUTE });
  await pass(5 * SECOND);
  assert.deepEqual(
    asked.map(({ startMs, endMs }) => [(startMs - START) / MINUTE, (endMs - START) / MINUTE]),
    [
      [-58, -39],
      [-38, -19],
      [-18, 0],
    ],
  );
});

test('with an offset, timestamps are asked for that much later', async (t) => {
  const { asked } = pollerOf(t, { rule: ruleOf({ offsetMs: 90 * SECOND }) });
  await pass(3 * MINUTE);
  assert.deepEqual(
    asked.map(({ endMs }) => (endMs - START) / MINUTE),
    [-2, -1, 0, 1],
  );
});

test('a source that fails is retried, and what was missed is read then', async (t) => {
  const { asked, source, store, warnings } = pollerOf(t);
  await pass(MINUTE);
  const answer = source.answer;
  source.answer = () => {
    throw new HistoryError('HTTP 503: starting', {});
  };
  await pass(10 * MINUTE);
  const failures = asked.length;
  source.answer = answer;
  await pass(2 * MINUTE);
  assert.ok(failures < 25, `${failures} requests in ten minutes`);
  assert.deepEqual(stepsUntil(store, START + 1 * MINUTE, START + 12 * MINUTE), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  assert.match(warnings[0]!, /"reason":"HTTP 503: starting".*"msg":"a query failed: it is retried/);
  assert.ok(warnings.length <= 11, `${warnings.length} lines in ten minutes`);
});

test('a query that fails is logged with the remedy, and once more when it works again', async (t) => {
  const { source, warnings } = pollerOf(t);
  const answer = source.answer;
  source.answer = () => {
    throw new HistoryError('HTTP 401: Unauthorized', { remedy: 'set basic_auth' });
  };
  await pass(3 * MINUTE);
  source.answer = answer;
  await pass(5 * MINUTE);
  const logged = warnings.map((line) => JSON.parse(line));
  assert.equal(logged[0].remedy, 'set basic_auth');
  assert.deepEqual(
    logged.map(({ msg }) => msg).filter((message) => /works again/.test(message)),
    ['a query works again'],
  );
});

test('a range that is too much is asked for in parts', async (t) => {
  const { asked, store } = pollerOf(t, {
    answer: (query) => {
      if (query.endMs - query.startMs < 10 * MINUTE) return ramp()(query);
      throw new HistoryError('HTTP 422: too many points', { isTooMuch: true });
    },
  });
  await pass(MINUTE);
  assert.ok(asked.length > 7);
  assert.deepEqual(stepsUntil(store, START - 58 * MINUTE, START - 56 * MINUTE), [-58, -57, -56]);
  assert.deepEqual(stepsUntil(store, START, START), [0]);
});

test('an expression that is refused is tried once a minute, not in ever smaller parts', async (t) => {
  const { asked } = pollerOf(t, {
    answer: () => {
      throw new HistoryError('HTTP 400: parse error', { isTooMuch: true });
    },
  });
  await pass(10 * MINUTE);
  assert.ok(asked.length < 25, `${asked.length} requests in ten minutes`);
});

test('a series that the results have no more has ended', async (t) => {
  const { source, store } = pollerOf(t);
  await pass(2 * MINUTE);
  const [id] = store.ids();
  assert.ok(Number.isNaN(store.endedAtMs(id!)));
  source.answer = () => [];
  await pass(2 * MINUTE);
  assert.equal(store.endedAtMs(id!), START + 2 * MINUTE - 1);
});

test('results carry the labels of the query, and its name', async (t) => {
  const { store } = pollerOf(t, {
    rule: ruleOf({ labels: { team: 'shop', job: 'queries' } }),
    answer: ramp({ job: 'api', path: '/' }),
  });
  await pass(MINUTE);
  assert.deepEqual(
    [...store.ids()].map((id) => formatLabels(store.labels(id))),
    ['load{job="queries", path="/", team="shop"}'],
  );
});

test('a source that is down does not let its series grow idle, whatever is pushed meanwhile', async (t) => {
  const { source, store } = pollerOf(t);
  await pass(2 * MINUTE);
  source.answer = () => {
    throw new HistoryError('down', {});
  };
  for (let minute = 0; minute < 150; minute++) {
    store.beginRequest(Date.now());
    await pass(MINUTE);
  }
  const heardMs = store.lastRequestMs([...store.ids()][0]!);
  assert.equal(store.sweepIdle(), 0);
  assert.ok(heardMs < START + 3 * MINUTE, 'its source has been silent');
});

test('after a restart a query goes on where its series end', async (t) => {
  const { asked, poller } = pollerOf(t);
  await pass(2 * MINUTE);
  asked.length = 0;
  poller.setRules([]);
  await pass(5 * MINUTE);
  poller.setRules([ruleOf()]);
  await pass(10 * SECOND);
  assert.deepEqual(
    asked.map(({ startMs, endMs }) => [(startMs - START) / MINUTE, (endMs - START) / MINUTE]),
    [[2, 7]],
  );
});

test('the lag of a query is less than two steps, and grows while its source is down', async (t) => {
  const { source, registry } = pollerOf(t);
  const lag = async () => {
    const { values } = await registry.getSingleMetric('sentio_query_lag_seconds')!.get();
    return values.map(({ labels, value }) => [labels.query, value]);
  };
  await pass(2 * MINUTE);
  assert.deepEqual(await lag(), [['load', 60]]);
  source.answer = () => {
    throw new HistoryError('down', {});
  };
  await pass(5 * MINUTE);
  assert.deepEqual(await lag(), [['load', 360]]);
});
