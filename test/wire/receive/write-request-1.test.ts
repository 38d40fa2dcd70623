import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compress } from '#src/wire/core/snappy.js';
import { WireError } from '#src/wire/core/wire-error.js';
import { WriteReceiver } from '#src/wire/receive/write-receiver.js';
import type { WriteStats } from '#src/wire/receive/write-stats.js';
import { hex } from '../hex.js';
import { encodeProto } from '../proto.js';
import { RecordingSink } from '../recording-sink.js';

const LIMITS = { maxDecodedBytes: 2 ** 20, maxSamplesPerRequest: 1000 };

function receive(message: Uint8Array, sink = new RecordingSink()): { sink: RecordingSink; stats: WriteStats } {
  const stats = new WriteReceiver(sink, LIMITS).receive(compress(message), '1.0', 0);
  return { sink, stats };
}

const UP = '0a0e 0a085f5f6e616d655f5f 12027570'; // __name__="up"
const JOB = '0a08 0a036a6f62 120161'; // job="a"
const TIME = '1080d095ffbc31'; // 1700000000000
const SAMPLE = `1210 09000000000000f03f ${TIME}`; // 1 at that time
const field = (tag: string, content: string) => {
  const size = hex(content).length;
  return `${tag}${Buffer.from(size < 128 ? [size] : [(size & 127) | 128, size >> 7]).toString('hex')}${content}`;
};
const series = (content: string) => field('0a', content);

test('a 1.0 request comes through, whatever the order of its fields', () => {
  const tail = '1a0b 11 0000000000000040 1805';
  const cases: [name: string, request: string][] = [
    ['as Prometheus writes it', series(UP + JOB + SAMPLE)],
    ['sample first', series(SAMPLE + UP + JOB)],
    ['sample between the labels', series(UP + SAMPLE + JOB)],
    ['unknown fields everywhere', `${series(`5001${UP}5d00000000${JOB}59${'00'.repeat(8)}${SAMPLE}520161`)}2a0161`],
    ['an exemplar between the labels', series(UP + tail + JOB + SAMPLE)],
    ['time before value', series(`${UP}${JOB}1210 ${TIME} 09000000000000f03f`)],
    ['a value given twice', series(`${UP}${JOB}1219 090000000000000040 ${TIME} 09000000000000f03f`)],
    ['lengths that are not minimal', series(`${UP}${JOB}129000 09000000000000f03f ${TIME}`)],
  ];
  for (const [name, request] of cases) {
    const { sink, stats } = receive(hex(request));
    assert.deepEqual([...sink.samples], [['up{job="a"}', [[1700000000000, 1]]]], name);
    assert.equal(stats.accepted, true, name);
    assert.equal(stats.samples, 1, name);
  }
});

test('a sample keeps its value and time to the bit', () => {
  const cases: [name: string, sample: string, want: [number, number | 'stale']][] = [
    ['an empty sample', '1200', [0, 0]],
    ['time 0 left out', '1209 09000000000000f03f', [0, 1]],
    ['a negative time', '120b 10ffffffffffffffffff01', [-1, 0]],
    ['the oldest time', '120b 1080808080808080808001', [-(2 ** 63), 0]],
    ['the newest time', '120a 10ffffffffffffffff7f', [2 ** 63, 0]],
    ['minus zero', '1209 090000000000000080', [0, -0]],
    ['infinity', '1209 09000000000000f07f', [0, Infinity]],
    ['the smallest number', '1209 090100000000000000', [0, 5e-324]],
    ['an ordinary NaN', '1209 09010000000000f87f', [0, NaN]],
    ['a stale marker', '1209 09020000000000f07f', [0, 'stale']],
    ['a NaN next to the stale marker', '1209 09030000000000f07f', [0, NaN]],
    ['a stale marker taken back', '1212 09020000000000f07f 09000000000000f03f', [0, 1]],
  ];
  for (const [name, sample, want] of cases) {
    const { sink } = receive(hex(series(UP + sample)));
    assert.deepEqual([...sink.samples], [['up', [want]]], name);
  }
});

