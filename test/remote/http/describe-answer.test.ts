import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeAnswer } from '#src/remote/http/describe-answer.js';

const http = { url: 'http://p/api/v1/read', redact: (text: string) => text.replaceAll('sesame', '***') };

const cases: readonly (readonly [what: string, status: number, body: string, want: string])[] = [
  ['an answer without a text', 503, '\n', 'HTTP 503'],
  ['a sentence', 400, 'out of order\n', 'HTTP 400: out of order'],
  ['an echo of the secret', 401, 'bad token sesame', 'HTTP 401: bad token ***'],
  [
    'a page with a title',
    502,
    '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502</h1><hr>nginx</body></html>',
    'HTTP 502: 502 Bad Gateway',
  ],
  ['a page without a title', 404, '<!DOCTYPE html><body><p>No\nsuch <b>page', 'HTTP 404: No such page'],
  ['a long page', 404, `<html><body>${'x'.repeat(5000)}`, `HTTP 404: ${'x'.repeat(100)}…`],
  ['a long text', 500, 'x'.repeat(5000), `HTTP 500: ${'x'.repeat(1024)}…`],
  ['a redirect', 302, '<html>Found', 'HTTP 302: it redirects to http://p/login'],
];
for (const [what, status, body, want] of cases) {
  test(`of ${what} is said: ${want.slice(0, 60)}`, () => {
    const answer = { status, headers: { location: '/login' }, body: Buffer.from(body), truncated: false };
    assert.equal(describeAnswer(http, answer), want);
  });
}
