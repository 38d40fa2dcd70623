import assert from 'node:assert/strict';
import { WireError } from '#src/wire/core/wire-error.js';
import { WriteBatch } from '#src/wire/core/write-batch.js';
import { decodeChunkedResponse } from '#src/wire/read/chunked-answer.js';
import { crc32c } from '#src/wire/read/crc32c.js';
import { decodeReadResponse } from '#src/wire/read/read-answer.js';
import { decodeReadRequest, encodeReadRequest } from '#src/wire/read/read-request.js';
import { XorDecoder } from '#src/wire/read/xor-decoder.js';
import { XorEncoder } from '#src/wire/read/xor-encoder.js';
import { encodeProto } from '../../wire/proto.js';
import { type ReflectedSeries, reflect } from '../differential.js';
import type { FuzzTarget } from '../fuzz.js';
import { refusing, T0 } from './input.js';
import { LABELS, MAX_ROWS, PROTO_TOKENS, SAMPLES } from './protobuf.js';

const batch = new WriteBatch(MAX_ROWS);
const xor = new XorDecoder();

/** Requests of remote-read, and its answers. */
export const READ_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'read-request',
    files: ['wire/read/read-request'],
    seeds: [
      encodeReadRequest(
        {
          startMs: T0,
          endMs: T0 + 1,
          matchers: [{ name: 'a', type: '=~', value: 'b' }],
          hints: { stepMs: 1, func: 'rate' },
        },
        ['samples'],
      ),
    ],
    tokens: PROTO_TOKENS,
    run(input) {
      const request = refusing([WireError], () => decodeReadRequest(input));
      for (const query of request?.queries ?? []) {
        // Larger times are not exact as numbers, and the encoder is given none.
        if (![query.startMs, query.endMs].every(Number.isSafeInteger)) continue;
        assert.deepEqual(decodeReadRequest(encodeReadRequest(query, ['samples'])).queries[0], query);
      }
    },
  },
  {
    name: 'read-response',
    files: ['wire/read/read-answer', 'wire/core/proto-cursor', 'wire/receive/sample'],
    seeds: [
      encodeProto('prometheus.ReadResponse', { results: [{ timeseries: [{ labels: LABELS, samples: SAMPLES }] }] }),
    ],
    tokens: PROTO_TOKENS,
    run(input) {
      let samples = 0;
      const accepted = refusing([WireError], () => {
        for (const series of decodeReadResponse(input, batch)) samples += series.samples.timesMs.length;
        return true;
      });
      if (accepted === undefined) return;
      const reflected = reflect<{ results: { timeseries: ReflectedSeries[] }[] }>('prometheus.ReadResponse', input);
      // What is not kept, such as exemplars, is passed over and not looked into.
      if (reflected === undefined) return;
      const sent = reflected.results.flatMap(({ timeseries }) => timeseries.flatMap((series) => series.samples ?? []));
      assert.equal(samples, sent.length, 'another number of samples than protobufjs reads');
    },
  },
  {
    name: 'chunks',
    files: ['wire/read/chunked-answer', 'wire/read/xor-decoder', 'wire/core/proto-cursor'],
    seeds: [
      encodeProto('prometheus.ChunkedReadResponse', {
        chunkedSeries: [
          {
            labels: LABELS,
            chunks: [
              { minTimeMs: T0, maxTimeMs: T0 + 15_000, type: 1, data: xorChunk([1, 2.5, 2.5, Number.NaN, 1e300]) },
            ],
          },
        ],
      }),
    ],
    tokens: PROTO_TOKENS,
    run(input) {
      // As a frame: the checksum is right.
      const head: number[] = [];
      for (let length = input.length; ; length >>= 7) {
        head.push(length > 0x7f ? (length & 0x7f) | 0x80 : length);
        if (length <= 0x7f) break;
      }
      const crc = Buffer.alloc(4);
      crc.writeUInt32BE(crc32c(input));
      const body = Buffer.concat([Buffer.from(head), crc, input]);
      refusing([WireError], () => {
        for (const { samples } of decodeChunkedResponse(body, batch)) assert.ok(samples.timesMs.length <= MAX_ROWS);
      });
    },
  },
  {
    name: 'xor-chunk',
    files: ['wire/read/xor-decoder'],
    seeds: [xorChunk([1, 1, 2, 2.5, -3]), xorChunk([0]), xorChunk([1e300, Number.NaN, Infinity, 5e-324])],
    tokens: [],
    run(input) {
      batch.clear();
      refusing([WireError], () => xor.decode(input, 0, input.length, batch));
    },
  },
];

function xorChunk(values: readonly number[]): Uint8Array {
  const timesMs = Float64Array.from(values, (_, i) => T0 + 15_000 * i + (i % 3));
  return Uint8Array.from(new XorEncoder().encode(timesMs, Float64Array.from(values), 0, values.length));
}
