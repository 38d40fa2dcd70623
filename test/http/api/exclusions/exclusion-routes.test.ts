import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Registry } from 'prom-client';
import type { Exclusion } from '#src/engine/exclusions/exclusion.js';
import { NotKeptError } from '#src/engine/exclusions/exclusion-updates.js';
import type { EngineQueries } from '#src/engine/query/engine-queries.js';
import { exclusionRoutes } from '#src/http/api/exclusions/exclusion-routes.js';
import type { ExclusionAnswer, ExclusionsAnswer } from '#src/http/api/json/exclusions.js';
import { Reads } from '#src/http/request/reads.js';
import { UsageError } from '#src/lib/errors.js';
import { HOUR } from '../../../fixtures.js';
import { type AccessFixture, makeAccess } from '../../access-fixture.js';
import { makeServer } from '../../server-fixture.js';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const HOST = { host: 'sentio.example' };

function server(t: TestContext, logins: AccessFixture = {}) {
  const { app } = makeServer(t);
  const list: Exclusion[] = [];
  const exclusions = {
    list,
    add: async (request: Omit<Exclusion, 'id' | 'createdMs' | 'accepted'>) => {
      if (request.toMs <= request.fromMs) throw new UsageError('end is not after start');
      if (request.reason === 'the disk is full') throw new NotKeptError('nothing was changed: ENOSPC');
      const added = { ...request, id: String(list.length), createdMs: NOW, accepted: [] };
      list.push(added);
      return added;
    },
    remove: async (id: string) => {
      const at = list.findIndex((one) => one.id === id);
      if (at >= 0) list.splice(at, 1);
      return at >= 0;
    },
  };
  const queries = {} as EngineQueries;
  const reads = new Reads(new Registry());
  app.register(exclusionRoutes, { exclusions, queries, reads, access: makeAccess(logins), now: () => NOW });
  const ask = (method: 'GET' | 'POST' | 'DELETE', path = '', payload?: object, headers: Record<string, string> = {}) =>
    app.inject({
      method,
      url: `/api/v1/exclusions${path}`,
      headers: { ...HOST, ...headers },
      ...(payload && { payload }),
    });
  const send = (payload: string) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/exclusions',
      headers: { ...HOST, 'content-type': 'application/json' },
      payload,
    });
  return { ask, send, list };
}

const GOOD = { match: ['{instance="db-1"}'], kind: 'maintenance', end: '2026-11-28T14:00:00Z', reason: 'disk swap' };

test('an exclusion that cannot be kept is refused with the reason', async (t) => {
  const { ask, list } = server(t);
  const response = await ask('POST', '', { ...GOOD, reason: 'the disk is full' });
  assert.equal(response.statusCode, 503);
  assert.deepEqual(response.json(), {
    status: 'error',
    errorType: 'unavailable',
    error: 'nothing was changed: ENOSPC',
  });
  assert.deepEqual(list, []);
});

test('an exclusion is added from now on, listed, and deleted', async (t) => {
  const { ask, list } = server(t);
  const response = await ask('POST', '', GOOD);
  assert.equal(response.statusCode, 201, response.body);
  const { data } = response.json<ExclusionAnswer>();
  assert.deepEqual(data, {
    id: '0',
    kind: 'maintenance',
    match: ['{instance="db-1"}'],
    start: NOW / 1000,
    end: (NOW + 2 * HOUR) / 1000,
    created: NOW / 1000,
    reason: 'disk swap',
    state: 'active',
    accepted_alarms: 0,
  });
  assert.deepEqual((await ask('GET')).json<ExclusionsAnswer>().data, [data]);
  assert.equal((await ask('DELETE', '/0')).statusCode, 200);
  assert.equal((await ask('DELETE', '/0')).statusCode, 404);
  assert.deepEqual(list, []);
});

test('times may be Unix seconds, match one selector, and the state follows the clock', async (t) => {
  const { ask } = server(t);
  const stateOf = async (fromMs: number, toMs: number) => {
    const body = { match: 'up', kind: 'incident', start: fromMs / 1000, end: String(toMs / 1000) };
    return (await ask('POST', '', body)).json<ExclusionAnswer>().data.state;
  };
  assert.equal(await stateOf(NOW - 2 * HOUR, NOW), 'expired');
  assert.equal(await stateOf(NOW, NOW + HOUR), 'active');
  assert.equal(await stateOf(NOW + HOUR, NOW + 2 * HOUR), 'pending');
});

