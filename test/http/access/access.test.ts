import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Counter, Registry } from 'prom-client';
import { configRoute } from '#src/http/config-route.js';
import { readRoute } from '#src/http/read/read-route.js';
import { Reads } from '#src/http/request/reads.js';
import { RECEIVER_DEFAULTS } from '#src/model/settings/receiver.js';
import { Cleanup, temporaryFolder } from '../../harness/cleanup.js';
import { type AccessFixture, makeAccess } from '../access-fixture.js';
import { makeServer } from '../server-fixture.js';

const PROTOBUF = { 'content-type': 'application/x-protobuf' };

/** A server with routes of every permission. */
function serve(t: TestContext, fixture: AccessFixture = {}) {
  const access = makeAccess(fixture);
  const { app } = makeServer(t, {}, { access, reload: async () => {} });
  app.register(readRoute, { access, settings: RECEIVER_DEFAULTS, registry: new Registry(), read: async () => [] });
  app.register(configRoute, { access, reads: new Reads(new Registry()), yaml: () => ['rules: []'] });
  return app;
}

const rebound = { host: 'evil.example:9201' };
const fromPage = { ...rebound, origin: 'http://evil.example:9201' };
const requests: readonly (readonly [
  what: string,
  method: 'GET' | 'POST',
  url: string,
  headers: Record<string, string>,
  isMisdirected: boolean,
])[] = [
  ['a page reads the configuration', 'GET', '/api/v1/status/config', rebound, true],
  ['a page reads it with a protobuf type', 'GET', '/api/v1/status/config', { ...rebound, ...PROTOBUF }, true],
  ['a page reloads', 'POST', '/-/reload', fromPage, true],
  ['a page writes without a type', 'POST', '/api/v1/write', fromPage, true],
  ['a page writes protobuf', 'POST', '/api/v1/write', { ...fromPage, ...PROTOBUF }, true],
  ['a page reads protobuf', 'POST', '/api/v1/read', { ...fromPage, ...PROTOBUF }, true],
  ['somebody reloads', 'POST', '/-/reload', rebound, true],
  ['Prometheus writes', 'POST', '/api/v1/write', { ...rebound, ...PROTOBUF }, false],
  [
    'Prometheus writes 2.0',
    'POST',
    '/api/v1/write',
    { ...rebound, 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request' },
    false,
  ],
  ['Prometheus reads', 'POST', '/api/v1/read', { ...rebound, ...PROTOBUF }, false],
  ['Prometheus scrapes', 'GET', '/metrics', rebound, false],
  ['a probe looks', 'GET', '/-/ready', rebound, false],
];
for (const [what, method, url, headers, isMisdirected] of requests) {
  test(`where ${what} by an unknown name, the answer is ${isMisdirected ? '' : 'not '}421`, async (t) => {
    const { statusCode } = await serve(t).inject({ method, url, headers });
    assert.equal(statusCode === 421, isMisdirected, `status ${statusCode}`);
  });
}

test('an unknown name gets the remedy', async (t) => {
  const { body } = await serve(t).inject({ url: '/api/v1/status/config', headers: rebound });
  assert.match(body, /evil\.example:9201.*use the IP address.*--web\.external-url/);
});

test('where a login is set, any name will do', async (t) => {
  const logins = [{ authorization: { type: 'Bearer', credentials: 'secret' } }];
  const app = serve(t, { writers: logins, readers: logins, admins: logins });
  const headers = { ...fromPage, authorization: 'Bearer secret' };
  assert.equal((await app.inject({ url: '/api/v1/status/config', headers })).statusCode, 200);
  assert.equal((await app.inject({ method: 'POST', url: '/-/reload', headers })).statusCode, 200);
});

const login = (credentials: string) => [{ authorization: { type: 'Bearer', credentials } }];
const ALL = { writers: login('w'), readers: login('r'), admins: login('a') };

const permissions: readonly (readonly [login: string, write: number, read: number, reload: number])[] = [
  ['Bearer w', 204, 403, 403],
  ['Bearer r', 403, 200, 403],
  ['Bearer a', 403, 403, 200],
  ['Bearer x', 401, 401, 401],
];
for (const [authorization, ...wanted] of permissions) {
  test(`${authorization} may write (${wanted[0]}), read (${wanted[1]}), reload (${wanted[2]})`, async (t) => {
    const app = serve(t, ALL);
    const headers = { authorization };
    const statuses = [
      await app.inject({ method: 'POST', url: '/api/v1/write', headers, payload: Buffer.from('00', 'hex') }),
      await app.inject({ url: '/api/v1/status/config', headers }),
      await app.inject({ method: 'POST', url: '/-/reload', headers }),
    ].map(({ statusCode }) => statusCode);
    assert.deepEqual(statuses, wanted);
  });
}

test('where others have logins and no administrator has, nobody reloads', async (t) => {
  for (const logins of [{ writers: login('w') }, { readers: login('r') }]) {
    const app = serve(t, logins);
    const { statusCode, body } = await app.inject({
      method: 'POST',
      url: '/-/reload',
      headers: { authorization: 'Bearer w' },
    });
    assert.deepEqual([statusCode, /receiver\.admins is empty/.test(body)], [403, true], body);
  }
});

test('requests that are not let in are counted by permission and reason, and logged with address and path', async (t) => {
  const logged: string[] = [];
  const registry = new Registry();
  const app = serve(t, { ...ALL, registry, logged });
  const ask = (url: string, authorization?: string) =>
    app.inject({ url, headers: authorization === undefined ? {} : { authorization } });
  await ask('/api/v1/status/config?token=hunter2', 'Bearer hunter2');
  await ask('/api/v1/status/config', 'Bearer w');
  await ask('/api/v1/status/config');
  await ask('/api/v1/write');
  const { values } = await (registry.getSingleMetric('sentio_http_failed_logins_total') as Counter).get();
  const counted = values.filter(({ value }) => value > 0).map(({ labels, value }) => ({ ...labels, value }));
  assert.deepEqual(counted, [
    { permission: 'write', reason: 'missing', value: 1 },
    { permission: 'read', reason: 'missing', value: 1 },
    { permission: 'read', reason: 'wrong', value: 1 },
    { permission: 'read', reason: 'forbidden', value: 1 },
  ]);
  // One line a minute for each address.
  assert.equal(logged.length, 1);
  const { level, address, path, msg } = JSON.parse(logged[0]!);
  assert.deepEqual(
    { level, address, path, msg },
    {
      level: 40,
      address: '127.0.0.1',
      path: '/api/v1/status/config',
      msg: 'a login failed',
    },
  );
  assert.doesNotMatch(logged.join(), /hunter2/);
});

test('a login whose file changes is that of the file', async (t) => {
  const cleanup = new Cleanup();
  t.after(() => cleanup.run());
  const file = join(await temporaryFolder(cleanup), 'token');
  await writeFile(file, 'first');
  const app = serve(t, { readers: [{ authorization: { type: 'Bearer', credentials: { file } } }] });
  const status = async (token: string) =>
    (await app.inject({ url: '/api/v1/status/config', headers: { authorization: `Bearer ${token}` } })).statusCode;
  assert.deepEqual([await status('first'), await status('second')], [200, 401]);
  await writeFile(file, 'second\n');
  assert.equal(await status('second'), 200);
  assert.equal(await status('first'), 401);
});

/** A user `ada`, whose password is `a`. */
const users = {
  isEmpty: async () => false,
  verify: async (name: string, password: string) => name === 'ada' && password === 'a',
};
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test('where there are users, each may do everything, other logins what they could, and nobody else anything', async (t) => {
  const app = serve(t, { users, writers: login('w') });
  const statuses = async (authorization?: string) => {
    const headers = { ...rebound, ...(authorization !== undefined && { authorization }) };
    return [
      await app.inject({ method: 'POST', url: '/api/v1/write', headers, payload: Buffer.from('00', 'hex') }),
      await app.inject({ url: '/api/v1/status/config', headers }),
      await app.inject({ method: 'POST', url: '/-/reload', headers }),
      await app.inject({ url: '/metrics', headers }),
      await app.inject({ url: '/-/ready', headers }),
    ].map(({ statusCode }) => statusCode);
  };
  assert.deepEqual(await statuses(basic('ada:a')), [204, 200, 200, 200, 200]);
  assert.deepEqual(await statuses('Bearer w'), [204, 403, 403, 200, 200]);
  assert.deepEqual(await statuses(), [401, 401, 401, 401, 200]);
  for (const wrong of [basic('ada:b'), basic('eve:a'), basic('ada'), 'Bearer a', 'Basic !!!', 'Basic', '']) {
    assert.deepEqual(await statuses(wrong), [401, 401, 401, 401, 200], wrong);
  }
});

test('a login whose file was never there keeps no other one out, and is reported', async (t) => {
  const logged: string[] = [];
  const gone = { authorization: { type: 'Bearer', credentials: { file: '/nowhere/token' } } };
  const app = serve(t, { readers: [gone, ...login('r')], logged });
  const headers = { authorization: 'Bearer r' };
  assert.equal((await app.inject({ url: '/api/v1/status/config', headers })).statusCode, 200);
  assert.match(logged.join(), /its file cannot be read/);
});
