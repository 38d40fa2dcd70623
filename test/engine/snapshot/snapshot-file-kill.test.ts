import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SnapshotFile } from '#src/engine/snapshot/snapshot-file.js';
import { decodeSnapshot } from '#src/series/snapshot/snapshot-format.js';
import { RECORDS } from './endless-writer.js';

test('kill -9 at any moment of a write leaves a whole snapshot', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sentio-kill-'));
  t.after(() => rm(folder, { recursive: true }));
  for (let run = 0; run < 5; run++) {
    const child = fork(join(import.meta.dirname, 'endless-writer.js'), [folder]);
    const [firstMs] = (await once(child, 'message')) as [number];
    await sleep(Math.random() * 1.5 * firstMs);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const numbers: number[] = [];
    await new SnapshotFile(folder).read((read) =>
      decodeSnapshot(read, (record, takenAtMs) => {
        numbers.push(Number.parseInt(record.text(), 10) - takenAtMs);
      }),
    );
    assert.deepEqual(numbers, Array(RECORDS).fill(0), 'all records, of the snapshot that the head names');
  }
});
