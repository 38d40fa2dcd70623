import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { THREAD_FLAGS } from '#src/forecast/pool/thread-flags.js';

test('a thread with these flags does not require() a module, so that Piscina imports it', async () => {
  const code = `require(${JSON.stringify(import.meta.filename)})`;
  const thread = new Worker(code, { eval: true, execArgv: [...THREAD_FLAGS] });
  const [error] = (await once(thread, 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ERR_REQUIRE_ESM');
});
