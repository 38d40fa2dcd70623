import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as snappyjs from 'snappyjs';
import { SnappyDecoder } from '#src/wire/core/snappy.js';
import { compress } from '#src/wire/core/snappy-compress.js';

const decoder = new SnappyDecoder();

function assertReadBack(input: Uint8Array, what: string): void {
  const block = compress(input);
  assert.ok(Buffer.from(decoder.decode(block, 2 ** 24)).equals(input), `${what}: by SnappyDecoder`);
  assert.ok(Buffer.from(snappyjs.uncompress(block)).equals(input), `${what}: by snappyjs`);
}

/** Bytes that repeat in parts, as the labels of one series after another do. */
function labelLike(length: number, distinct: number): Uint8Array {
  let state = length + 1;
  return Uint8Array.from({ length }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return i % 193 < 180 ? 97 + ((i % 193) % distinct) : state >>> 24;
  });
}

test('compress: every length around a literal, a copy, the margin and a fragment is read back', () => {
  const lengths = [0, 1, 4, 13, 14, 15, 16, 17, 59, 60, 61, 63, 64, 65, 67, 68, 69, 255, 256, 257, 65535, 65536, 65537];
  for (const length of lengths.concat(65536 + 14, 65536 + 15, 3 * 65536 + 1)) {
    assertReadBack(new Uint8Array(length).fill(97), `${length} bytes that are the same`);
    assertReadBack(
      Uint8Array.from({ length }, (_, i) => Math.imul(i, 2654435761) >>> 24),
      `${length} scattered bytes`,
    );
    for (const distinct of [2, 20, 180]) assertReadBack(labelLike(length, distinct), `${length} of ${distinct}`);
  }
});

test('compress: whatever the bytes, and wherever they begin in their buffer, they are read back', () => {
  const run = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 60 }));
  const runs = fc.array(run, { maxLength: 60 }).map((all) =>
    all.flatMap(([bytes, n]) =>
      Array(n)
        .fill([...bytes])
        .flat(),
    ),
  );
  fc.assert(
    fc.property(runs, fc.integer({ min: 0, max: 9 }), (bytes, offset) => {
      const buffer = new Uint8Array(offset + bytes.length + 5).fill(7);
      buffer.set(bytes, offset);
      assertReadBack(buffer.subarray(offset, offset + bytes.length), `${bytes.length} bytes from ${offset} on`);
    }),
  );
});

test('compress: as small as snappyjs makes it', () => {
  for (const distinct of [2, 20, 180]) {
    const input = labelLike(200_000, distinct);
    const ours = compress(input).length;
    const theirs = snappyjs.compress(input).length;
    assert.ok(ours <= 1.01 * theirs, `${distinct}: ${ours} bytes, ${theirs} by snappyjs`);
  }
});
