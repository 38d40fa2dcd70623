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
  const stats = new WriteReceiver(sink, LIMITS).receive(compress(message), '2.0', 0);
  return { sink, stats };
}

const encode = (request: object) => encodeProto('io.prometheus.write.v2.Request', request);

// "", "__name__", "up", "job", "a"
const SYMBOLS = '2200 22085f5f6e616d655f5f 22027570 22036a6f62 220161';
const SAMPLE = '1210 09000000000000f03f 1080d095ffbc31'; // 1 at 1700000000000

test('a 2.0 request comes through, whatever the order of its fields', () => {
  const cases: [name: string, request: string][] = [
    ['as Prometheus writes it', `${SYMBOLS} 2a18 0a0401020304 ${SAMPLE}`],
    ['symbols last', `2a18 0a0401020304 ${SAMPLE} ${SYMBOLS}`],
    ['sample first', `${SYMBOLS} 2a18 ${SAMPLE} 0a0401020304`],
    ['references one by one', `${SYMBOLS} 2a1a 0801 0802 0803 0804 ${SAMPLE}`],
    ['references in two runs around the sample', `${SYMBOLS} 2a1a 0a020102 ${SAMPLE} 0a020304`],
    ['references of both kinds, one cut in two', `${SYMBOLS} 2a1b 0a0101 ${SAMPLE} 0802 0a020304`],
    ['references that are not minimal', `${SYMBOLS} 2a1a 0a0681000203 8400 ${SAMPLE}`],
    ['an empty run of references', `${SYMBOLS} 2a1a 0a00 0a0401020304 ${SAMPLE}`],
    ['labels out of order', `${SYMBOLS} 2a18 0a0403040102 ${SAMPLE}`],
    ['a start timestamp', `${SYMBOLS} 2a1a 0a0401020304 1212 09000000000000f03f 1080d095ffbc31 1805`],
    ['unknown fields', `3200 ${SYMBOLS} 2a1a 0a0401020304 3001 ${SAMPLE} 5001`],
  ];
  for (const [name, request] of cases) {
    const { sink, stats } = receive(hex(request));
    assert.deepEqual([...sink.samples], [['up{job="a"}', [[1700000000000, 1]]]], name);
    assert.equal(stats.accepted, true, name);
    assert.equal(stats.samples, 1, name);
  }
});

test('a stale marker is known by its bits in 2.0 too', () => {
  const { sink } = receive(hex(`${SYMBOLS} 2a11 0a020102 120b 09020000000000f07f 1005`));
  assert.deepEqual([...sink.samples], [['up', [[5, 'stale']]]]);
});

test('a broken 2.0 request is refused as a whole', () => {
  const good = `${SYMBOLS} 2a18 0a0401020304 ${SAMPLE}`;
  const cases: [name: string, request: string, message: RegExp][] = [
    ['a first symbol that is not empty', '22027570', /first symbol is not the empty string/],
    ['a symbol over the end', `${good} 22056162`, /beyond its message/],
    ['a symbol that is a number', `${good} 2001`, /field 4 has the wrong type/],
    ['a series that is a number', `${good} 2801`, /field 5 has the wrong type/],
    ['a reference that is fixed', `${good} 2a05 0d00000000`, /field 1 has the wrong type/],
    ['a packed reference cut short', `${good} 2a03 0a0181`, /varint is not terminated/],
    ['a packed reference over its field', `${good} 2a05 0a0181 0801`, /varint is not terminated/],
    ['a reference cut short', `${good} 2a02 0881`, /varint is not terminated/],
    ['a reference of eleven bytes', `${good} 2a0c 08ffffffffffffffffffff01`, /varint is not terminated/],
    ['references over the series', `${good} 2a03 0a0501`, /beyond its message/],
    ['metadata that is a number', `${good} 2a02 2801`, /field 5 has the wrong type/],
    ['a metric type that is bytes', `${good} 2a04 2a02 0a00`, /field 1 has the wrong type/],
    ['a sample that is a number', `${good} 2a02 1001`, /field 2 has the wrong type/],
    ['a histogram cut short', `${good} 2a04 1a02 08ff`, /varint is not terminated/],
    ['a 1.0 request that is cut', '0a05', /beyond its message/],
  ];
  for (const [name, request, message] of cases) {
    const sink = new RecordingSink();
    assert.throws(
      () => receive(hex(request), sink),
      (error) => error instanceof WireError && error.reason === 'malformed' && message.test(error.message),
      name,
    );
    assert.equal(sink.size, 0, name);
  }
});

test('an invalid 2.0 series costs none of the others', () => {
  const cases: [name: string, refs: number[], message: RegExp][] = [
    ['no references', [], /1 of 2 samples, 1 series.*has no labels/],
    ['an odd number of references', [1, 2, 3], /1 of 2 samples, 1 series.*odd number of label references/],
    [
      'a name outside the table',
      [5, 2],
      /1 of 2 samples, 1 series.*label reference 5 is outside the table of 5 symbols/,
    ],
    ['a value outside the table', [1, 4294967295], /label reference 4294967295 is outside/],
    ['an empty name', [0, 2], /a label name is empty/],
    ['a duplicate name', [3, 4, 1, 2, 3, 2], /duplicate label "job"/],
  ];
  const symbols = ['', '__name__', 'up', 'job', 'a'];
  for (const [name, labelsRefs, message] of cases) {
    const { sink, stats } = receive(
      encode({
        symbols,
        timeseries: [
          { labelsRefs, samples: [{ value: 1, timestamp: 1 }] },
          { labelsRefs: [1, 2], samples: [{ value: 2, timestamp: 2 }] },
        ],
      }),
    );
    assert.deepEqual([...sink.samples], [['up', [[2, 2]]]], name);
    assert.equal(stats.accepted, false, name);
    assert.equal(stats.refusedSamples, 1, name);
    assert.match(stats.toString(), message, name);
  }
});

