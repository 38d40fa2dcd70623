import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import { Registry } from 'prom-client';
import { ExemplarStore } from '#src/exemplars/exemplar-store.js';
import { exclusionRoutes } from '#src/http/api/exclusions/exclusion-routes.js';
import { explainRoute } from '#src/http/api/explain/explain-route.js';
import type { ExclusionJson } from '#src/http/api/json/exclusions.js';
import type { ExplanationJson } from '#src/http/api/json/explanation.js';
import type { ForecastSeriesJson } from '#src/http/api/json/forecast.js';
import type { SeriesJson } from '#src/http/api/json/series.js';
import { seriesRoutes } from '#src/http/api/series-routes.js';
import { Reads } from '#src/http/request/reads.js';
import { fastClock, normal, settle, uniform } from '../../../engine/fast-clock.js';
import { START } from '../../../engine/fixture.js';
import { DAY, HOUR, MINUTE } from '../../../fixtures.js';
import { makeAccess } from '../../access-fixture.js';
import { makeServer } from '../../server-fixture.js';

const RULE = `step: 1m
    timezone: Europe/Berlin
    special_days: [{ calendar: works, like: sunday }]
    exclude: [{ name: Backup, cron: 0 3 * * *, for: 10m, learn: true }]
calendars: [{ name: works, days: [{ name: Founders Day, date: "01-05" }] }]`;
const END = START + DAY;
const seconds = (timeMs: number) => timeMs / 1000;

let life: ReturnType<typeof fastClock>;

// A day of noise; ten minutes of it far off, which a person says was no anomaly, and the last ten minutes too, in maintenance.
before(async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: START });
  life = fastClock({ rule: RULE });
  const random = uniform(1);
  const valueAt = (timeMs: number) => {
    const isOff = (timeMs > END - 2 * HOUR && timeMs < END - 2 * HOUR + 10 * MINUTE) || timeMs > END - 10 * MINUTE;
    return 100 + normal(random) + (isOff ? 60 : 0);
  };
  await life.pass(END - HOUR, valueAt);
  const about = { match: ['m'], reason: 'load test' };
  await life.engine.exclusions.add({ ...about, kind: 'not_an_anomaly', fromMs: END - 2 * HOUR, toMs: END - HOUR });
  await life.engine.exclusions.add({ ...about, kind: 'maintenance', fromMs: END - 10 * MINUTE, toMs: END + HOUR });
  await life.pass(END, valueAt);
  mock.timers.tick(11_000);
  await settle();
  life.engine.stop();
});
after(() => mock.timers.reset());

function server(t: Parameters<typeof makeServer>[0]) {
  const { app } = makeServer(t);
  const exemplars = new ExemplarStore({ isWanted: () => true, externalLabels: [] });
  const now = () => END + 11_000;
  const options = { queries: life.engine.queries, access: makeAccess(), reads: new Reads(new Registry()), now };
  app.register(explainRoute, { ...options, exemplars });
  app.register(seriesRoutes, options);
  app.register(exclusionRoutes, { ...options, exclusions: life.engine.exclusions });
  return async <T>(path: string): Promise<T[]> => {
    const response = await app.inject(`/api/v1/${path}`);
    assert.equal(response.statusCode, 200, response.body);
    return response.json().data;
  };
}

test('GET /api/v1/forecast has excluded times, special days and the zone of the rule, and no score where alarms are excluded', async (t) => {
  const range = `start=${seconds(START)}&end=${seconds(END)}`;
  const [curve] = await server(t)<ForecastSeriesJson>(`forecast?match[]=m&${range}`);
  assert.equal(curve!.timezone, 'Europe/Berlin');
  assert.deepEqual(
    curve!.excluded_times.map(({ kind, reason, start, end }) => [kind, reason, start, end]),
    [
      ['rule', 'Backup', seconds(START + 2 * HOUR), seconds(START + 2 * HOUR + 10 * MINUTE)],
      ['not_an_anomaly', 'load test', seconds(END - 2 * HOUR), seconds(END - HOUR)],
      ['maintenance', 'load test', seconds(END - 10 * MINUTE), seconds(END + HOUR)],
    ],
  );
  assert.deepEqual(
    curve!.special_days.map(({ start, end, like, text }) => [start, end, like, text]),
    [[seconds(START - HOUR), seconds(END - HOUR), 'sunday', 'expected as a Sunday: Founders Day']],
  );
  const { times, anomaly_score: scores } = curve!.observed;
  const scoreAt = (timeMs: number) => scores[times.findIndex((time) => time >= seconds(timeMs))];
  assert.equal(scoreAt(END - 5 * MINUTE), null);
  assert.notEqual(scoreAt(END - 30 * MINUTE), null);
});

test('GET /api/v1/series says that a series is in an excluded time, without a score', async (t) => {
  const [series] = await server(t)<SeriesJson>('series?match[]=m');
  const { excluded, last } = series!;
  assert.deepEqual(
    excluded!.map(({ kind, end }) => [kind, end]),
    [['maintenance', seconds(END + HOUR)]],
  );
  assert.equal(last.anomaly_score, null);
});

test('GET /api/v1/explain says why a step has no score, and why an alarm was none', async (t) => {
  const get = server(t);
  const [inMaintenance] = await get<ExplanationJson>('explain?match[]=m');
  assert.deepEqual(
    inMaintenance!.excluded_times.map(({ kind }) => kind),
    ['maintenance'],
  );
  assert.deepEqual([inMaintenance!.anomaly_score, inMaintenance!.score_basis], [null, 'none']);
  assert.match(inMaintenance!.text, /Excluded as maintenance until .* \(load test\)/);
  const [accepted] = await get<ExplanationJson>(`explain?match[]=m&time=${seconds(END - 2 * HOUR + 3 * MINUTE)}`);
  assert.equal(accepted!.alarm!.suppressed, true);
  assert.deepEqual([accepted!.acceptance!.reason, accepted!.acceptance!.created], ['load test', seconds(END - HOUR)]);
  const [usual] = await get<ExplanationJson>(`explain?match[]=m&time=${seconds(END - 30 * MINUTE)}`);
  assert.deepEqual([usual!.excluded_times, usual!.acceptance], [[], undefined]);
});

test('GET /api/v1/exclusions lists those of the series that are selected alone', async (t) => {
  const get = server(t);
  const kindsOf = async (query: string) => (await get<ExclusionJson>(`exclusions${query}`)).map(({ kind }) => kind);
  assert.deepEqual(await kindsOf('?match[]=m&exact=true'), ['not_an_anomaly', 'maintenance']);
  assert.deepEqual(await kindsOf('?match[]=other'), []);
  assert.deepEqual(await kindsOf(''), ['not_an_anomaly', 'maintenance']);
});
