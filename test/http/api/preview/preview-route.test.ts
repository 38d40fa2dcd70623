import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { Registry } from 'prom-client';
import { backtest } from '#src/backtest/backtest.js';
import { parseConfig } from '#src/config/load.js';
import { EngineQueries } from '#src/engine/query/engine-queries.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import type { PreviewAnswer, PreviewFormAnswer } from '#src/http/api/json/preview.js';
import { type Previewer, previewRoute } from '#src/http/api/preview/preview-route.js';
import { Reads } from '#src/http/request/reads.js';
import { BusyError } from '#src/lib/errors.js';
import { Previews } from '#src/preview/previews.js';
import { START, storeWith } from '../../../engine/fixture.js';
import { DAY, MINUTE } from '../../../fixtures.js';
import { makeAccess } from '../../access-fixture.js';
import { listen, makeServer } from '../../server-fixture.js';

const RULE = 'anomaly: {direction: up}';
const { rules, effective } = parseConfig(`rules: [{name: test, match: ['{__name__=~".+"}'], ${RULE}}]`, '.');
const previews = new Previews(() => ({ rules, effective }));
const folder = mkdtempSync(join(tmpdir(), 'sentio-preview-'));
after(async () => {
  await previews.close();
  rmSync(folder, { recursive: true });
});

/** Ten days of a daily wave, a value every minute; a large incident on the eighth day and a smaller one on the ninth. */
const LARGE = START + 7.5 * DAY;
const SMALL = START + 8.5 * DAY;
const queries = queriesOf((timeMs) => {
  const minute = (timeMs - START) / MINUTE;
  const incident =
    timeMs >= LARGE && timeMs < LARGE + 60 * MINUTE ? 200 : timeMs >= SMALL && timeMs < SMALL + 60 * MINUTE ? 40 : 0;
  return 100 + 30 * Math.sin((2 * Math.PI * timeMs) / DAY) + 3 * Math.sin(minute * 12.9898) + incident;
});

function queriesOf(valueAt: (timeMs: number) => number): EngineQueries {
  const { store, append, appendTo } = storeWith('load', RULE);
  for (let timeMs = START; timeMs < START + 10 * DAY; timeMs += MINUTE) append(timeMs + MINUTE / 2, valueAt(timeMs));
  appendTo({ __name__: 'young' }, START + 10 * DAY, 1);
  const series = [...store.ids()].map((id) => new TrackedSeries(id));
  return new EngineQueries({
    store,
    forecasts: undefined as never,
    instants: undefined as never,
    incidents: undefined as never,
    markers: undefined as never,
    now: () => START + 10 * DAY,
    tracked: () => series,
    isTracked: () => true,
    historyProgress: () => undefined,
  } as ConstructorParameters<typeof EngineQueries>[0]);
}

function server(t: TestContext, with_: Previewer = previews) {
  const { app } = makeServer(t);
  const reads = new Reads(new Registry());
  app.register(previewRoute, { queries, access: makeAccess(), reads, now: () => START + 10 * DAY, previews: with_ });
  return app;
}

function ask(t: TestContext, payload: unknown) {
  return server(t).inject({
    method: 'POST',
    url: '/api/v1/preview',
    payload: payload as object,
    headers: { 'content-type': 'application/json' },
  });
}

test('POST /api/v1/preview says which alarms would go and stay, as backtests of the same history say', async (t) => {
  const response = await ask(t, { match: ['load'], change: { anomaly: { min_deviation: 100 } }, days: 4 });
  assert.equal(response.statusCode, 200, response.body);
  const { data } = response.json<PreviewAnswer>();
  assert.deepEqual(
    data.alarms.map(({ metric, outcome, start }) => [
      metric.__name__,
      outcome,
      Math.floor((start * 1000 - START) / DAY),
    ]),
    [
      ['load', 'stayed', 7],
      ['load', 'gone', 8],
    ],
  );
  assert.deepEqual([data.rule, data.series, data.before.step, data.after.step], ['test', 1, 600, 600]);
  assert.ok(Math.abs(data.tracked - (4 * DAY) / 1000) < 3_600, `${data.tracked}`);
  assert.deepEqual([data.before.alarms, data.after.alarms], [2, 1]);
  // Four days are no week.
  assert.deepEqual([data.before.alarms_per_week, data.after.alarms_per_week], [null, null]);

  // The same history as a file, replayed with either rule.
  const [series] = [...queries.series()];
  const { timesMs, values } = queries.history(series!);
  const file = join(folder, 'load.csv');
  writeFileSync(
    file,
    `unix_seconds,value\n${[...timesMs].map((timeMs, i) => `${timeMs / 1000},${values[i]}`).join('\n')}\n`,
  );
  const start = String((timesMs.at(-1)! + 10 * MINUTE - 4 * DAY) / 1000);
  const replayed = async (yaml: string) => {
    const configFile = join(folder, 'sentio.yml');
    writeFileSync(configFile, yaml);
    let stdout = '';
    const streams = { stdout: { write: (text: string) => (stdout += text) }, stderr: { write: () => {} } };
    await backtest({ paths: [file], configFile, start, json: true, step: '10m' }, streams);
    const [result] = JSON.parse(stdout).series;
    return result.anomalies.map((alarm: { start: string; end: string; score: number; yhat_upper: number }) => [
      Date.parse(alarm.start) / 1000,
      Date.parse(alarm.end) / 1000,
      alarm.score,
      alarm.yhat_upper,
    ]);
  };
  const shown = (...outcomes: string[]) =>
    data.alarms
      .filter(({ outcome }) => outcomes.includes(outcome))
      .map(({ start, end, peak_score, yhat_upper }) => [start, end, peak_score, yhat_upper]);
  assert.deepEqual(await replayed(data.yaml), shown('stayed', 'added'));
  const before = await replayed(`rules: [{name: test, match: ['{__name__=~".+"}'], ${RULE}}]`);
  assert.deepEqual(
    before.map(([from]: number[]) => from),
    data.alarms.map((alarm) => alarm.start),
  );
});

