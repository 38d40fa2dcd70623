import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { type Labels, makeLabels } from '#src/model/labels/labels.js';
import { literalHeader, SnappyDecoder } from '#src/wire/core/snappy.js';
import { WriteBatch } from '#src/wire/core/write-batch.js';
import { decodeChunkedResponse } from '#src/wire/read/chunked-answer.js';
import { ChunkedResponseEncoder } from '#src/wire/read/chunked-response.js';
import { crc32c } from '#src/wire/read/crc32c.js';
import { type AnsweredSeries, decodeReadResponse } from '#src/wire/read/read-answer.js';
import { ReadResponseEncoder } from '#src/wire/read/read-response.js';
import { hex, toHex } from '../hex.js';
import { encodeProto } from '../proto.js';

interface Series {
  readonly labels: Labels;
  readonly points: readonly (readonly [timeMs: number, value: number])[];
}

/*
 * What Prometheus 2.42 with the external label cluster="c" answers about a series g{} that was written by remote-write:
 * every width of a change of delta (0, 14, 17, 20 and 64 bits), and values that are equal, far apart, and not finite.
 */
const FIRST_MS = 1_700_000_000_000;
const OFFSETS_MS = [
  0, 15_000, 30_000, 45_003, 59_999, 75_000, 105_000, 129_000, 329_000, 344_000, 1_044_000, 1_059_000, 3_059_000,
  3_074_000, 3_074_001, 3_089_001,
];
const VALUES = [
  1,
  1,
  2,
  2.5,
  -3,
  0.1,
  1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  0,
  -0,
  123456789.123,
  5e-324,
  12,
  12.000000000000002,
  15,
];
const GOLDEN: Series = {
  labels: makeLabels({ __name__: 'g', cluster: 'c' }),
  points: VALUES.map((value, i) => [FIRST_MS + OFFSETS_MS[i]!, value]),
};
const CHUNK_HEX =
  '001080a0abfef9623ff000000000000098753097ffe000f683bff9c074007000b83fffb199999999999b8752f20c73ed288ccf603a8908073f90f22001d677157c040010000000000003b4b5627ff0000000000001e000000000014e7914000000000000000ffffffffffff58c38b0675bcd151f7cedf80000000000f24f461fe0ceb79a2a3ef9dbffffffffffff0db0c500a0000000000007715a600000000000000038752f0006000000000001';
const FRAME_HEX = `e4014d17141f0ae1010a0d0a085f5f6e616d655f5f1201670a0c0a07636c7573746572120163 12c1010880d095ffbc3110e994d280bd31180122ae01${CHUNK_HEX}`;
const SAMPLES_HEX =
  '0aae020aab020a0d0a085f5f6e616d655f5f1201670a0c0a07636c7573746572120163121009000000000000f03f1080d095ffbc31121009000000000000f03f1098c596ffbc31121009000000000000004010b0ba97ffbc31121009000000000000044010cbaf98ffbc3112100900000000000008c010dfa499ffbc311210099a9999999999b93f10f8999affbc311210099c7500883ce4377e10a8849cffbc31121009000000000000f87f10e8bf9dffbc31121009000000000000f07f10a8daa9ffbc31120710c0cfaaffbc31120710a0acd5ffbc31121009b6f37d54346f9d4110b8a1d6ffbc31121009010000000000000010b8aad080bd31121009000000000000284010d09fd180bd31121009010000000000284010d19fd180bd311210090000000000002e4010e994d280bd31';

const batch = () => new WriteBatch(100_000);

/** What a decoder yields, copied out of its columns. */
function collect(answer: Iterable<AnsweredSeries>): Series[] {
  const copies: Series[] = [];
  for (const { labels, samples } of answer) {
    copies.push({ labels, points: [...samples.timesMs].map((timeMs, i) => [timeMs, samples.values[i]!] as const) });
  }
  return copies;
}

