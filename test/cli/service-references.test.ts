import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sendSeries } from '../harness/remote-write.js';
import { startWholeService, type WholeService } from '../harness/whole-service.js';

const YAML = `
rules: [{ name: disks, match: [used], limits: { max: { series: size, on: [disk], factor: 0.5 } } }]
`;

/** Sends a sample of each of these series. */
async function send({ url }: WholeService, values: Record<string, number>): Promise<void> {
  const points = (value: number) => [{ timeMs: Date.now(), value }];
  const series = Object.entries(values).map(([name, value]) => ({
    labels: { __name__: name, disk: 'a' },
    points: points(value),
  }));
  await sendSeries(`${url}/api/v1/write`, series);
}

/** What is said of the limit of the series `used`. */
async function limitNote({ url }: WholeService): Promise<string | undefined> {
  const response = await fetch(`${url}/api/v1/explain?match[]=used`);
  assert.equal(response.status, 200);
  const { data } = (await response.json()) as { data: { notes: string[] }[] };
  return data[0]?.notes.find((note) => note.startsWith('limits.max'));
}

test('a limit is known once the series that has it was received, and outlives a restart', async (t) => {
  const storage = mkdtempSync(join(tmpdir(), 'sentio-references-'));
  const first = await startWholeService(t, YAML, storage);
  await send(first, { used: 1 });
  assert.match((await limitNote(first)) ?? '', /^limits.max is not known, because no series received matches/);
  await send(first, { size: 900 });
  assert.equal(await limitNote(first), 'limits.max is 450 now: 0.5 × size, matched on (disk)');
  await first.close();

  const second = await startWholeService(t, YAML, storage);
  await send(second, { used: 2 });
  assert.equal(await limitNote(second), 'limits.max is 450 now: 0.5 × size, matched on (disk)');
});
