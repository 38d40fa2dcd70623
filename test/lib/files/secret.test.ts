import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { secretReader } from '#src/lib/files/secret.js';
import { checkHeaderValue } from '#src/lib/header-value.js';
import { Cleanup, temporaryFolder } from '../../harness/cleanup.js';

const cleanup = new Cleanup();
after(() => cleanup.run());

test('secretReader() gives a secret of the configuration as it is', async () => {
  assert.equal(await secretReader(' a ').current(), ' a ');
});

test('secretReader() gives that of a file without white space around it, and never an empty one', async () => {
  const file = join(await temporaryFolder(cleanup), 'secret');
  await writeFile(file, '\n');
  const secret = secretReader({ file });
  await assert.rejects(secret.current(), /is empty/);
  await writeFile(file, ' first\n');
  assert.equal(await secret.latest(), 'first');
  await writeFile(file, '\n');
  assert.equal(await secret.latest(), 'first');
});

test('secretReader() goes on with the secret before where the new one does not pass its check', async () => {
  const file = join(await temporaryFolder(cleanup), 'secret');
  await writeFile(file, 'first');
  const secret = secretReader({ file }, { check: checkHeaderValue });
  assert.equal(await secret.current(), 'first');
  await writeFile(file, 'two\nlines');
  assert.equal(await secret.latest(), 'first');
});
