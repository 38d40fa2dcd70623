import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeServer } from './server-fixture.js';

test('the server says that it lives, and that it is ready once it is', async (t) => {
  let missing: string | undefined = 'the fit pool is starting';
  const { app } = makeServer(t, {}, { ready: () => missing });
  const get = async (url: string) => {
    const { statusCode, body } = await app.inject({ url });
    return { statusCode, body };
  };
  assert.deepEqual(await get('/-/healthy'), { statusCode: 200, body: 'Sentio is Healthy.\n' });
  assert.deepEqual(await get('/-/ready'), {
    statusCode: 503,
    body: '{"status":"error","errorType":"unavailable","error":"the fit pool is starting"}',
  });
  missing = undefined;
  assert.deepEqual(await get('/-/ready'), { statusCode: 200, body: 'Sentio is Ready.\n' });
});

test('/metrics is what Prometheus scrapes', async (t) => {
  const { app } = makeServer(t);
  const answer = await app.inject({ url: '/metrics' });
  assert.equal(answer.statusCode, 200);
  assert.match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/);
  assert.match(answer.body, /^# TYPE sentio_receiver_samples_total counter$/m);
});

test('/-/reload works only where the lifecycle API is enabled', async (t) => {
  const disabled = makeServer(t).app;
  const answer = await disabled.inject({ method: 'POST', url: '/-/reload' });
  assert.deepEqual(
    [answer.statusCode, answer.json()],
    [403, { status: 'error', errorType: 'forbidden', error: 'Lifecycle API is not enabled.' }],
  );

  let reloads = 0;
  const enabled = makeServer(t, {}, { reload: async () => void reloads++ }).app;
  assert.equal((await enabled.inject({ method: 'POST', url: '/-/reload' })).statusCode, 200);
  assert.equal(reloads, 1);
  assert.equal((await enabled.inject({ method: 'GET', url: '/-/reload' })).statusCode, 405);
  assert.equal(reloads, 1);
});

test('/-/reload tells what is wrong with the configuration', async (t) => {
  const reload = () => Promise.reject(new Error('rules[0].step: must be > 0'));
  const { app } = makeServer(t, {}, { reload });
  const answer = await app.inject({ method: 'POST', url: '/-/reload' });
  assert.equal(answer.statusCode, 500);
  assert.match(answer.json().error, /failed to reload config: rules\[0\]\.step: must be > 0/);
});

test('/-/reload asks for the login of an administrator', async (t) => {
  const admins = [{ authorization: { type: 'Bearer', credentials: 'w' } }];
  const { app } = makeServer(t, { admins }, { reload: async () => {} });
  const status = async (authorization: string) =>
    (await app.inject({ method: 'POST', url: '/-/reload', headers: { authorization } })).statusCode;
  assert.equal(await status('Bearer x'), 401);
  assert.equal(await status('Bearer w'), 200);
});

test('what is not there is told in JSON', async (t) => {
  const { app } = makeServer(t);
  const cases: [
    method: 'GET' | 'POST' | 'DELETE' | 'OPTIONS',
    url: string,
    status: number,
    errorType: string,
    allow?: string,
  ][] = [
    ['GET', '/api/v1/nothing?x=1', 404, 'not_found'],
    ['POST', '/', 404, 'not_found'],
    ['GET', '/%zz', 400, 'bad_data'],
    ['DELETE', '/-/ready', 405, 'method_not_allowed', 'GET, HEAD'],
    ['POST', '/metrics?x=1', 405, 'method_not_allowed', 'GET'],
    ['OPTIONS', '/metrics', 405, 'method_not_allowed', 'GET'],
  ];
  for (const [method, url, status, errorType, allow] of cases) {
    const answer = await app.inject({ method, url });
    const { status: said, errorType: type, error } = answer.json();
    assert.deepEqual([answer.statusCode, said, type, typeof error], [status, 'error', errorType, 'string'], url);
    assert.equal(answer.headers.allow, allow, url);
  }
});
