// Writes snapshots into the folder given until it is killed, and reports to its parent how long the first one took.
import { SnapshotFile } from '#src/engine/snapshot/snapshot-file.js';
import { encodeSnapshot } from '#src/series/snapshot/snapshot-format.js';

/** Records of a snapshot; each has the number of its snapshot, and together they take 4 MB. */
export const RECORDS = 200;

async function writeForEver(folder: string): Promise<never> {
  const file = new SnapshotFile(folder);
  const filling = ' '.repeat(20_000);
  const startMs = performance.now();
  for (let number = 1; ; number++) {
    const pieces = encodeSnapshot(number, Array(RECORDS).keys(), (_id, record) => record.text(number + filling));
    await file.write(pieces, new AbortController().signal);
    if (number === 1) process.send!(performance.now() - startMs);
  }
}

if (process.argv[1] === import.meta.filename) {
  process.on('disconnect', () => process.exit());
  await writeForEver(process.argv[2]!);
}