const BAD: [body: unknown, message: RegExp][] = [
  [{ ...GOOD, match: [] }, /match: must be a selector or a list of them/],
  [{ ...GOOD, match: ['{instance=db}'] }, /match: /],
  [{ ...GOOD, match: Array(65).fill('up') }, /match: must have at most 64 selectors/],
  [{ ...GOOD, kind: 'fun' }, /kind: must be one of maintenance, not_an_anomaly, incident/],
  [{ ...GOOD, end: undefined }, /end: is missing/],
  [{ ...GOOD, end: 'soon' }, /"end": cannot parse/],
  [{ ...GOOD, end: true }, /end: must be a time/],
  [{ ...GOOD, end: GOOD.end, start: GOOD.end }, /end is not after start/],
  [{ ...GOOD, reason: 'x'.repeat(1001) }, /reason: must be a text of at most 1000 characters/],
  [{ ...GOOD, from: 1 }, /from: unknown/],
  [{ ...GOOD, match: 'up{a=~"("}' }, /match: /],
  [{ ...GOOD, match: 'up{a=~"(a{1000}){1000}"}' }, /match: /],
  [{ ...GOOD, match: Array(17).fill('{a=~"b.c"}') }, /match: more than 16 regular expressions/],
  [{ ...GOOD, match: '' }, /match: /],
  [{ ...GOOD, match: [['up']] }, /match: must be a selector/],
  [{ ...GOOD, start: 'NaN' }, /"start": cannot parse/],
  [{ ...GOOD, start: '1e400' }, /"start": cannot parse/],
  [{ ...GOOD, end: null }, /end: must be a time/],
  [{ ...GOOD, reason: 7 }, /reason: must be a text/],
  [[GOOD], /0: unknown/],
];
for (const [body, message] of BAD) {
  test(`POST /api/v1/exclusions answers 400 with ${message.source}`, async (t) => {
    const { ask, list } = server(t);
    const response = await ask('POST', '', body as object);
    assert.equal(response.statusCode, 400);
    assert.match(response.json().error, message);
    assert.deepEqual(list, []);
  });
}

test('a body that is no JSON is refused, and one that is too large', async (t) => {
  const { send, list } = server(t);
  for (const body of ['{"match": ["up"], "kind"', '{"end": NaN}', 'null', '7', '']) {
    const response = await send(body);
    assert.equal(response.statusCode, 400, `${body}: ${response.body}`);
    assert.equal(response.json().errorType, 'bad_data');
  }
  const large = await send(JSON.stringify({ ...GOOD, reason: 'x'.repeat(70_000) }));
  assert.match(large.json().error, /body is too large/);
  assert.deepEqual(list, []);
});

test('a reason may have any characters, and comes back as it was', async (t) => {
  const { ask } = server(t);
  const reason = 'Größe 🔥 "x"\n\u0000\u202e';
  const { data } = (await ask('POST', '', { ...GOOD, reason })).json<ExclusionAnswer>();
  assert.equal(data.reason, reason);
});

test('a login that may read does not change them, nor does the page of another origin', async (t) => {
  const login = (token: string) => [{ authorization: { type: 'Bearer', credentials: token } }];
  const { ask, list } = server(t, { readers: login('r'), admins: login('a') });
  const as = (token: string) => ({ authorization: `Bearer ${token}` });
  assert.equal((await ask('GET', '', undefined, as('r'))).statusCode, 200);
  assert.equal((await ask('POST', '', GOOD, as('r'))).statusCode, 403);
  assert.equal((await ask('DELETE', '/0', undefined, as('r'))).statusCode, 403);
  const origin = { origin: 'http://evil.example' };
  assert.equal((await ask('POST', '', GOOD, { ...as('a'), ...origin })).statusCode, 403);
  assert.deepEqual(list, []);
  assert.equal((await ask('POST', '', GOOD, as('a'))).statusCode, 201);
});
