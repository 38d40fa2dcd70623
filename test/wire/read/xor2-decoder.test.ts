import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '#src/wire/core/wire-error.js';
import { WriteBatch } from '#src/wire/core/write-batch.js';
import { Xor2Decoder } from '#src/wire/read/xor2-decoder.js';
import { hex } from '../hex.js';

interface GoldenChunk {
  readonly name: string;
  readonly hex: string;
  readonly samples: readonly (readonly [timeMs: number, value: string])[];
}

/** Chunks that Prometheus 3.14 wrote, and the samples that it reads in them. */
const GOLDEN: readonly GoldenChunk[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../test/wire/testdata/xor2-chunks.json'), 'utf8'),
);
const VALUES: Readonly<Record<string, number>> = { '+Inf': Infinity, '-Inf': -Infinity, stale: NaN, NaN };

function decode(bytes: Uint8Array): [timeMs: number, value: number][] {
  const batch = new WriteBatch(100_000);
  // Amidst other bytes, as in a response.
  new Xor2Decoder().decode(Buffer.concat([hex('ffff'), bytes, hex('ffff')]), 2, 2 + bytes.length, batch);
  return Array.from({ length: batch.sampleCount }, (_, i) => [batch.timesMs[i]!, batch.values[i]!]);
}

test('Xor2Decoder reads what Prometheus wrote: gaps, jitter, stale markers, start timestamps', () => {
  assert.equal(GOLDEN.length, 10);
  for (const { name, hex: chunk, samples } of GOLDEN) {
    const want = samples.map(([timeMs, text]) => [timeMs, VALUES[text] ?? Number(text)]);
    assert.deepEqual(decode(hex(chunk)), want, name);
  }
});

test('Xor2Decoder tells when the counter of each sample began', () => {
  const cases: [name: string, runs: [fromSample: number, startMs: number][]][] = [
    ['constant, regular', [[0, 0]]],
    ['with start timestamps from the first sample', [[0, 1_789_999_940_000]]],
    [
      'with start timestamps that change (resets)',
      [
        [0, 1_789_999_940_000],
        [30, 1_790_000_390_000],
        [60, 1_790_000_840_000],
      ],
    ],
    [
      'start timestamps that begin late',
      [
        [0, 0],
        [20, 1_790_000_299_999],
      ],
    ],
  ];
  for (const [name, runs] of cases) {
    const bytes = hex(GOLDEN.find((chunk) => chunk.name === name)!.hex);
    const batch = new WriteBatch(1_000);
    new Xor2Decoder().decode(bytes, 0, bytes.length, batch);
    const starts = [...batch.startsMs.subarray(0, batch.sampleCount)];
    const found = starts.flatMap((startMs, i) => (i === 0 || startMs !== starts[i - 1] ? [[i, startMs]] : []));
    assert.deepEqual(found, runs, name);
  }
});

test('Xor2Decoder refuses a chunk that is cut off anywhere', () => {
  for (const { name, hex: chunk } of GOLDEN) {
    const bytes = hex(chunk);
    // The zeros that fill up the last byte may be samples of equal value: the chunk is cut two bytes earlier at least.
    for (let length = 0; length < Math.min(bytes.length - 1, 60); length++) {
      assert.throws(() => decode(bytes.subarray(0, length)), WireError, `${name}, ${length} bytes`);
    }
  }
});

test('Xor2Decoder decodes any bytes or throws a WireError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decode(bytes);
      } catch (error) {
        assert.ok(error instanceof WireError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});
