import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { startSentio } from '../harness/sentio.js';

const cleanup = new Cleanup();
after(() => cleanup.run());

/** Makes the minute that a stop may take pass at once. */
const PRELOAD = `
process.once('SIGTERM', () => {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (run, ms, ...more) => setTimeout(run, ms === 60_000 ? 0 : ms, ...more);
});
`;

test('a stop whose disk hangs ends after its limit, with a sentence, and not as one that went well', async () => {
  const folder = await temporaryFolder(cleanup);
  const preload = join(folder, 'minute.mjs');
  await writeFile(preload, PRELOAD);
  const sentio = await startSentio(
    cleanup,
    {},
    { flags: [`--storage.path=${folder}`], env: { NODE_OPTIONS: `--import=${preload}` } },
  );
  // Opened for writing, a pipe that nobody reads hangs in the kernel, as a dead disk does.
  execFileSync('mkfifo', [join(folder, 'sentio.snapshot.tmp')]);
  sentio.process.signal('SIGTERM');
  assert.deepEqual(await sentio.process.exited, { code: null, signal: 'SIGTERM' });
  const last = [...sentio.process.stdout, ...sentio.process.stderr].at(-1) ?? '';
  assert.match(last, /"msg":"shutdown deadline expired: exiting"/);
});