function columns({ labels, points }: Series) {
  return {
    block: encodeLabelBlock(labels),
    samples: {
      timesMs: Float64Array.from(points, ([timeMs]) => timeMs),
      values: Float64Array.from(points, ([, value]) => value),
    },
  };
}

function encodeChunked(series: readonly Series[]): Uint8Array {
  const encoder = new ChunkedResponseEncoder();
  return Buffer.concat(series.flatMap((one) => [...encoder.frames(columns(one), 0)]));
}

function encodeSamples(series: readonly Series[]): Uint8Array {
  const encoder = new ReadResponseEncoder();
  const all = series.map(columns);
  encoder.startQuery(all);
  for (const one of all) encoder.addSeries(one);
  encoder.endQuery();
  return Buffer.concat(encoder.parts);
}

/** A message as a frame. */
function framed(message: Uint8Array): Uint8Array {
  const length = message.length < 0x80 ? [message.length] : [(message.length & 0x7f) | 0x80, message.length >> 7];
  const frame = Buffer.concat([Buffer.from(length), Buffer.alloc(4), message]);
  frame.writeUInt32BE(crc32c(message), length.length);
  return frame;
}

test('decodeChunkedResponse() reads what Prometheus answers', () => {
  assert.deepEqual(collect(decodeChunkedResponse(hex(FRAME_HEX), batch())), [GOLDEN]);
});

test('decodeReadResponse() reads what Prometheus answers', () => {
  // Prometheus' own encoder leaves out a zero, and with it its sign.
  const points = GOLDEN.points.map(([timeMs, value]) => [timeMs, value === 0 ? 0 : value] as const);
  assert.deepEqual(collect(decodeReadResponse(hex(SAMPLES_HEX), batch())), [{ ...GOLDEN, points }]);
});

test('ChunkedResponseEncoder writes the bytes that Prometheus writes', () => {
  assert.equal(toHex(encodeChunked([GOLDEN])), FRAME_HEX.replaceAll(' ', ''));
});

test('ReadResponseEncoder writes what protobufjs writes', () => {
  const series = [GOLDEN, { labels: makeLabels({ __name__: 'early' }), points: [[0, 1] as const, [300, 2] as const] }];
  const timeseries = series.map(({ labels, points }) => ({
    labels,
    samples: points.map(([timestamp, value]) => ({ timestamp, value })),
  }));
  assert.deepEqual(
    collect(decodeReadResponse(encodeSamples(series), batch())),
    collect(decodeReadResponse(encodeProto('prometheus.ReadResponse', { results: [{ timeseries }] }), batch())),
  );
});

const values = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, 1.5, 100), fc.integer());
const labels = fc
  .dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme', minLength: 1 }), {
    minKeys: 1,
  })
  .map((dictionary) => makeLabels(Object.entries(dictionary)));
// Most deltas of a real series are alike; the others reach every width.
const delta = fc.oneof(
  { weight: 5, arbitrary: fc.constant(15_000) },
  { weight: 2, arbitrary: fc.integer({ min: 14_990, max: 15_010 }) },
  fc.integer({ min: 1, max: 2 ** 22 }),
  fc.integer({ min: 1, max: 2 ** 40 }),
);
const points = fc
  .tuple(
    fc.integer({ min: 0, max: 2 ** 42 }),
    fc.array(fc.tuple(delta, values), { minLength: 1, maxLength: 400, size: 'max' }),
  )
  .map(([startMs, steps]) => {
    let timeMs = startMs;
    return steps.map(([step, value]) => {
      timeMs += step;
      return [timeMs, value] as const;
    });
  });
const series = fc
  .uniqueArray(fc.tuple(labels, points), { maxLength: 4, selector: ([one]) => JSON.stringify(one) })
  .map((all) => all.map(([one, its]) => ({ labels: one, points: its })));

