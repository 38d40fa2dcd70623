import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remedyFor } from '#src/remote/read/remedy.js';

const READ = 'http://localhost:9090/api/v1/read';

const cases: readonly (readonly [what: string, url: string, status: number, want: RegExp | undefined])[] = [
  ['a redirect', READ, 301, /redirects to https:\/\/p\/read\?token=\*\*\*: set that as url/],
  ['a missing login', READ, 401, /^set or correct basic_auth/],
  ['a login that may not read', READ, 403, /^ask for a login/],
  [
    'the URL of remote_write',
    'http://localhost:9090/api/v1/write',
    400,
    /is that of remote_write.* at \/api\/v1\/read$/,
  ],
  ['a Prometheus without the receiver', 'http://localhost:9090/api/v1/write', 404, /is that of remote_write/],
  ['an address without a path', 'http://localhost:9090', 405, /^check the path/],
  ['a question that is too much', READ, 400, undefined],
  ['a server error', READ, 500, undefined],
];
for (const [what, url, status, want] of cases) {
  test(`the remedy for ${what} is ${want ?? 'not known'}`, () => {
    const headers = { location: 'https://p/read?token=secret' };
    const remedy = remedyFor({ status, headers, body: Buffer.alloc(0), truncated: false }, url);
    assert.equal(want === undefined ? remedy === undefined : want.test(remedy ?? ''), true, remedy);
  });
}
