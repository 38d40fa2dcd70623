import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { type Label, makeLabels } from '#src/model/labels/labels.js';
import { Encoded, WriteRequestEncoder } from '#src/wire/send/encode-write-request.js';
import { indexWriteRequest, selectSeries } from '#src/wire/send/index-write-request.js';
import { upgradeWriteRequest } from '#src/wire/send/upgrade-write-request.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const golden = (text: string) => text.replaceAll(/\s/g, '');

test('WriteRequestEncoder writes these bytes', () => {
  // name, labels, suffix, extra label, time, value (undefined: the stale marker), bytes
  const cases: [string, Record<string, string>, string, Label | undefined, number, number | undefined, string][] = [
    [
      'a name extended',
      { __name__: 'up', job: 'a' },
      '_yhat',
      undefined,
      1_700_000_000_000,
      1,
      `0a31 0a13 0a085f5f6e616d655f5f 120775705f79686174 0a08 0a036a6f62 120161
       1210 09000000000000f03f 1080d095ffbc31`,
    ],
    [
      'an extra label in its place',
      { __name__: 'up', job: 'a' },
      '_yhat',
      { name: 'horizon', value: '1h' },
      0,
      -0.5,
      `0a3b 0a13 0a085f5f6e616d655f5f 120775705f79686174 0a0d 0a07686f72697a6f6e 12023168 0a08 0a036a6f62 120161
       120b 09000000000000e0bf 1000`,
    ],
    [
      'a stale marker',
      { __name__: 'up' },
      '_yhat',
      undefined,
      1,
      undefined,
      '0a22 0a13 0a085f5f6e616d655f5f 120775705f79686174 120b 09020000000000f07f 1001',
    ],
    [
      'labels that sort before the name',
      { __name__: 'up', A: 'x' },
      '_yhat',
      { name: 'B', value: 'y' },
      1,
      0,
      '0a32 0a06 0a0141 120178 0a06 0a0142 120179 0a13 0a085f5f6e616d655f5f 120775705f79686174 120b 090000000000000000 1001',
    ],
  ];
  for (const [name, labels, suffix, extra, timeMs, value, want] of cases) {
    const encoder = new WriteRequestEncoder(10);
    const block = encodeLabelBlock(makeLabels(labels));
    const encoded = encoder.append(block, suffix, extra, timeMs, value);
    assert.equal(encoded, Encoded.written, name);
    assert.equal(hex(encoder.bytes), golden(want), name);
  }
});

// An independent reader: protobufjs' reflection on the messages as the specifications give them.
const { root } = protobuf.parse(`syntax = "proto3";
  message WriteRequest { repeated TimeSeries timeseries = 1; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }
  message Request { repeated string symbols = 4; repeated TimeSeriesV2 timeseries = 5; }
  message TimeSeriesV2 { repeated uint32 labels_refs = 1; repeated Sample samples = 2; }
`);
type Decoded = { labels: [string, string][]; samples: { value: number; timestamp: number }[] };

function decodeV1(bytes: Uint8Array): Decoded[] {
  const type = root.lookupType('WriteRequest');
  const request = type.toObject(type.decode(bytes), { longs: Number, defaults: true });
  return request.timeseries.map((series: { labels: Label[]; samples: Decoded['samples'] }) => ({
    labels: series.labels.map(({ name, value }) => [name, value]),
    samples: series.samples,
  }));
}

function decodeV2(bytes: Uint8Array): Decoded[] {
  const type = root.lookupType('Request');
  const { symbols, timeseries } = type.toObject(type.decode(bytes), { longs: Number, defaults: true });
  assert.equal(symbols[0], '');
  assert.equal(new Set(symbols).size, symbols.length, 'each symbol once');
  return timeseries.map(({ labelsRefs, samples }: { labelsRefs: number[]; samples: Decoded['samples'] }) => ({
    labels: Array.from({ length: labelsRefs.length / 2 }, (_, i) => [
      symbols[labelsRefs[2 * i]!],
      symbols[labelsRefs[2 * i + 1]!],
    ]),
    samples,
  }));
}

const text = fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ minLength: 100, maxLength: 300 }));
const derivation = fc.record({
  name: text,
  others: fc.dictionary(text, text, { maxKeys: 12 }),
  suffix: fc.constantFrom('_yhat', '_yhat_lower', '_rate_anomaly_score', ''),
  extra: fc.option(fc.record({ name: text, value: text }), { nil: undefined }),
  timeMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 2 ** 45 })),
  value: fc.double({ noNaN: true }),
});