for (const [name, encode, decode] of [
  ['ChunkedResponseEncoder', encodeChunked, decodeChunkedResponse],
  ['ReadResponseEncoder', encodeSamples, decodeReadResponse],
] as const) {
  test(`${name} writes any series so that it reads the same again`, () => {
    fc.assert(
      fc.property(series, (all) => {
        assert.deepEqual(collect(decode(encode(all), batch())), all);
      }),
      { numRuns: 200 },
    );
  });
}

test('a change of delta of any size is read as it was written, at the limits of its widths', () => {
  const limits = [2 ** 13, 2 ** 16, 2 ** 19, 2 ** 33].flatMap((limit) => [limit - 1, limit, limit + 1]);
  for (const change of limits.flatMap((limit) => [limit, -limit])) {
    const first = 2 ** 34;
    const golden: Series = {
      labels: makeLabels({ __name__: 'm' }),
      points: [
        [0, 1],
        [first, 2],
        [first + first + change, 3],
      ],
    };
    assert.deepEqual(collect(decodeChunkedResponse(encodeChunked([golden]), batch())), [golden], `${change}`);
  }
});

test('a series longer than a frame is cut into frames of about 1 MiB, and put together again', () => {
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const long: Series = {
    labels: makeLabels({ __name__: 'long' }),
    points: Array.from({ length: 250_000 }, (_, i) => [FIRST_MS + 15_000 * i, random()] as const),
  };
  const short = { ...GOLDEN, labels: makeLabels({ __name__: 'short' }) };
  const encoder = new ChunkedResponseEncoder();
  const frames = [...encoder.frames(columns(long), 0)].map(({ length }) => length).filter((length) => length > 0);
  assert.equal(frames.length, 2);
  assert.ok(frames[0]! > 2 ** 20 - 2_000 && frames[0]! < 2 ** 20 + 2_000, `${frames}`);
  assert.deepEqual(collect(decodeChunkedResponse(encodeChunked([long, short]), new WriteBatch(300_000))), [
    long,
    short,
  ]);
});

test('a series of any length is encoded in pieces of a bounded size, the same as at once', () => {
  const long = columns({
    labels: makeLabels({ __name__: 'long' }),
    points: Array.from({ length: 100_001 }, (_, i) => [FIRST_MS + 15_000 * i, Math.round(i / 100)] as const),
  });
  // A frame comes at the end: 100,001 of these values are no MiB.
  const pieces = [...new ChunkedResponseEncoder().frames(long, 0)];
  assert.equal(pieces.length, Math.floor(100_001 / (128 * 120)) + 1);
  assert.ok(pieces.slice(0, -1).every(({ length }) => length === 0));

  const encoded = (encoder: ReadResponseEncoder) => {
    encoder.startQuery([long]);
    encoder.addSeries(long);
    encoder.endQuery();
    return Buffer.concat(encoder.parts);
  };
  const prepared = new ReadResponseEncoder();
  assert.equal([...prepared.prepare(long.samples.timesMs)].length, Math.floor(100_001 / 16_384));
  assert.deepEqual(encoded(prepared), encoded(new ReadResponseEncoder()));
});

test('native histograms are passed over and counted, in either form', () => {
  const label = [{ name: '__name__', value: 'h' }];
  const message = encodeProto('prometheus.ChunkedReadResponse', {
    chunkedSeries: [
      {
        labels: label,
        chunks: [
          { type: 2, data: hex('0001ff') },
          { type: 1, data: hex(CHUNK_HEX) },
        ],
      },
    ],
  });
  const [chunked] = [...decodeChunkedResponse(framed(message), batch())];
  assert.deepEqual([chunked!.histograms, chunked!.samples.timesMs.length], [1, 16]);

  const body = encodeProto('prometheus.ReadResponse', {
    results: [{ timeseries: [{ labels: label, histograms: [{ countInt: 0, timestamp: 5 }] }] }],
  });
  const [sampled] = [...decodeReadResponse(body, batch())];
  assert.deepEqual([sampled!.histograms, sampled!.samples.timesMs.length], [1, 0]);
});

