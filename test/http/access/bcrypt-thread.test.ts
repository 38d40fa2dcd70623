import assert from 'node:assert/strict';
import { test } from 'node:test';
import bcrypt from 'bcryptjs';
import { BcryptThread } from '#src/http/access/bcrypt-thread.js';
import { RequestError } from '#src/http/request/failure.js';

test('BcryptThread compares passwords while the event loop goes on, and refuses what is too much', async (t) => {
  const thread = new BcryptThread();
  t.after(() => thread.close());
  const hash = bcrypt.hashSync('right', 8);
  assert.deepEqual(await Promise.all([thread.compare('right', hash), thread.compare('wrong', hash)]), [true, false]);

  let turns = 0;
  const turn = setInterval(() => turns++, 1);
  const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => thread.compare('wrong', hash)));
  clearInterval(turn);
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  assert.ok(refused.length > 0 && refused.length < 40, `${refused.length} refused`);
  for (const { reason } of refused) {
    assert.ok(reason instanceof RequestError);
    assert.deepEqual([reason.failure, reason.headers['retry-after']], ['unavailable', '5']);
  }
  assert.ok(turns > 10, `${turns} turns of the event loop`);
});
