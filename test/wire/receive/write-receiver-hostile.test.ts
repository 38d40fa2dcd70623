import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { SampleOutcome } from '#src/model/samples/write-sink.js';
import { compress } from '#src/wire/core/snappy.js';
import { WireError } from '#src/wire/core/wire-error.js';
import { WriteReceiver } from '#src/wire/receive/write-receiver.js';
import { HANG_MS } from '../../harness/wait.js';
import { encodeProto } from '../proto.js';
import { RecordingSink } from '../recording-sink.js';

/*
 * A receiver is fed bodies that nobody sane would send. Each must be taken or refused with a WireError, quickly, and the
 * receiver must work afterwards. Bodies are small so that there can be many; the seed is printed when a case fails.
 */

const LIMITS = { maxDecodedBytes: 64 * 1024, maxSamplesPerRequest: 200 };
const RUNS = 20_000;

const LABELS = [
  { name: '__name__', value: 'up' },
  { name: 'job', value: 'a' },
];
const HISTOGRAM = { countInt: 3, positiveSpans: [{ offset: 1, length: 2 }], positiveDeltas: [1, 1], timestamp: 7 };
const BODIES = {
  '1.0': encodeProto('prometheus.WriteRequest', {
    timeseries: [
      { labels: LABELS, samples: [{ value: 1, timestamp: 1 }] },
      {
        labels: LABELS.slice(0, 1),
        samples: [
          { value: NaN, timestamp: 1700000000000 },
          { value: 2, timestamp: -2 },
        ],
      },
      { labels: LABELS, histograms: [HISTOGRAM], exemplars: [{ labels: LABELS, value: 1 }] },
    ],
    metadata: [{ type: 1, metricFamilyName: 'up', help: 'Whether it is up.' }],
  }),
  '2.0': encodeProto('io.prometheus.write.v2.Request', {
    symbols: ['', '__name__', 'up', 'job', 'a'],
    timeseries: [
      { labelsRefs: [1, 2, 3, 4], samples: [{ value: 1, timestamp: 1 }], metadata: { type: 1 } },
      {
        labelsRefs: [1, 2],
        samples: [
          { value: NaN, timestamp: 1700000000000 },
          { value: 2, timestamp: -2 },
        ],
      },
      { labelsRefs: [1, 2], histograms: [HISTOGRAM], exemplars: [{ labelsRefs: [3, 4], value: 1 }] },
    ],
  }),
} as const;

const protocols = ['1.0', '2.0'] as const;
/** Resolves as a store does and forgets the samples, so that what grows is the receiver's. */
class ForgettingSink extends RecordingSink {
  override append(): SampleOutcome {
    return SampleOutcome.stored;
  }
  override appendStale(): SampleOutcome {
    return SampleOutcome.stored;
  }
  override setMetricType(): void {}
}

const receivers = {
  '1.0': new WriteReceiver(new ForgettingSink({ maxSeries: 20 }), LIMITS),
  '2.0': new WriteReceiver(new ForgettingSink({ maxSeries: 20 }), LIMITS),
};

/** Whether the body was taken, in whole or in part. */
function feed(compressed: Uint8Array, protocol: (typeof protocols)[number]): boolean {
  try {
    receivers[protocol].receive(compressed, protocol, 0);
    return true;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}

/** Feeds `RUNS` bodies and returns how many of them were taken. */
function feedMany(bodies: fc.Arbitrary<Uint8Array>, protocol: (typeof protocols)[number]): number {
  let taken = 0;
  fc.assert(
    fc.property(bodies, (body) => {
      if (feed(body, protocol)) taken++;
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  return taken;
}

/** Bytes of `body` changed, cut out, put in or doubled, up to six times. */
function mutated(body: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.nat(body.length - 1);
  // Bytes that mean something: continuation bits, small tags, wrong wire types.
  const byte = fc.oneof(fc.constantFrom(0x00, 0x01, 0x0a, 0x12, 0x7f, 0x80, 0xff), fc.nat(255));
  const mutation = fc.oneof(
    fc.record({ at: place, remove: fc.constant(1), insert: fc.array(byte, { minLength: 1, maxLength: 1 }) }),
    fc.record({ at: place, remove: fc.nat(20), insert: fc.array(byte, { maxLength: 3 }) }),
    fc.record({ at: place, remove: fc.constant(0), insert: place.map((from) => [...body.subarray(from, from + 30)]) }),
  );
  return fc.array(mutation, { minLength: 1, maxLength: 6 }).map((mutations) => {
    const bytes = [...body];
    for (const { at, remove, insert } of mutations) bytes.splice(at, remove, ...insert);
    return Uint8Array.from(bytes);
  });
}

test('no body makes a receiver throw anything but WireError, hang or grow', { timeout: HANG_MS }, () => {
  const heapBefore = heapUsed();
  for (const protocol of protocols) {
    const body = BODIES[protocol];
    // Something of every kind is taken and something is refused: the mutations are neither too tame nor too wild.
    const kinds: [name: string, bodies: fc.Arbitrary<Uint8Array>][] = [
      ['mutated protobuf', mutated(body).map(compress)],
      ['mutated snappy', mutated(compress(body))],
    ];
    for (const [name, bodies] of kinds) {
      const taken = feedMany(bodies, protocol);
      assert.ok(taken > RUNS / 100 && taken < RUNS * 0.99, `${name} in ${protocol}: ${taken} of ${RUNS} taken`);
    }
    assert.ok(feedMany(fc.uint8Array({ maxLength: 64 }), protocol) < RUNS, `random bytes in ${protocol}`);
    assert.ok(feed(compress(body), protocol), `a good request in ${protocol} afterwards`);
  }
  const grownBytes = heapUsed() - heapBefore;
  assert.ok(grownBytes < 4 * 2 ** 20, `the heap grew by ${grownBytes} bytes`);
});

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
