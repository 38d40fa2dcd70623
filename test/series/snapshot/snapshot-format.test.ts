import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeSnapshot, encodeSnapshot } from '#src/series/snapshot/snapshot-format.js';
import { SnapshotError } from '#src/series/snapshot/snapshot-record.js';
import { bytesOf, readerOf } from './snapshot-bytes.js';

const TAKEN_AT_MS = 1_700_000_000_000;

function encode(texts: readonly string[]): Uint8Array {
  return bytesOf(encodeSnapshot(TAKEN_AT_MS, texts.keys(), (id, record) => record.text(texts[id]!)));
}

async function decode(snapshot: Uint8Array): Promise<string[]> {
  const texts: string[] = [];
  await decodeSnapshot(readerOf(snapshot), (record, takenAtMs) => {
    assert.equal(takenAtMs, TAKEN_AT_MS);
    texts.push(record.text());
  });
  return texts;
}

const SMALL = encode(['one', 'two', '']);

test('a snapshot is, byte for byte, what its description says', async () => {
  // Checksums by Python's zlib.crc32.
  const head = '8953544f0d0a1a0a 0a000000 00008056febc7842 6f064413';
  const records = '07000000 03000000 6f6e65 07000000 03000000 74776f 04000000 00000000';
  const golden = Buffer.from(`${head} 1e000000 ${records} 80b18cb9 00000000 6f210a2d`.replaceAll(' ', ''), 'hex');
  assert.deepEqual(Buffer.from(SMALL), golden);
  assert.deepEqual(await decode(golden), ['one', 'two', '']);
});

test('decodeSnapshot() gives the records of encodeSnapshot(), however long', async () => {
  const text = fc.oneof(
    fc.string(),
    fc.integer({ min: 0, max: 300_000 }).map((length) => 'x'.repeat(length)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 12 }), async (texts) => {
      assert.deepEqual(await decode(encode(texts)), texts);
    }),
    { numRuns: 50 },
  );
});

test('decodeSnapshot() refuses a snapshot cut off anywhere', async () => {
  for (let length = 0; length < SMALL.length; length++) {
    await assert.rejects(decode(SMALL.subarray(0, length)), new SnapshotError('it is truncated'), `${length} bytes`);
  }
});

test('decodeSnapshot() refuses a snapshot with any bit flipped, before it reads the record', async () => {
  for (let bit = 0; bit < 8 * SMALL.length; bit++) {
    const damaged = SMALL.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    let read = 0;
    const reading = decodeSnapshot(readerOf(damaged), (record) => {
      read++;
      record.text();
    });
    await assert.rejects(reading, SnapshotError, `bit ${bit}`);
    // The frame with the records ends 8 bytes before the end of the snapshot.
    assert.equal(read, bit < 8 * (SMALL.length - 8) ? 0 : 3, `bit ${bit}`);
  }
});

test('decodeSnapshot() says what is wrong with what it refuses', async () => {
  const newer = SMALL.slice();
  newer[8] = 11;
  const older = SMALL.slice();
  older[8] = 9;
  const giant = SMALL.slice();
  giant[24 + 3] = 0x7f;
  const cases: [name: string, bytes: Uint8Array, message: RegExp][] = [
    ['nothing', new Uint8Array(0), /truncated/],
    ['zeros, as after a power failure', new Uint8Array(100), /not a snapshot of Sentio/],
    ['a foreign file', Buffer.from('#!/bin/sh\necho this is no snapshot of anything\n'), /not a snapshot of Sentio/],
    ['a newer version', newer, /version 11, made by a newer Sentio; this one reads 10/],
    ['an older version', older, /version 9, made by an older Sentio; this one reads 10/],
    ['a giant frame', giant, /a frame of 2130706\d+ bytes/],
    ['two in one', Buffer.concat([SMALL, SMALL]), /it has data after its end/],
  ];
  for (const [name, bytes, message] of cases) {
    await assert.rejects(decode(bytes), (error) => error instanceof SnapshotError && message.test(error.message), name);
  }
});

test('decodeSnapshot() refuses frames of two snapshots put together', async () => {
  // Same head, same lengths: only the running checksum tells.
  const long = 'x'.repeat(300_000);
  const [one, other] = [encode(['a', long, 'b']), encode(['c', long, 'd'])];
  const cut = one.length - 8 - (4 + 4 + 4 + 1 + 4);
  await assert.rejects(decode(Buffer.concat([one.subarray(0, cut), other.subarray(cut)])), /checksum/);
});

test('encodeSnapshot() refuses a series that no reader would take', () => {
  const writing = () => bytesOf(encodeSnapshot(0, [0], (_id, record) => record.raw(new Uint8Array(65 << 20))));
  assert.throws(writing, new RangeError('Cannot write snapshot: a series takes 68157444 bytes'));
});
