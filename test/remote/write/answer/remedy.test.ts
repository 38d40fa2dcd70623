import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remedyFor } from '#src/remote/write/answer/remedy.js';

const PROMETHEUS = 'http://localhost:9090/api/v1/write';
const NO_RECEIVER = 'remote write receiver needs to be enabled with --web.enable-remote-write-receiver';

const cases: readonly (readonly [what: string, url: string, status: number, body: string, want: RegExp | undefined])[] =
  [
    [
      'a Prometheus without the receiver',
      PROMETHEUS,
      404,
      NO_RECEIVER,
      /^start this Prometheus with --web\.enable-remote/,
    ],
    ['an address without a path', 'http://localhost:9090', 405, '', /takes writes at \/api\/v1\/write$/],
    ['another path', 'http://localhost:9090/write', 404, '', /takes writes at \/api\/v1\/write$/],
    ['the URL of remote_read', 'http://localhost:9090/api/v1/read', 400, 'bad wire type', /is that of remote_read/],
    ['a redirect', PROMETHEUS, 302, '', /redirects to https:\/\/p\/write\?token=\*\*\*: set that as url/],
    ['a bad sample', PROMETHEUS, 400, 'out of order', undefined],
    ['a server error', PROMETHEUS, 500, '', undefined],
  ];
for (const [what, url, status, body, want] of cases) {
  test(`the remedy for ${what} is ${want ?? 'not known'}`, () => {
    const answer = {
      status,
      headers: { location: 'https://p/write?token=secret' },
      body: Buffer.from(body),
      truncated: false,
    };
    const remedy = remedyFor(answer, url);
    assert.equal(want === undefined ? remedy === undefined : want.test(remedy ?? ''), true, remedy);
  });
}
