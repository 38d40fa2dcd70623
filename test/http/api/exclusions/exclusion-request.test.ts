import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RE2JS } from 're2js';
import { exclusionBody } from '#src/http/api/exclusions/exclusion-request.js';
import { RequestError } from '#src/http/request/failure.js';
import { START } from '../../../engine/fixture.js';

test('of more regular expressions than an exclusion may have no more are compiled than it may have', async (t) => {
  const { mock } = t.mock.method(RE2JS, 'compile');
  const match = Array.from({ length: 60 }, (_, i) => `{pod=~"[a-z]+${i}"}`);
  await assert.rejects(
    exclusionBody({ match, kind: 'maintenance', end: START / 1000 }, START),
    (error) => error instanceof RequestError && /match: more than 16 regular expressions/.test(error.message),
  );
  assert.ok(mock.callCount() <= 17, `${mock.callCount()}`);
});
