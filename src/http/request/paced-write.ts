import type { ServerResponse } from 'node:http';

/** A client that takes no piece of its answer for this long is dropped. */
export const STALL_MS = 20_000;
/** Longer than the longest preview: a client that takes a little now and then holds its place no longer. */
const SENDING_MS = 180_000;
/** So small that a client on a slow line, at 4 kB/s, is none that has stalled. */
const PIECE_BYTES = 64 * 1024;

/**
 * Writes a part of an answer as fast as its client takes it; resolves when there is room for more, or when the connection is
 * closed. A client that takes nothing for `stallMs` is dropped.
 */
export async function writePaced(raw: ServerResponse, part: string | Uint8Array, stallMs = STALL_MS): Promise<void> {
  const bytes = typeof part === 'string' ? Buffer.from(part) : part;
  for (let at = 0; at < bytes.length && !hasLeft(raw); at += PIECE_BYTES) {
    if (!raw.write(bytes.subarray(at, at + PIECE_BYTES))) await drained(raw, stallMs);
  }
}

/** Drops a client that has not taken its answer whole after `ms`, so that slow readers do not keep others out. */
export function limitSending(raw: ServerResponse, ms = SENDING_MS): void {
  const end = setTimeout(() => raw.destroy(), ms).unref();
  raw.once('close', () => clearTimeout(end));
}

/** Whether the client is gone. */
export function hasLeft(raw: ServerResponse): boolean {
  return raw.destroyed;
}

function drained(raw: ServerResponse, stallMs: number): Promise<void> {
  if (hasLeft(raw)) return Promise.resolve();
  return new Promise((resolve) => {
    const stall = setTimeout(() => {
      raw.destroy();
      done();
    }, stallMs);
    const done = () => {
      clearTimeout(stall);
      raw.off('drain', done).off('close', done);
      resolve();
    };
    raw.on('drain', done).on('close', done);
  });
}
