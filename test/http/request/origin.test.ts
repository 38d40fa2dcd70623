import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeServer } from '../server-fixture.js';

const requests: readonly (readonly [what: string, headers: Record<string, string>, isRefused: boolean])[] = [
  ['without an Origin, as Prometheus sends it', {}, false],
  ['of a page of Sentio itself', { host: 'sentio:9201', origin: 'http://sentio:9201' }, false],
  ['of another page', { host: 'sentio:9201', origin: 'http://evil.example' }, true],
  ['of a page on another port', { host: 'sentio:9201', origin: 'http://sentio:8080' }, true],
  ['of a page without an origin, such as a file', { host: 'sentio:9201', origin: 'null' }, true],
  ['that the browser says is cross-site', { 'sec-fetch-site': 'cross-site' }, true],
];
for (const [what, headers, isRefused] of requests) {
  test(`a write ${what} is ${isRefused ? 'refused' : 'let in'}, and so is a reload`, async (t) => {
    const { app } = makeServer(t, {}, { reload: async () => {} });
    const write = await app.inject({ method: 'POST', url: '/api/v1/write', headers });
    const reload = await app.inject({ method: 'POST', url: '/-/reload', headers });
    assert.deepEqual([write.statusCode === 403, reload.statusCode === 403], [isRefused, isRefused]);
  });
}

test('a page of another origin may follow a link here; no answer is taken for what its type does not say', async (t) => {
  const { app } = makeServer(t);
  const { statusCode, headers } = await app.inject({ url: '/-/healthy', headers: { 'sec-fetch-site': 'cross-site' } });
  assert.equal(statusCode, 200);
  assert.equal(headers['x-content-type-options'], 'nosniff');
});
