import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendRaw } from '../raw-request.js';
import { listen, makeServer } from '../server-fixture.js';

const OWN = { host: 'sentio:9201', origin: 'http://sentio:9201' };
const requests: readonly (readonly [what: string, headers: Record<string, string>, isRefused: boolean])[] = [
  ['without an Origin, as Prometheus sends it', {}, false],
  ['of a page of Sentio itself', OWN, false],
  ['of a page of Sentio behind a proxy', { host: '127.0.0.1:9201', origin: 'https://sentio.example' }, false],
  ['of another page', { host: 'sentio:9201', origin: 'http://evil.example' }, true],
  ['of a page on another port', { host: 'sentio:9201', origin: 'http://sentio:8080' }, true],
  ['of a page without an origin, such as a file', { host: 'sentio:9201', origin: 'null' }, true],
  ['that the browser says is cross-site', { 'sec-fetch-site': 'cross-site' }, true],
];
for (const [what, headers, isRefused] of requests) {
  test(`a write ${what} is ${isRefused ? 'refused' : 'let in'}, and so is a reload`, async (t) => {
    const { app } = makeServer(
      t,
      {},
      { reload: async () => {}, externalUrl: new URL('https://sentio.example/sentio/') },
    );
    const write = await app.inject({ method: 'POST', url: '/api/v1/write', headers });
    const reload = await app.inject({ method: 'POST', url: '/-/reload', headers });
    assert.deepEqual([write.statusCode === 403, reload.statusCode === 403], [isRefused, isRefused]);
  });
}

test('a page of another origin may follow a link here', async (t) => {
  const { app } = makeServer(t);
  const { statusCode } = await app.inject({ url: '/-/healthy', headers: { 'sec-fetch-site': 'cross-site' } });
  assert.equal(statusCode, 200);
});

const twoHosts = [
  ['a route', 'GET /-/healthy'],
  ['no route', 'GET /nothing'],
  ['a write', 'POST /api/v1/write'],
] as const;
for (const [what, line] of twoHosts) {
  test(`a request for ${what} with two Host headers is refused`, async (t) => {
    const port = await listen(makeServer(t).app);
    const { status, body } = await sendRaw(port, [`${line} HTTP/1.1\r\nhost: localhost\r\nHost: evil.example\r\n\r\n`]);
    assert.deepEqual([status, /2 Host headers/.test(body)], [400, true], body);
  });
}
