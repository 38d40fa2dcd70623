import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { configRoute } from '#src/http/config-route.js';
import { readRoute } from '#src/http/read/read-route.js';
import { RECEIVER_DEFAULTS } from '#src/model/receiver.js';
import { type Logins, makeAccess } from '../access-fixture.js';
import { makeServer } from '../server-fixture.js';

const PROTOBUF = { 'content-type': 'application/x-protobuf' };

/** A server with routes of every permission. */
function serve(t: TestContext, logins: Logins = {}) {
  const access = makeAccess(logins);
  const { app, registry } = makeServer(t, logins, { access, reload: async () => {} });
  app.register(readRoute, { access, settings: RECEIVER_DEFAULTS, registry, read: async () => [] });
  app.register(configRoute, { access, yaml: () => 'rules: []' });
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
  const app = serve(t, { writers: logins, readers: logins });
  const headers = { ...fromPage, authorization: 'Bearer secret' };
  assert.equal((await app.inject({ url: '/api/v1/status/config', headers })).statusCode, 200);
  assert.equal((await app.inject({ method: 'POST', url: '/-/reload', headers })).statusCode, 200);
});
