import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compress } from '#src/wire/core/snappy.js';
import { WriteReceiver } from '#src/wire/receive/write-receiver.js';
import { encodeProto } from '../proto.js';
import { RecordingSink } from '../recording-sink.js';

const LIMITS = { maxDecodedBytes: 2 ** 20, maxSamplesPerRequest: 1000 };

function receive(histogram: object, protocol: '1.0' | '2.0') {
  const message =
    protocol === '1.0'
      ? encodeProto('prometheus.WriteRequest', {
          timeseries: [{ labels: [{ name: '__name__', value: 'h' }], histograms: [histogram] }],
        })
      : encodeProto('io.prometheus.write.v2.Request', {
          symbols: ['', '__name__', 'h'],
          timeseries: [{ labelsRefs: [1, 2], histograms: [histogram] }],
        });
  return new WriteReceiver(new RecordingSink(), LIMITS).receive(compress(message), protocol, 0);
}

const INTEGER = {
  countInt: 12,
  sum: 18.4,
  schema: 1,
  zeroThreshold: 0.001,
  zeroCountInt: 2,
  positiveSpans: [
    { offset: 0, length: 2 },
    { offset: 1, length: 2 },
  ],
  positiveDeltas: [1, 1, -1, 0], // 1 2 1 1
  negativeSpans: [{ offset: -3, length: 2 }],
  negativeDeltas: [3, -1], // 3 2
  timestamp: 1700000000000,
};
const FLOAT = {
  countFloat: 3.5,
  sum: 1,
  zeroCountFloat: 0.5,
  positiveSpans: [{ offset: 5, length: 2 }],
  positiveCounts: [1, 2],
};

test('consistent native histograms are taken, in both versions', () => {
  const cases: [name: string, histogram: object][] = [
    ['integer', INTEGER],
    ['float', FLOAT],
    ['empty', {}],
    ['only the zero bucket', { countInt: 2, zeroCountInt: 2 }],
    ['observations of NaN, which are in no bucket', { ...INTEGER, countInt: 14, sum: NaN }],
    ['float counts that do not add up to the last bit', { ...FLOAT, countFloat: 3.4999 }],
    [
      'custom buckets',
      { countInt: 3, schema: -53, customValues: [1, 2], positiveSpans: [{ length: 1 }], positiveDeltas: [3] },
    ],
  ];
  for (const protocol of ['1.0', '2.0'] as const) {
    for (const [name, histogram] of cases) {
      const stats = receive(histogram, protocol);
      assert.deepEqual(
        [stats.accepted, stats.histograms, stats.invalidHistograms],
        [true, 1, 0],
        `${name} in ${protocol}`,
      );
    }
  }
});

test('inconsistent native histograms are refused, in both versions', () => {
  const cases: [name: string, histogram: object, message: RegExp][] = [
    ['a count over the buckets', { ...INTEGER, countInt: 13 }, /buckets contain 12 observations, but its count is 13/],
    ['a count under the buckets', { ...INTEGER, countInt: 11 }, /buckets contain 12 observations, but its count is 11/],
    ['a count under the buckets and observations of NaN', { ...INTEGER, countInt: 11, sum: NaN }, /its count is 11/],
    ['a bucket too few', { ...INTEGER, positiveDeltas: [1, 1, -1] }, /spans contain 4 buckets, but 3 were sent/],
    ['a bucket too many', { ...INTEGER, negativeDeltas: [3, -1, 0] }, /spans contain 2 buckets, but 3 were sent/],
    ['a negative bucket', { ...INTEGER, positiveDeltas: [1, -2, 3, 0] }, /a bucket contains -1 observations/],
    ['spans that overlap', { ...INTEGER, positiveSpans: [{ length: 2 }, { offset: -1, length: 2 }] }, /spans overlap/],
    ['a negative float bucket', { ...FLOAT, positiveCounts: [1, -2] }, /a bucket contains -2 observations/],
    ['a float bucket too few', { ...FLOAT, positiveCounts: [1] }, /spans contain 2 buckets, but 1 were sent/],
    ['a negative float count', { ...FLOAT, countFloat: -1 }, /count -1 .* is negative/],
    ['a float count that is NaN', { ...FLOAT, countFloat: NaN }, /count NaN/],
    [
      'integer buckets under a float count',
      { ...FLOAT, positiveCounts: [], positiveDeltas: [1, 2] },
      /mixes integer and float/,
    ],
  ];
  for (const protocol of ['1.0', '2.0'] as const) {
    for (const [name, histogram, message] of cases) {
      const stats = receive(histogram, protocol);
      assert.deepEqual([stats.accepted, stats.invalidHistograms], [false, 1], `${name} in ${protocol}`);
      assert.match(stats.toString(), message, `${name} in ${protocol}`);
    }
  }
});
