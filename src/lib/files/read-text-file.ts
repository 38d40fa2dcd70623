import { closeSync, openSync, readSync } from 'node:fs';
import { formatBytes } from '../bytes.js';
import { UsageError } from '../errors.js';

/**
 * The text (UTF-8) of a file of at most `maxBytes`. Throws `UsageError` for a longer one, read no further than that: a
 * device such as `/dev/zero` has no size and never ends. Throws what `node:fs` throws where the file cannot be read.
 */
export function readTextFile(path: string, maxBytes: number): string {
  const file = openSync(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(Math.min(maxBytes + 1, FIRST_BYTES));
    let filled = 0;
    for (;;) {
      const bytesRead = readSync(file, buffer, filled, buffer.length - filled, null);
      if (bytesRead === 0) return buffer.toString('utf8', 0, filled);
      filled += bytesRead;
      if (filled > maxBytes) throw new UsageError(`it has more than ${formatBytes(maxBytes)}`);
      if (filled === buffer.length) {
        buffer = Buffer.concat([buffer], Math.min(maxBytes + 1, 2 * filled));
      }
    }
  } finally {
    closeSync(file);
  }
}

/** Most configuration files fit. */
const FIRST_BYTES = 2 ** 16;