test('decodeReadResponse() refuses what is broken, invalid or too much', () => {
  const up = '0a0e 0a085f5f6e616d655f5f 12027570';
  const cases: [name: string, body: string, reason: string, message: RegExp][] = [
    ['a result over the end', '0a05 0a00', 'malformed', /beyond its message/],
    ['a series over the end', '0a04 0a10 0a00', 'malformed', /beyond its message/],
    ['a series without labels', '0a04 0a02 1200', 'malformed', /no labels/],
    ['three samples', `0a18 0a16 ${up} 1200 1200 1200`, 'too_large', /more than 2 samples/],
  ];
  for (const [name, body, reason, message] of cases) {
    assert.throws(
      () => [...decodeReadResponse(hex(body), new WriteBatch(2))],
      { name: 'WireError', reason, message },
      name,
    );
  }
});

test('decodeChunkedResponse() refuses what is broken or too much', () => {
  const golden = hex(FRAME_HEX);
  const flipped = golden.slice();
  flipped[100] = flipped[100]! ^ 1;
  const withChunk = (chunk: string) =>
    framed(
      encodeProto('prometheus.ChunkedReadResponse', {
        chunkedSeries: [{ labels: [{ name: 'a', value: 'b' }], chunks: [{ type: 1, data: hex(chunk) }] }],
      }),
    );
  const first = '02 3ff0000000000000';
  const cases: [name: string, body: Uint8Array, reason: string, message: RegExp][] = [
    ['cut off', golden.subarray(0, 200), 'malformed', /truncated in a frame/],
    ['a bit flipped', flipped, 'malformed', /checksum/],
    ['a length that is none', hex('ffffffffffffffffffff'), 'malformed', /not terminated/],
    ['an empty chunk', withChunk(''), 'malformed', /no sample count/],
    ['fewer samples than said', withChunk(`0002 ${first}`), 'malformed', /truncated in a sample/],
    ['a value of no width', withChunk(`0002 ${first} 01 80 00`), 'malformed', /no width/],
    ['a value of 95 bits', withChunk(`0002 ${first} 01 ff ffff ffffffffffffffff`), 'malformed', /more than 64 bits/],
    ['too many samples', withChunk(`0003 ${first} 01 00`), 'too_large', /more than 2 samples/],
  ];
  for (const [name, body, reason, message] of cases) {
    const decode = () => [...decodeChunkedResponse(body, new WriteBatch(2))];
    assert.throws(decode, { name: 'WireError', reason, message }, name);
  }
});

test('decodeChunkedResponse() survives any bytes under a good checksum', () => {
  const chunk = fc.uint8Array({ maxLength: 60 });
  fc.assert(
    fc.property(chunk, (data) => {
      const message = encodeProto('prometheus.ChunkedReadResponse', {
        chunkedSeries: [{ labels: [{ name: 'a', value: 'b' }], chunks: [{ type: 1, data }] }],
      });
      let outcome: unknown;
      try {
        outcome = collect(decodeChunkedResponse(framed(message), batch()));
      } catch (error) {
        outcome = (error as Error).name;
      }
      assert.ok(outcome === 'WireError' || Array.isArray(outcome), String(outcome));
    }),
    { numRuns: 2_000 },
  );
});

test('crc32c() is that of RFC 3720', () => {
  // Appendix B.4: 32 bytes of zeros, of ones, and ascending.
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
});

test('literalHeader() makes a snappy block of any bytes', () => {
  const decoder = new SnappyDecoder();
  for (const length of [0, 1, 60, 61, 300, 70_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i);
    assert.deepEqual(
      decoder.decode(Buffer.concat([literalHeader(length), bytes]), 100_000).slice(),
      bytes,
      `${length} bytes`,
    );
  }
});
