import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import { Registry } from 'prom-client';
import type { SeriesAnswer } from '#src/http/api/json/series.js';
import { seriesRoutes } from '#src/http/api/series-routes.js';
import { Reads } from '#src/http/request/reads.js';
import { fastClock, normal, settle, uniform } from '../../engine/fast-clock.js';
import { START } from '../../engine/fixture.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';
import { makeAccess } from '../access-fixture.js';
import { makeServer } from '../server-fixture.js';

const END = START + DAY;
const seconds = (timeMs: number) => timeMs / 1000;

let life: ReturnType<typeof fastClock>;

// A day of three series: for the last five minutes `m` is far off and `limited` beyond its limit; `new` has come just now.
before(async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
  life = fastClock({ rule: 'bounds: {max: 200}' });
  const random = uniform(1);
  await life.pass(END, (timeMs) => {
    const isOff = timeMs > END - 5 * MINUTE;
    life.appendTo({ __name__: 'calm' }, timeMs, 50 + normal(random));
    life.appendTo({ __name__: 'limited' }, timeMs, 150 + normal(random) + (isOff ? 100 : 0));
    if (isOff) life.appendTo({ __name__: 'new' }, timeMs, 10);
    return 100 + normal(random) + (isOff ? 60 : 0);
  });
  mock.timers.tick(11_000);
  await settle();
  life.engine.stop();
});
after(() => mock.timers.reset());

async function list(t: Parameters<typeof makeServer>[0], query = '') {
  const { app, logged } = makeServer(t);
  const now = () => END + 11_000;
  app.register(seriesRoutes, {
    queries: life.engine.queries,
    access: makeAccess(),
    reads: new Reads(new Registry()),
    now,
  });
  const response = await app.inject(`/api/v1/series?${query}`);
  return { status: response.statusCode, answer: response.json() as SeriesAnswer, text: response.body, logged };
}

const names = ({ data }: SeriesAnswer) => data.map(({ metric }) => metric.__name__).sort();

test('GET /api/v1/series says of what kind an alarm is, why, and since when', async (t) => {
  const { answer } = await list(t);
  const byName = new Map(answer.data.map((series) => [series.metric.__name__, series]));
  const since = seconds(END - 5 * MINUTE);
  const reason = 'Its value is unusually far from what is expected.';
  assert.deepEqual(byName.get('m')!.alarm, { kind: 'value', reason, since });
  assert.deepEqual(byName.get('limited')!.alarm, {
    kind: 'limit',
    reason: 'Its value is beyond the limits or the bounds of its rule.',
    since,
  });
  assert.equal(byName.get('calm')!.alarm, undefined);
  assert.deepEqual(answer.summary.kinds, [
    { kind: 'value', anomalous: 1 },
    { kind: 'limit', anomalous: 1 },
  ]);
});

const filters: readonly (readonly [filter: string, want: readonly string[]])[] = [
  ['any', ['limited', 'm']],
  ['value', ['m']],
  ['limit', ['limited']],
  ['stuck', []],
];
for (const [filter, want] of filters) {
  test(`GET /api/v1/series?alarm=${filter} lists ${want.join(' and ') || 'nothing'}`, async (t) => {
    const { answer } = await list(t, `alarm=${filter}`);
    assert.deepEqual(names(answer), want);
    assert.equal(answer.total, want.length);
  });
}

test('GET /api/v1/series refuses a kind of alarm that there is none of', async (t) => {
  const { status, text } = await list(t, 'alarm=loud');
  assert.equal(status, 400);
  assert.match(text, /"alarm\\": \\"loud\\" is not one of any, value, jump/);
});

test('GET /api/v1/series logs a selector that is half typed for who looks for it alone', async (t) => {
  const { status, logged } = await list(t, 'match[]={job=');
  assert.equal(status, 400);
  assert.deepEqual(
    logged
      .map((line) => JSON.parse(line))
      .filter(({ level, msg }) => level > 20 || msg === 'request refused')
      .map(({ level }) => level),
    [20],
  );
});

test('GET /api/v1/series says from when on a young series is watched, and in which way', async (t) => {
  const { answer } = await list(t);
  const settling = (name: string) => answer.data.find(({ metric }) => metric.__name__ === name)!.settling;
  const cameMs = END - 4.5 * MINUTE;
  assert.deepEqual(settling('new'), {
    forecast: seconds(END + 6 * MINUTE),
    value: seconds(END + 25 * MINUTE),
    stuck: seconds(END - 5 * MINUTE + 2 * DAY),
    level_shift: seconds(cameMs + 2 * DAY),
    drift: seconds(cameMs + 7 * DAY + 6 * HOUR),
    daily: seconds(cameMs + 2 * DAY),
    weekly: seconds(cameMs + 14 * DAY),
  });
  const { forecast, value, level_shift } = settling('calm')!;
  assert.deepEqual([forecast, value, level_shift], [undefined, undefined, seconds(START + 2 * DAY + MINUTE / 2)]);
});

test('GET /api/v1/series lists the series of one state', async (t) => {
  assert.deepEqual(names((await list(t, 'state=learning')).answer), ['new']);
  assert.deepEqual(names((await list(t, 'state=ended')).answer), []);
  assert.equal((await list(t, 'state=odd')).status, 400);
});

test('GET /api/v1/series lists what was in alarm within a window of time, highest score first', async (t) => {
  const window = (from: number, to: number) => `start=${seconds(from)}&end=${seconds(to)}`;
  const { answer } = await list(t, window(END - 10 * MINUTE, END));
  assert.deepEqual(names(answer), ['limited', 'm']);
  assert.deepEqual(names((await list(t, window(END - HOUR, END - 10 * MINUTE))).answer), []);
  assert.deepEqual(names((await list(t, `${window(END - HOUR, END)}&alarm=limit`)).answer), ['limited']);
  assert.equal((await list(t, window(END, END - HOUR))).status, 400);
});

test('GET /api/v1/series has sparklines of the rows that are asked for, in which an alarm is seen', async (t) => {
  const { answer } = await list(t, 'order=name&sparklines=1-3');
  assert.deepEqual(
    answer.data.map(({ metric, sparkline }) => [metric.__name__, sparkline !== undefined]),
    [
      ['calm', false],
      ['limited', true],
      ['m', true],
      ['new', false],
    ],
  );
  const { start, step, values, yhat_lower, yhat_upper } = answer.data[2]!.sparkline!;
  assert.deepEqual([values.length, yhat_lower.length, yhat_upper.length], [48, 48, 48]);
  assert.ok(start + 48 * step >= seconds(END) && values.at(-1)! > 150, `${start} ${step} ${values}`);
  assert.ok(values[0]! < 110 && yhat_lower[0]! < 100 && yhat_upper[0]! > 100);
  for (const rows of ['0-101', '5', 'all']) assert.equal((await list(t, `sparklines=${rows}`)).status, 400);
});
