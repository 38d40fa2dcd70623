import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { formatBytes } from '../bytes.js';
import { UsageError } from '../errors.js';

/** Most configuration files fit. */
const FIRST_BYTES = 2 ** 16;
/** A pipe to which nothing is written for this long is given up. */
const MAX_SILENCE_MS = 5_000;
const PIPE_INTERVAL_MS = 20;

/**
 * The text (UTF-8) of a file of at most `maxBytes`. Throws `UsageError` for a longer one, read no further than that: a
 * device such as `/dev/zero` has no size and never ends; and for a pipe that nobody writes to, which would hold up the process for
 * ever. Throws what `node:fs` throws where the file cannot be read.
 */
export function readTextFile(path: string, maxBytes: number, maxSilenceMs = MAX_SILENCE_MS): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (stat.isFile() && stat.size > maxBytes) throw tooLong(maxBytes);
    let buffer = Buffer.allocUnsafe(Math.min(maxBytes + 1, FIRST_BYTES));
    let filled = 0;
    for (;;) {
      const bytesRead = readSome(file, buffer, filled, maxSilenceMs);
      if (bytesRead === 0) return buffer.toString('utf8', 0, filled);
      filled += bytesRead;
      if (filled > maxBytes) throw tooLong(maxBytes);
      if (filled === buffer.length) {
        buffer = Buffer.concat([buffer], Math.min(maxBytes + 1, 2 * filled));
      }
    }
  } finally {
    closeSync(file);
  }
}

function tooLong(maxBytes: number): UsageError {
  return new UsageError(`it has more than ${formatBytes(maxBytes)}`);
}

/** Reads on into the buffer from `filled` on; returns how many bytes, 0 at the end. */
function readSome(file: number, buffer: Buffer, filled: number, maxSilenceMs: number): number {
  const endMs = performance.now() + maxSilenceMs;
  for (;;) {
    try {
      const bytesRead = readSync(file, buffer, filled, buffer.length - filled, null);
      // A pipe has no end before somebody writes to it.
      if (bytesRead > 0 || filled > 0 || !fstatSync(file).isFIFO()) return bytesRead;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
    if (performance.now() >= endMs) {
      throw new UsageError(`it is a pipe to which nothing was written for ${maxSilenceMs / 1000} s`);
    }
    Atomics.wait(NEVER, 0, 0, PIPE_INTERVAL_MS);
  }
}

/** Waiting for it to change is waiting for the time to pass. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));