test('a decoder of 1.0 and one of 2.0 read what WriteRequestEncoder was given', () => {
  fc.assert(
    fc.property(fc.array(derivation, { maxLength: 8 }), (derivations) => {
      const encoder = new WriteRequestEncoder(1);
      const want: Decoded[] = [];
      for (const { name, others, suffix, extra, timeMs, value } of derivations) {
        const { __name__: _, ...rest } = others;
        if (extra !== undefined) delete rest[extra.name];
        const block = encodeLabelBlock(makeLabels(Object.entries({ ...rest, __name__: name })));
        const outcome = encoder.append(block, suffix, extra, timeMs, value);
        const derived = { ...rest, ...(extra && { [extra.name]: extra.value }), __name__: name + suffix };
        const labels = makeLabels(Object.entries(derived)).map((label): [string, string] => [label.name, label.value]);
        const twice = want.some((series) => JSON.stringify(series.labels) === JSON.stringify(labels));
        assert.equal(outcome, twice ? Encoded.seriesTwice : Encoded.written);
        if (!twice) want.push({ labels, samples: [{ value, timestamp: timeMs }] });
      }
      assert.deepEqual(decodeV1(encoder.bytes), want);
      assert.equal(encoder.sampleCount, want.length);

      const index = indexWriteRequest(encoder.bytes, encoder.sampleCount);
      assert.deepEqual(
        [...index.timesMs],
        want.map(({ samples }) => samples[0]!.timestamp),
      );
      const odd = want.map((_, i) => i).filter((i) => i % 2 === 1);
      assert.deepEqual(
        decodeV1(selectSeries(index, odd)),
        odd.map((i) => want[i]),
      );
      assert.deepEqual(
        decodeV2(upgradeWriteRequest(index, odd)),
        odd.map((i) => want[i]),
      );
    }),
    { numRuns: 300 },
  );
});

test('upgradeWriteRequest() writes these bytes', () => {
  const encoder = new WriteRequestEncoder(10);
  encoder.append(encodeLabelBlock(makeLabels({ __name__: 'a' })), '_yhat', undefined, 1, 1);
  encoder.append(encodeLabelBlock(makeLabels({ __name__: 'up', job: 'a' })), '', undefined, 2, undefined);
  encoder.append(encodeLabelBlock(makeLabels({ __name__: 'a_bits' })), '_yhat', undefined, 1, 1);
  encoder.append(encodeLabelBlock(makeLabels({ __name__: 'a_bits' })), '_anomaly_score', undefined, 1, 1);
  const index = indexWriteRequest(encoder.bytes, 4);
  // After the samples of each the metadata: type 2, a gauge, and the unit of the forecast.
  assert.equal(
    hex(upgradeWriteRequest(index, [0, 1, 2, 3])),
    golden(`2200 22085f5f6e616d655f5f 2206615f79686174 22027570 22036a6f62 220161
      220b615f626974735f79686174 220462697473 2214615f626974735f616e6f6d616c795f73636f7265
      2a15 0a020102 120b 09000000000000f03f 1001 2a02 0802
      2a17 0a0401030405 120b 09020000000000f07f 1002 2a02 0802
      2a17 0a020106 120b 09000000000000f03f 1001 2a04 08022007
      2a15 0a020108 120b 09000000000000f03f 1001 2a02 0802`),
  );
});

test('WriteRequestEncoder adds no series that would not be the one meant', () => {
  const encoder = new WriteRequestEncoder(10);
  const horizon = { name: 'horizon', value: '1h' };
  const cases: [string, Record<string, string>, Label | undefined][] = [
    ['a source without a name', { job: 'a' }, undefined],
    ['a source that has the extra label', { __name__: 'up', horizon: '2h' }, horizon],
    ['a source that has the extra label before its name', { __name__: 'up', A: '1' }, { name: 'A', value: '2' }],
    ['an extra label that would be the name', { __name__: 'up' }, { name: '__name__', value: 'x' }],
  ];
  for (const [name, labels, extra] of cases) {
    const block = encodeLabelBlock(makeLabels(labels));
    assert.equal(encoder.append(block, '_yhat', extra, 1, 1), Encoded.noSuchSeries, name);
    assert.equal(encoder.byteLength, 0, name);
  }
});

test('WriteRequestEncoder takes a series again after reset()', () => {
  const encoder = new WriteRequestEncoder(1);
  const block = encodeLabelBlock(makeLabels({ __name__: 'up' }));
  assert.equal(encoder.append(block, '_yhat', undefined, 20, 1), Encoded.written);
  const first = hex(encoder.bytes);
  assert.equal(encoder.append(block, '_yhat', undefined, 30, 2), Encoded.seriesTwice);
  assert.equal(hex(encoder.bytes), first, 'a refused sample leaves nothing behind');
  assert.equal(encoder.append(block, '_yhat_lower', undefined, 10, 2), Encoded.written);
  assert.deepEqual([encoder.oldestMs, encoder.newestMs, encoder.sampleCount], [10, 20, 2]);
  encoder.reset();
  assert.equal(encoder.append(block, '_yhat', undefined, 20, 1), Encoded.written);
  assert.equal(hex(encoder.bytes), first);
  assert.deepEqual([encoder.oldestMs, encoder.newestMs, encoder.sampleCount], [20, 20, 1]);
});