test('POST /api/v1/preview takes a longer step and another interval width', async (t) => {
  const change = { step: '1h', prophet: { interval_width: 0.9 } };
  const { data } = (await ask(t, { match: 'load', change })).json<PreviewAnswer>();
  assert.deepEqual([data.days, data.before.step, data.after.step], [7, 600, 3600]);
  const [rule] = parseConfig(data.yaml, '.').rules;
  assert.equal(rule!.settings.prophet.intervalWidth, 0.9);
});

for (const [name, payload, status, wanted] of [
  ['no body of its form', [], 400, /the body must be a JSON object with match and change/],
  ['no selection', { change: { step: '1h' } }, 400, /match: must be a selector or a list of them/],
  ['no change', { match: 'load', change: {} }, 400, /change: must have keys of a rule/],
  [
    'a key that there is not',
    { match: 'load', change: { stepp: '5m' } },
    400,
    /stepp: unknown key, did you mean step\?/,
  ],
  ['a value that is none', { match: 'load', change: { step: 'x' } }, 400, /step: must be a duration/],
  [
    'what history is kept',
    { match: 'load', change: { history: '5d' } },
    400,
    /history: cannot be changed in a preview/,
  ],
  ['too many days', { match: 'load', change: { step: '1h' }, days: 16 }, 400, /days: must be a number from 1 to 15/],
  [
    'days that are deep',
    `{"match":"load","change":{"step":"1h"},"days":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    400,
    /the body is nested more than 10 deep/,
  ],
  [
    'a deep list for a duration',
    `{"match":"load","change":{"step":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`,
    400,
    /the body is nested more than 10 deep/,
  ],
  [
    'deep settings in text',
    { match: 'load', set: [`anomaly.min_deviation=${'['.repeat(20)}${']'.repeat(20)}`] },
    400,
    /a value is nested more than 10 deep/,
  ],
  [
    'deep settings',
    `{"match":"load","change":{"anomaly":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}}`,
    400,
    /the body is nested more than 10 deep/,
  ],
  [
    'another field',
    { match: 'load', change: { step: '1h' }, foo: 1 },
    400,
    /foo: unknown, known are match, rule, search, exact, alarm, limit, days, change, set and progress/,
  ],
  ['a limit of no series', { match: 'load', change: { step: '1h' }, limit: 0 }, 400, /limit: must be a whole number/],
  ['two ways of saying it', { match: 'load', change: { step: '1h' }, set: ['step=1h'] }, 400, /set: cannot be given/],
  ['a text that sets nothing', { match: 'load', set: ['step'] }, 400, /must be KEY=VALUE/],
  ['a bad selector', { match: 'load{', change: { step: '1h' } }, 400, /invalid parameter "match\[\]"/],
  ['nothing that matches', { match: 'nothing', change: { step: '1h' } }, 404, /no tracked series matches/],
  ['a series without history', { match: 'young', change: { step: '1h' } }, 400, /no history to replay yet/],
] as const) {
  test(`POST /api/v1/preview refuses ${name}`, async (t) => {
    const response = await ask(t, payload);
    assert.equal(response.statusCode, status, response.body);
    assert.match(response.json().error, wanted);
  });
}

test('POST /api/v1/preview says how far it is, a line each, where that is asked for', async (t) => {
  const { headers, body } = await ask(t, { rule: 'test', limit: 1, set: ['step=1h'], progress: true });
  assert.equal(headers['content-type'], 'application/x-ndjson');
  const [first, last, ...others] = body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(first, { status: 'progress', done: 0, total: 1 });
  assert.deepEqual([last.status, last.data.series, last.data.matched, others], ['success', 1, 2, []]);
});

test('what goes wrong after the first line is a line', async (t) => {
  const app = server(t, {
    settings: () => assert.fail(),
    async *run() {
      yield 0;
      throw new BusyError('too long');
    },
  });
  const payload = { match: 'load', change: { step: '1h' }, progress: true };
  const { statusCode, body } = await app.inject({ method: 'POST', url: '/api/v1/preview', payload });
  assert.equal(statusCode, 200);
  assert.deepEqual(JSON.parse(body.trim().split('\n')[1]!), {
    status: 'error',
    errorType: 'unavailable',
    error: 'too long',
  });
});

test('GET /api/v1/preview says what the rule sets now', async (t) => {
  const { data } = (await server(t).inject('/api/v1/preview?rule=test')).json<PreviewFormAnswer>();
  assert.deepEqual([data.rule, data.series, data.max_series], ['test', 2, 20]);
  assert.deepEqual([data.settings.step, data.settings.anomaly.direction], ['1m', 'up']);
  assert.equal((await server(t).inject('/api/v1/preview?rule=other')).statusCode, 404);
});

test('a client that leaves ends its preview', async (t) => {
  let began: (signal: AbortSignal) => void;
  const running = new Promise<AbortSignal>((resolve) => {
    began = resolve;
  });
  const app = server(t, {
    settings: () => assert.fail(),
    async *run(_, signal) {
      yield 0;
      began(signal);
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
      return assert.fail();
    },
  });
  const port = await listen(app);
  const client = new AbortController();
  const request = fetch(`http://127.0.0.1:${port}/api/v1/preview`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ match: 'load', change: { step: '1h' } }),
    signal: client.signal,
  });
  const signal = await running;
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
  client.abort();
  await assert.rejects(request);
  await aborted;
  assert.match(String(signal.reason), /the client closed the connection/);
});
