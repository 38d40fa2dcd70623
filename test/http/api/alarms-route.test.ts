import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import { Registry } from 'prom-client';
import { alarmsRoute } from '#src/http/api/alarms-route.js';
import type { AlarmsAnswer } from '#src/http/api/json/alarms.js';
import { Reads } from '#src/http/request/reads.js';
import { fastClock, normal, settle, uniform } from '../../engine/fast-clock.js';
import { START } from '../../engine/fixture.js';
import { DAY, HOUR, MINUTE } from '../../fixtures.js';
import { makeAccess } from '../access-fixture.js';
import { makeServer } from '../server-fixture.js';

const END = START + DAY;

let life: ReturnType<typeof fastClock>;

// A day of three series; for the last five minutes those of zone `a` are far off.
before(async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
  life = fastClock();
  const random = uniform(1);
  await life.pass(END, (timeMs) => {
    const isOff = timeMs > END - 5 * MINUTE;
    life.appendTo({ __name__: 'far', zone: 'a', host: '1' }, timeMs, 50 + normal(random) + (isOff ? 60 : 0));
    life.appendTo({ __name__: 'near', zone: 'b', host: '2' }, timeMs, 50 + normal(random));
    return 100 + normal(random);
  });
  mock.timers.tick(11_000);
  await settle();
  life.engine.stop();
});
after(() => mock.timers.reset());

async function ask(t: Parameters<typeof makeServer>[0], query: string) {
  const { app } = makeServer(t);
  app.register(alarmsRoute, {
    queries: life.engine.queries,
    access: makeAccess(),
    reads: new Reads(new Registry()),
    now: () => END,
  });
  const response = await app.inject(`/api/v1/alarms?${query}`);
  return { status: response.statusCode, answer: response.json() as AlarmsAnswer };
}

test('GET /api/v1/alarms counts the alarms of a day by rule', async (t) => {
  const { start, step, total, data } = (await ask(t, 'points=288')).answer;
  assert.deepEqual([start, step, total], [(END - DAY) / 1000, 300, 1]);
  const [{ counts, ...lane }] = data as [AlarmsAnswer['data'][number]];
  assert.deepEqual(lane, { name: 'test', series: 3, anomalous: 1, alarms: 1 });
  assert.deepEqual([counts.length, counts.at(-2), counts.at(-1)], [288, 0, 1]);
});

test('GET /api/v1/alarms groups by a label or by kind, most alarms first', async (t) => {
  const lanesOf = async (query: string) =>
    (await ask(t, query)).answer.data.map(({ name, series, anomalous, alarms }) => [name, series, anomalous, alarms]);
  assert.deepEqual(await lanesOf('by_label=zone'), [
    ['a', 1, 1, 1],
    ['', 1, 0, 0],
    ['b', 1, 0, 0],
  ]);
  assert.deepEqual(await lanesOf('by_label=zone&limit=1'), [['a', 1, 1, 1]]);
  assert.deepEqual(await lanesOf('by_label=zone&match[]=near'), [['b', 1, 0, 0]]);
  assert.deepEqual(await lanesOf('by=kind'), [['value', 0, 0, 1]]);
});

for (const query of [
  'by=color',
  `start=${END / 1000}&end=${(END - HOUR) / 1000}`,
  `start=0&end=${END / 1000}`,
  'points=0',
  'limit=1000',
]) {
  test(`GET /api/v1/alarms?${query} is refused`, async (t) => assert.equal((await ask(t, query)).status, 400));
}
