import assert from 'node:assert/strict';
import { compress, SnappyDecoder } from '#src/wire/core/snappy.js';
import { WireError } from '#src/wire/core/wire-error.js';
import { WriteBatch } from '#src/wire/core/write-batch.js';
import { WriteReceiver } from '#src/wire/receive/write-receiver.js';
import { decodeWriteRequest1 } from '#src/wire/receive/write-request-1.js';
import { encodeProto } from '../../wire/proto.js';
import { assertSameSamples, type ReflectedSeries, reflect } from '../differential.js';
import type { FuzzTarget } from '../fuzz.js';
import { refusing, T0 } from './input.js';
import { LABELS, MAX_ROWS, PROTO_TOKENS, SAMPLES } from './protobuf.js';

const MAX_DECODED = 1 << 20;
const HISTOGRAM = {
  countInt: 3,
  sum: 4,
  schema: 3,
  zeroThreshold: 0.001,
  zeroCountInt: 1,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveDeltas: [1, 0],
  timestamp: T0,
};

const snappy = new SnappyDecoder();
const batch = new WriteBatch(MAX_ROWS);

/** Requests of remote-write, and their compression. */
export const WRITE_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'snappy',
    files: ['wire/core/snappy'],
    seeds: [compress(Buffer.from('abcdabcdabcd'.repeat(20))), compress(Buffer.alloc(0)), compress(Buffer.alloc(5000))],
    tokens: [Buffer.of(0xf0), Buffer.of(0xf4), Buffer.of(0xfc, 0xff, 0xff, 0xff), Buffer.of(0x01, 0x04)],
    run(input) {
      const decoded = refusing([WireError], () => snappy.decode(input, MAX_DECODED));
      if (decoded === undefined) return;
      const kept = Uint8Array.from(decoded);
      assert.deepEqual(new SnappyDecoder().decode(compress(kept), MAX_DECODED), kept);
    },
  },
  {
    name: 'write-1.0',
    files: ['wire/receive', 'wire/core/proto-cursor', 'wire/core/write-batch'],
    seeds: [
      encodeProto('prometheus.WriteRequest', { timeseries: [{ labels: LABELS, samples: SAMPLES }] }),
      encodeProto('prometheus.WriteRequest', {
        timeseries: [
          { labels: LABELS, histograms: [HISTOGRAM], exemplars: [{ labels: LABELS, value: 1, timestamp: T0 }] },
        ],
        metadata: [{ type: 1, metricFamilyName: 'up', help: 'h', unit: 's' }],
      }),
    ],
    tokens: PROTO_TOKENS,
    run(input) {
      const accepted = refusing([WireError], () => {
        decodeWriteRequest1(input, batch);
        return true;
      });
      if (accepted === undefined) return;
      const reflected = reflect<{ timeseries: ReflectedSeries[] }>('prometheus.WriteRequest', input);
      // What is not kept, such as exemplars, is passed over and not looked into.
      if (reflected === undefined) return;
      assertSameSamples(batch, reflected.timeseries);
    },
  },
  {
    name: 'write-2.0',
    files: ['wire/receive', 'wire/core/proto-cursor', 'wire/core/write-batch'],
    seeds: [
      encodeProto('io.prometheus.write.v2.Request', {
        symbols: ['', '__name__', 'up', 'job', 'a'],
        timeseries: [{ labelsRefs: [1, 2, 3, 4], samples: SAMPLES, metadata: { type: 1, helpRef: 3, unitRef: 4 } }],
      }),
      encodeProto('io.prometheus.write.v2.Request', {
        symbols: ['', '__name__', 'up'],
        timeseries: [
          { labelsRefs: [1, 2], histograms: [HISTOGRAM], exemplars: [{ labelsRefs: [1, 2], value: 1, timestamp: T0 }] },
        ],
      }),
    ],
    tokens: [...PROTO_TOKENS, Buffer.from('0a0401020304', 'hex'), Buffer.from('22085f5f6e616d655f5f', 'hex')],
    run(input) {
      let samples = 0;
      const receiver = new WriteReceiver(
        {
          beginRequest: () => {},
          resolve: () => 0,
          countUntracked: () => {},
          append: () => {
            samples++;
            return 0;
          },
          appendStale: () => {
            samples++;
            return 0;
          },
          setMetricType: () => {},
          describe: () => '',
        },
        { maxDecodedBytes: MAX_DECODED, maxSamplesPerRequest: MAX_ROWS },
      );
      const stats = refusing([WireError], () => receiver.receive(compress(input), '2.0', T0));
      if (stats === undefined) {
        assert.equal(samples, 0, 'a request that is refused was delivered in part');
        return;
      }
      const reflected = reflect<{ timeseries: ReflectedSeries[] }>('io.prometheus.write.v2.Request', input);
      // What is not kept, such as exemplars, is passed over and not looked into.
      if (reflected === undefined) return;
      const sent = reflected.timeseries.reduce((sum, series) => sum + (series.samples?.length ?? 0), 0);
      assert.equal(stats.samples, sent, 'another number of samples than protobufjs reads');
      const refused = stats.byUntracked.reduce((sum, count) => sum + count, 0);
      assert.equal(samples + refused, sent, 'received is not delivered and refused');
    },
  },
];
