import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Registry } from 'prom-client';
import type { EngineQueries } from '#src/engine/query/engine-queries.js';
import { incidentRoutes } from '#src/http/api/incidents/incident-routes.js';
import type { IncidentAnswer, IncidentsAnswer } from '#src/http/api/json/incidents.js';
import { Reads } from '#src/http/request/reads.js';
import { MINUTE } from '../../../fixtures.js';
import { Fleet, play, START } from '../../../incidents/fleet.js';
import { makeAccess } from '../../access-fixture.js';
import { makeServer } from '../../server-fixture.js';

const NOW = START + 12 * MINUTE;

/** Two deployments at once, and a series alone an hour before. */
function tracked() {
  const fleet = new Fleet(11);
  const { alarms } = fleet.twoDeploys();
  const alone = { series: 0, fromMs: START - 50 * MINUTE, toMs: START - 45 * MINUTE };
  return play(fleet, { alarms: [...alarms, alone] }, { random: Math.random, to: NOW });
}

function ask(t: TestContext, path: string) {
  const tracker = tracked();
  const { app } = makeServer(t);
  const queries = {
    get incidents() {
      return tracker.incidents;
    },
    incident: (id: string) => tracker.find(id),
  } as unknown as EngineQueries;
  app.register(incidentRoutes, { queries, access: makeAccess(), reads: new Reads(new Registry()), now: () => NOW });
  return app.inject(`/api/v1/incidents${path}`);
}

async function listed(t: TestContext, query: string): Promise<IncidentsAnswer> {
  const response = await ask(t, query);
  assert.equal(response.statusCode, 200, response.body);
  return response.json();
}

test('GET /api/v1/incidents says what happened, newest first', async (t) => {
  const { data, total } = await listed(t, '');
  assert.equal(total, 3);
  assert.deepEqual(data.map(({ grouped_by: by, is_open: isOpen }) => `${by?.label} ${by?.value} ${isOpen}`).sort(), [
    'service images true',
    'service login true',
    'undefined undefined false',
  ]);
  const single = data.at(-1)!;
  assert.deepEqual([single.series, single.start], [1, START / 1000 - 50 * 60]);
  const deploy = data.find(({ grouped_by: by }) => by?.value === 'login')!;
  assert.equal(deploy.shared.labels.service, 'login');
  assert.equal(deploy.shared.rule, 'all');
  assert.equal(deploy.first.service, 'login');
  const [cause] = deploy.causes;
  assert.ok(cause !== undefined && cause.event === undefined);
  assert.deepEqual([cause.label, cause.value], ['service', 'login']);
  assert.match(deploy.text, /series of service="login": in alarm since [^ ]+, highest score [\d.]+\.$/);
});

const filters: [query: string, total: number, listed: number][] = [
  ['?state=open', 2, 2],
  ['?state=closed', 1, 1],
  ['?min_series=2', 2, 2],
  ['?limit=1', 3, 1],
  ['?limit=2&offset=2', 3, 1],
  ['?offset=0', 3, 3],
  [`?end=${START / 1000 - 40 * 60}`, 1, 1],
  [`?start=${START / 1000 - 40 * 60}`, 2, 2],
  ['?match[]={service="login"}', 1, 1],
  ['?rule=all&search=images', 1, 1],
  ['?rule=other', 0, 0],
];
for (const [query, total, count] of filters) {
  test(`GET /api/v1/incidents${query} has ${count} of ${total}`, async (t) => {
    const answer = await listed(t, query);
    assert.deepEqual([answer.total, answer.data.length], [total, count]);
  });
}

test('GET /api/v1/incidents/:id lists the members by onset or by strength', async (t) => {
  const { data } = await listed(t, '?match[]={service="login"}');
  const { id, series } = data[0]!;
  const members = async (query: string) => {
    const answer: IncidentAnswer = (await ask(t, `/${id}${query}`)).json();
    return answer.data.members;
  };
  const byOnset = await members('');
  assert.equal(byOnset.length, series);
  assert.ok(byOnset.every(({ start }, i) => i === 0 || byOnset[i - 1]!.start <= start));
  const byStrength = await members('?order=strength&limit=5');
  assert.equal(byStrength.length, 5);
  assert.ok(byStrength.every(({ peak_score: peak }, i) => i === 0 || byStrength[i - 1]!.peak_score >= peak));
  assert.deepEqual([byOnset[0]!.kind, byOnset[0]!.side, byOnset[0]!.rule], ['value', 'above', 'all']);
});

const refused: [path: string, status: number][] = [
  ['/0123456789', 404],
  ['?state=half', 400],
  ['?limit=0', 400],
  ['?offset=-1', 400],
  ['?start=2&end=1', 400],
  ['?match[]={', 400],
];
for (const [path, status] of refused) {
  test(`GET /api/v1/incidents${path} is refused with ${status}`, async (t) => {
    assert.equal((await ask(t, path)).statusCode, status);
  });
}
