import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerText, errorText } from '#src/remote/write/answer/failure-text.js';

const answers: readonly (readonly [status: number, want: RegExp])[] = [
  [302, /redirects to http:\/\/p\/y/],
  [401, /refuses the login \(HTTP 401\)/],
  [404, /check the path of the URL/],
  [422, /refuses what is sent \(HTTP 422\)/],
  [429, /asks to be sent less/],
  [503, /fails itself \(HTTP 503\)/],
];
for (const [status, want] of answers) {
  test(`of HTTP ${status} it is said that the target ${want}`, () => {
    const answer = { status, headers: { location: '/y' }, body: Buffer.alloc(0), truncated: false };
    assert.match(answerText(answer, 'http://p/x'), want);
  });
}

test('of an error its reason is said in words, however deep it is, and else its message', () => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  assert.equal(errorText(new Error('fetch failed', { cause: refused })), 'nothing listens at its address');
  assert.equal(errorText(new DOMException('late', 'TimeoutError')), 'it does not answer in time');
  assert.equal(errorText(new Error('something else')), 'something else');
});
