import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitParam } from '#src/http/prometheus/query-params.js';
import { RequestError } from '#src/http/request/failure.js';

test('a limit of 0 means all, however it is written', () => {
  assert.equal(limitParam({ limit: '2' }), 2);
  for (const limit of [undefined, '', '0', '00', '-0', '0.0']) {
    assert.equal(limitParam({ limit }), Number.MAX_SAFE_INTEGER, limit ?? 'absent');
  }
  for (const limit of ['-1', '1.5', 'x', '1e400']) assert.throws(() => limitParam({ limit }), RequestError);
});