test('labels that expand to more than a request may hold are refused', () => {
  // 300 series of one symbol of 10 kB: 10 kB on the wire, 3 MB of labels.
  const symbols = ['', '__name__', 'x'.repeat(10_000)];
  const timeseries = Array.from({ length: 300 }, (_, i) => ({
    labelsRefs: [1, 2],
    samples: [{ value: i, timestamp: i }],
  }));
  const { stats } = receive(encode({ symbols, timeseries }), new RecordingSink({ maxLabelValueBytes: 20_000 }));
  assert.equal(stats.byOutcome[0], Math.floor(2 ** 20 / 10_021));
  assert.match(stats.toString(), /expand to more than 1048576 bytes/);
});

test('more symbols than the series can need are refused', () => {
  const symbols = ['', ...Array.from({ length: 16_000 }, () => 'a')];
  assert.throws(() => receive(encode({ symbols })), { reason: 'too_large', message: /more than 16000 symbols/ });
});

test('metadata of 2.0 series tells the types of metric families', () => {
  const symbols = ['', '__name__', 'a_total', 'b_bucket', 'c_count', 'd', 'x', 'e_sum'];
  const series = (labelsRefs: number[], type: number) => ({ labelsRefs, metadata: { type } });
  const { sink } = receive(
    encode({
      symbols,
      timeseries: [
        series([1, 2], 1),
        series([1, 2, 6, 6], 1),
        series([1, 3], 3),
        series([1, 4], 5),
        series([1, 7], 2),
        series([1, 5], 0),
        series([6, 5], 1),
        series([1, 5], 99),
      ],
    }),
  );
  assert.deepEqual(
    [...sink.metricTypes],
    [
      ['a_total', 'counter'],
      ['b', 'histogram'],
      ['c', 'summary'],
      ['e_sum', 'gauge'],
    ],
  );
});

test('a receiver forgets the last request', () => {
  const sink = new RecordingSink({ maxLabelValueBytes: 2 ** 20 });
  const receiver = new WriteReceiver(sink, LIMITS);
  const send = (symbols: string[], timeMs: number) => {
    const samples = [{ value: 1, timestamp: timeMs }];
    const request = { symbols, timeseries: [{ labelsRefs: [1, 2], samples, metadata: { type: 1 } }] };
    return receiver.receive(compress(encode(request)), '2.0', 0);
  };
  // Either takes more than half of what the labels of one request may expand to.
  const [a, b] = ['a'.repeat(600_000), 'b'.repeat(600_000)];
  assert.equal(send(['', '__name__', a], 1).accepted, true);
  assert.equal(send(['', '__name__', b], 1).accepted, true);
  assert.deepEqual([...sink.metricTypes.keys()], [a, b]);

  // The same references without their table.
  assert.match(send([], 2).toString(), /outside the table of 0 symbols/);
  assert.equal(receiver.receive(compress(encode({})), '2.0', 0).samples, 0);
  assert.equal(sink.size, 2);
});

test('a 2.0 request means the same as an independent encoder meant, for any request', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
  const anySeries = fc.record({
    labels: fc.uniqueArray(fc.tuple(text, text), { minLength: 1, selector: ([name]) => name }),
    samples: fc.uniqueArray(fc.record({ value: fc.double({ noNaN: true }), timestamp: fc.maxSafeInteger() }), {
      selector: ({ timestamp }) => timestamp,
      minLength: 1,
    }),
  });
  fc.assert(
    fc.property(fc.array(anySeries), (all) => {
      const symbols = [...new Set(['', ...all.flatMap(({ labels }) => labels.flat())])];
      const timeseries = all.map(({ labels, samples }) => ({
        labelsRefs: labels.flat().map((symbol) => symbols.indexOf(symbol)),
        samples,
      }));
      const { sink } = receive(encode({ symbols, timeseries }));
      const model = new RecordingSink();
      for (const { labels, samples } of all) {
        const block = encodeProto('prometheus.TimeSeries', {
          labels: labels.map(([name, value]) => ({ name, value })),
        });
        const ref = model.resolve(block, 0, block.length);
        for (const { timestamp, value } of samples) model.append(ref, timestamp, value);
      }
      for (const samples of model.samples.values()) samples.sort(([a], [b]) => a - b);
      assert.deepEqual([...sink.samples], [...model.samples]);
    }),
  );
});

test('when a counter began is passed on, from its sample or, as before 2.0-rc.4, from its series', () => {
  const starts: number[] = [];
  class StartSink extends RecordingSink {
    override append(ref: number, timeMs: number, value: number, startMs = Number.NaN) {
      starts.push(startMs);
      return super.append(ref, timeMs, value);
    }
  }
  const symbols = '2200 22085f5f6e616d655f5f 22027570';
  const sample = (time: string, start = '') => {
    const fields = `09000000000000f03f 10${time} ${start === '' ? '' : `18${start}`}`;
    return `12${hex(fields).length.toString(16).padStart(2, '0')} ${fields}`;
  };
  const timeseries = (content: string) => `2a${hex(content).length.toString(16)} ${content}`;
  const request = hex(
    `${symbols} ${timeseries(`0a020102 ${sample('64', '0a')} ${sample('65')}`)} ${timeseries(`0a020102 ${sample('66')} ${sample('67', '0c')} 300b`)}`,
  );
  receive(request, new StartSink());
  assert.deepEqual(starts, [10, 0, 11, 12]);
});
