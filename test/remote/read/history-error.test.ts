import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpClient } from '#src/remote/http/http-client.js';
import { checkAnswer } from '#src/remote/read/history-error.js';

const endpoint = { name: 'p', credentials: {}, headers: {}, timeoutMs: 1000 };
const answer = { status: 400, headers: {}, body: Buffer.from('proto: wrong wireType'), truncated: false };

for (const [path, isTooMuch, remedy] of [
  ['/api/v1/read', true, undefined],
  ['/api/v1/write', false, /that of remote_write/],
] as const) {
  test(`HTTP 400 at ${path} ${isTooMuch ? 'means that less would do' : 'does not mean that less would do'}`, async (t) => {
    const http = new HttpClient({ ...endpoint, url: `http://127.0.0.1:9${path}` }, { userAgent: 'test' });
    t.after(() => http.close());
    assert.throws(
      () => checkAnswer(http, answer, 0),
      (error: { isTooMuch: boolean; remedy?: string }) => {
        assert.equal(error.isTooMuch, isTooMuch);
        assert.match(String(error.remedy), remedy ?? /^undefined$/);
        return true;
      },
    );
  });
}
