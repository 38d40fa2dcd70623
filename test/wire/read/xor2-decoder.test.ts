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