test('a broken request is refused as a whole', () => {
  const good = series(UP + SAMPLE);
  const cases: [name: string, tail: string, message: RegExp][] = [
    ['half a tag', '8a', /varint is not terminated/],
    ['field number 0', '0200', /field number is out of range/],
    ['a field number over 2^29', 'faffffffffff01', /field number is out of range/],
    ['a series without its length', '0a', /varint is not terminated/],
    ['a series over the end', '0a05 0a03', /beyond its message/],
    ['a length over 2^31', '0affffffff0f', /beyond its message/],
    ['a length of 2^64 − 1', '0affffffffffffffffff01', /beyond its message/],
    ['a length of eleven bytes', '0a8080808080808080808001', /varint is not terminated/],
    ['a label over its series', series('0a05 0a0161'), /beyond its message/],
    ['a sample over its series', series(`${UP}1211 09`), /beyond its message/],
    ['a value cut short', series(`${UP}1205 0900000000`), /beyond its message/],
    ['a time that does not end', series(`${UP}1202 10ff`), /varint is not terminated/],
    ['a time of eleven bytes', series(`${UP}120c 10ffffffffffffffffffff01`), /varint is not terminated/],
    ['a time of 70 bits', series(`${UP}120b 10ffffffffffffffffff7f`), /varint is not terminated/],
    ['a series that is a number', '0801', /field 1 has the wrong type/],
    ['labels that are a number', series('0801'), /field 1 has the wrong type/],
    ['samples that are fixed', series(`${UP}1500000000`), /field 2 has the wrong type/],
    ['a value that is a number', series(`${UP}1202 0801`), /field 1 has the wrong type/],
    ['a time that is bytes', series(`${UP}1202 1200`), /field 2 has the wrong type/],
    ['metadata that is a number', '1801', /field 3 has the wrong type/],
    ['a family that is a number', '1a02 1001', /field 2 has the wrong type/],
    ['a group', '0b0c', /field 1 has the wrong type/],
    ['an unknown group', '5354', /an unsupported wire type/],
    ['wire type 7', '57', /an unsupported wire type/],
    ['an unknown fixed32 cut short', '5d0000', /beyond its message/],
    ['an unknown fixed64 cut short', '5900000000', /beyond its message/],
    ['an unknown number that does not end', '50ff', /varint is not terminated/],
    ['a histogram over its series', series(`${UP}2205 08`), /beyond its message/],
    ['a histogram cut inside a number', series(`${UP}2202 08ff`), /varint is not terminated/],
  ];
  for (const [name, tail, message] of cases) {
    const sink = new RecordingSink();
    assert.throws(
      () => receive(hex(good + tail), sink),
      (error) => error instanceof WireError && error.reason === 'malformed' && message.test(error.message),
      name,
    );
    assert.equal(sink.size, 0, name);
  }
});

test('a request cut anywhere inside a series leaves nothing behind', () => {
  const request = hex(series(UP + JOB + SAMPLE));
  for (let length = 1; length < request.length; length++) {
    const sink = new RecordingSink();
    assert.throws(() => receive(request.subarray(0, length), sink), WireError, `cut after ${length} bytes`);
    assert.equal(sink.size, 0);
  }
});

test('an invalid series or sample costs none of the others', () => {
  const good = series(UP + SAMPLE);
  const longValue = `0a8320 0a0178 12fd1f${'61'.repeat(4093)}`;
  const cases: [name: string, bad: string, message: RegExp][] = [
    ['no labels', series(SAMPLE), /1 of 3 samples, 1 series.*the series has no labels/],
    ['an empty name', series(`0a05 0a00 120161${SAMPLE}`), /1 of 3 samples.*a label name is empty/],
    ['a duplicate name', series(JOB + JOB + SAMPLE), /1 of 3 samples.*duplicate label "job"/],
    ['a duplicate name apart', series(JOB + UP + SAMPLE + JOB), /1 of 3 samples.*duplicate label "job"/],
    ['text that is not UTF-8', series(`0a06 0a0161 1201ff${SAMPLE}`), /1 of 3 samples.*not valid UTF-8/],
    ['a label that is broken inside', series(`0a02 0a05${SAMPLE}`), /1 of 3 samples.*malformed label/],
    ['a label that is too long', series(longValue + SAMPLE), /1 of 3 samples and.*more or longer labels/],
    ['one series too many', series(JOB + SAMPLE), /1 of 3 samples and.*no room for \{job="a"\}/],
    ['a sample of the future', series(`${UP}120a 10ffffffffffffffff7f`), /1 of 3 samples and.*too far in the future/],
    [
      'a sample of the past',
      series(`${UP}120b 10ffffffffffffffffff01`),
      /1 of 3 samples and.*sample of up at -1 ms is older/,
    ],
    ['labels but no samples, and wrong', `${series(JOB + JOB)}${series(`${UP}1200`)}`, /1 of 3 samples, 1 series/],
  ];
  const other = series(`${UP}1210 090000000000000040 10 81d095ffbc31`);
  for (const [name, bad, message] of cases) {
    const sink = new RecordingSink({ maxSeries: 1, maxLabelValueBytes: 4092, oldestMs: 1, newestMs: 2e12 });
    const { stats } = receive(hex(good + bad + other), sink);
    assert.deepEqual(
      [...sink.samples],
      [
        [
          'up',
          [
            [1700000000000, 1],
            [1700000000001, 2],
          ],
        ],
      ],
      name,
    );
    assert.equal(stats.accepted, false, name);
    assert.equal(stats.refusedSamples, 1, name);
    assert.match(stats.toString(), message, name);
  }
});

