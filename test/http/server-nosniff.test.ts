import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendRaw } from './raw-request.js';
import { listen, makeServer } from './server-fixture.js';

const END = '\r\n\r\n';
/** What is sent, and the status that its answer has. */
const answers: readonly (readonly [what: string, request: string, status: number])[] = [
  ['a route', `GET /-/healthy HTTP/1.1\r\nhost: a${END}`, 200],
  ['no route', `GET /nothing HTTP/1.1\r\nhost: a${END}`, 404],
  ['a malformed URL', `GET /%zz HTTP/1.1\r\nhost: a${END}`, 400],
  ['an absolute URL', `GET http://a/-/healthy HTTP/1.1\r\nhost: a${END}`, 200],
  ['a write that is refused', `GET /api/v1/write HTTP/1.1\r\nhost: a${END}`, 405],
  ['no Host', `GET /-/healthy HTTP/1.1${END}`, 400],
  ['an expectation', `GET /-/healthy HTTP/1.1\r\nhost: a\r\nexpect: a miracle${END}`, 417],
  ['an upgrade', `GET /-/healthy HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket${END}`, 200],
  ['no HTTP', `nonsense${END}`, 400],
  ['headers that are too large', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}${END}`, 431],
  ['a request that never ends', 'GET / HTTP/1.1\r\nhost: a\r\n', 503],
];
for (const [what, request, status] of answers) {
  test(`the answer to ${what} is not taken for what its type does not say`, async (t) => {
    const port = await listen(makeServer(t, { requestTimeoutMs: 300 }).app);
    const answer = await sendRaw(port, [request]);
    assert.equal(answer.status, status);
    assert.match(answer.headers, /^x-content-type-options: nosniff\r?$/m);
  });
}
