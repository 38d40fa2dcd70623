import type { ReadBytes } from '#src/series/snapshot/snapshot-format.js';

/** A whole snapshot in one array. */
export function bytesOf(pieces: Iterable<Uint8Array>): Uint8Array {
  return new Uint8Array(Buffer.concat(Array.from(pieces, (piece) => piece.slice())));
}

/** Reads a snapshot from memory, overwriting what it gave before. */
export function readerOf(snapshot: Uint8Array): ReadBytes {
  let at = 0;
  let last = new Uint8Array(0);
  return async (length) => {
    last.fill(0xee);
    last = new Uint8Array(snapshot.subarray(at, at + length));
    at += last.length;
    return last;
  };
}