test('of many problems the first are told, and none at length', () => {
  const label = (name: string) => ({ name, value: 'x' });
  const timeseries = Array.from({ length: 100 }, (_, i) => {
    const name = `${i}-${'n'.repeat(1000)}`;
    return { labels: [label(name), label(name)], samples: [{ value: 1, timestamp: 1 }] };
  });
  const { stats } = receive(encodeProto('prometheus.WriteRequest', { timeseries }));
  const text = stats.toString();
  assert.match(text, /^refused 100 of 100 samples, 100 series .*"0-n.*"1-n.*"2-n/);
  assert.doesNotMatch(text, /"3-n/);
  assert.ok(text.length < 1100, `${text.length} characters`);
});

test('what is taken but not kept is counted', () => {
  const request = encodeProto('prometheus.WriteRequest', {
    timeseries: [
      {
        labels: [{ name: '__name__', value: 'ignored' }],
        samples: [{ value: 1, timestamp: 1 }],
        exemplars: [{ value: 1 }, { value: 2 }],
      },
      {
        labels: [{ name: '__name__', value: 'm_yhat' }],
        samples: [
          { value: 1, timestamp: 1 },
          { value: 2, timestamp: 2 },
        ],
      },
      { labels: [{ name: '__name__', value: 'h' }], histograms: [{ countInt: 3, zeroCountInt: 3 }] },
      {
        labels: [{ name: '__name__', value: 'up' }],
        samples: [
          { value: 1, timestamp: 1 },
          { value: 1, timestamp: 1 },
        ],
      },
    ],
  });
  const { sink, stats } = receive(request);
  assert.equal(sink.size, 1);
  assert.equal(stats.accepted, true);
  assert.deepEqual(
    [stats.samples, stats.exemplars, stats.histograms, [...stats.byOutcome], [...stats.byUntracked]],
    [5, 2, 1, [1, 0, 1, 0, 0, 0, 0], [0, 1, 2, 0, 0, 0, 0, 0, 0]],
  );
});

test('metadata tells the types of metric families', () => {
  const metadata = [
    { type: 1, metricFamilyName: 'http_requests_total', help: 'How many.', unit: '' },
    { type: 2, metricFamilyName: 'température' },
    { type: 7, metricFamilyName: 'state' },
    { metricFamilyName: 'untyped' },
    { type: 99, metricFamilyName: 'new' },
  ];
  const { sink, stats } = receive(encodeProto('prometheus.WriteRequest', { metadata }));
  assert.equal(stats.accepted, true);
  assert.deepEqual(
    [...sink.metricTypes],
    [
      ['http_requests_total', 'counter'],
      ['température', 'gauge'],
      ['state', 'stateset'],
      ['untyped', 'unknown'],
      ['new', 'unknown'],
    ],
  );
});

test('a request over the limit of samples, series or metadata is refused as a whole', () => {
  const cases: [name: string, request: string, message: RegExp][] = [
    ['samples', series(UP + '1200'.repeat(1001)), /more than 1000 samples/],
    ['series', series('').repeat(1001), /more than 1000 series/],
    ['metadata', '1a00'.repeat(1001), /more than 1000 entries of metadata/],
  ];
  for (const [name, request, message] of cases) {
    const sink = new RecordingSink();
    assert.throws(() => receive(hex(request), sink), { name: 'WireError', reason: 'too_large', message }, name);
    assert.equal(sink.size, 0, name);
  }
});

test('a 1.0 request means the same as an independent encoder meant, for any request', () => {
  const timestamp = fc.oneof(
    fc.integer({ min: -(2 ** 40), max: 2 ** 42 }),
    fc.constantFrom(0, 2 ** 53 - 1, -(2 ** 53) + 1),
  );
  const sample = fc.record({ value: fc.double({ noNaN: true }), timestamp });
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
  const anySeries = fc.record({
    labels: fc.uniqueArray(fc.record({ name, value: fc.string({ unit: 'grapheme', minLength: 1 }) }), {
      minLength: 1,
      selector: (label) => label.name,
    }),
    samples: fc.uniqueArray(sample, { minLength: 1, selector: ({ timestamp }) => timestamp }),
  });
  fc.assert(
    fc.property(fc.array(anySeries), (timeseries) => {
      const { sink, stats } = receive(encodeProto('prometheus.WriteRequest', { timeseries }));
      const model = new RecordingSink();
      for (const { labels, samples } of timeseries) {
        const block = encodeProto('prometheus.TimeSeries', { labels });
        const ref = model.resolve(block, 0, block.length);
        for (const { timestamp, value } of samples) model.append(ref, timestamp, value);
      }
      for (const samples of model.samples.values()) samples.sort(([a], [b]) => a - b);
      assert.deepEqual([...sink.samples], [...model.samples]);
      assert.equal(stats.samples, timeseries.flatMap(({ samples }) => samples).length);
    }),
  );
});
