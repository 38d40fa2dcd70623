import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compress } from '#src/wire/core/snappy.js';
import { encodeProto } from '../wire/proto.js';
import { RecordingSink } from '../wire/recording-sink.js';
import { sendRaw } from './raw-request.js';
import { listen, makeServer } from './server-fixture.js';

/*
 * One server, one hostile request after another over real sockets. After each, the next good request must be served and
 * nothing else may have been lost.
 */

const V2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';
const NOW_MS = 1_700_000_000_000;
const SETTINGS = {
  maxBodyBytes: 64 * 1024,
  maxDecodedBytes: 1024 * 1024,
  maxSamplesPerRequest: 500,
  requestTimeoutMs: 600,
  writers: [
    { basicAuth: { username: 'prometheus', password: 'let-me-in' } },
    { authorization: { type: 'Bearer', credentials: 'tok3n' } },
  ],
};
const BASIC = `Basic ${Buffer.from('prometheus:let-me-in').toString('base64')}`;

type Headers = Readonly<Record<string, string | number | undefined>>;
type Case = readonly [name: string, send: Send, status: number, message: RegExp, taken?: number];
type Send = (port: number) => ReturnType<typeof sendRaw>;

/** A request with good headers, of which `headers` replaces some or, by `undefined`, leaves some out. */
function post(body: Uint8Array, headers: Headers = {}, method = 'POST'): Send {
  return (port) => sendRaw(port, [head(body.length, headers, method), body]);
}

function head(length: number, headers: Headers = {}, method = 'POST'): string {
  const all: Headers = {
    host: 'sentio',
    authorization: BASIC,
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'content-length': length,
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return `${method} /api/v1/write HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
/** Protobuf that is what it is, in good snappy. */
const raw = (hex: string, headers: Headers = {}) => post(compress(bytes(hex)), headers);

interface Series {
  labels: { name: string; value: string }[];
  samples?: { value: number; timestamp: number }[];
  histograms?: object[];
}

const request1 = (...timeseries: Series[]) => compress(encodeProto('prometheus.WriteRequest', { timeseries }));
const request2 = (symbols: string[], ...timeseries: object[]) =>
  compress(encodeProto('io.prometheus.write.v2.Request', { symbols, timeseries }));

const series = (labels: Record<string, string>, ...timesMs: number[]): Series => ({
  labels: Object.entries(labels).map(([name, value]) => ({ name, value })),
  samples: timesMs.map((timestamp) => ({ value: 1, timestamp })),
});
/** A series that is taken, whatever stands beside it; unlike any other. */
let companions = 0;
const companion = () => series({ __name__: 'companion', n: String(companions++) }, NOW_MS);
const beside = (bad: Series) => post(request1(companion(), bad, companion()));
/** The same in 2.0: the symbols are "", "__name__", "companion", "n", two numbers. */
const beside2 = (labelsRefs: number[], more: object = {}) => {
  const samples = [{ value: 1, timestamp: NOW_MS }];
  const symbols = ['', '__name__', 'companion', 'n', String(companions++), String(companions++)];
  const bad = { labelsRefs, samples, ...more };
  return post(request2(symbols, { labelsRefs: [1, 2, 3, 4], samples }, bad, { labelsRefs: [1, 2, 3, 5], samples }), {
    'content-type': V2,
  });
};
const chunked = { 'content-length': undefined, 'transfer-encoding': 'chunked' };

const GOOD = request1(series({ __name__: 'up' }, NOW_MS));
const UP = '0a0e 0a085f5f6e616d655f5f 12027570';

const CASES: Case[] = [
  // Who asks, and how.
  ['no credentials', post(GOOD, { authorization: undefined }), 401, /credentials are missing/],
  ['a wrong password', post(GOOD, { authorization: `Basic ${btoa('prometheus:let-me-out')}` }), 401, /credentials/],
  [
    'a password that is a beginning',
    post(GOOD, { authorization: `Basic ${btoa('prometheus:let')}` }),
    401,
    /credentials/,
  ],
  ['a wrong token', post(GOOD, { authorization: 'Bearer tok3m' }), 401, /credentials/],
  ['a password shown as a token', post(GOOD, { authorization: BASIC.replace('Basic', 'Bearer') }), 401, /credentials/],
  ['no credentials and a wrong method', post(GOOD, { authorization: undefined }, 'PUT'), 401, /credentials/],
  ['GET', post(new Uint8Array(0), {}, 'GET'), 405, /GET is not allowed: use POST/],
  ['PUT', post(GOOD, {}, 'PUT'), 405, /PUT is not allowed/],
  [
    'a wrong method and a wrong type',
    post(GOOD, { 'content-type': 'text/plain' }, 'DELETE'),
    405,
    /DELETE is not allowed/,
  ],
  ['JSON', post(GOOD, { 'content-type': 'application/json' }), 415, /content type "application\/json" is not/],
  ['a corrupt body of a wrong type', post(bytes('ffff'), { 'content-type': 'text/plain' }), 415, /content type/],
  [
    'a message of another protocol',
    post(GOOD, { 'content-type': 'application/x-protobuf;proto=a.B' }),
    415,
    /content type/,
  ],
  ['a content type that is none', post(GOOD, { 'content-type': ';;;' }), 415, /content type/],
  ['gzip', post(GOOD, { 'content-encoding': 'gzip' }), 415, /content encoding "gzip" is not snappy/],
  ['no compression', post(GOOD, { 'content-encoding': 'identity' }), 415, /content encoding "identity"/],
  ['two encodings', post(GOOD, { 'content-encoding': 'snappy, gzip' }), 415, /content encoding "snappy, gzip"/],

  // How much comes over the wire.
  [
    'an announced length over the limit',
    (port) => sendRaw(port, [head(65_537)]),
    413,
    /larger than the limit of 65536 bytes/,
  ],
  [
    'an announced length near 2^53',
    (port) => sendRaw(port, [head(0, { 'content-length': '9'.repeat(15) })]),
    413,
    /larger than the limit of 65536 bytes/,
  ],
  [
    'an announced length over 2^64',
    (port) => sendRaw(port, [head(0, { 'content-length': '9'.repeat(20) })]),
    400,
    /not an HTTP request: .*overflow/,
  ],
  [
    'a wrong type of any length',
    (port) => sendRaw(port, [head(1e9, { 'content-type': 'text/plain' })]),
    415,
    /content type/,
  ],
  [
    'a body without a length that goes on and on',
    (port) => sendRaw(port, [head(0, chunked), ...Array(5).fill(`4000\r\n${'x'.repeat(0x4000)}\r\n`)], 5),
    413,
    /larger than the limit of 65536 bytes/,
  ],
  [
    'a body that stops',
    (port) => sendRaw(port, [head(GOOD.length), GOOD.subarray(0, 5)]),
    503,
    /did not arrive in time/,
  ],
  [
    'a body that drips',
    (port) => sendRaw(port, [head(1000), ...Array(60).fill('x')], 20),
    503,
    /did not arrive in time/,
  ],
  [
    'headers that stop',
    (port) => sendRaw(port, ['POST /api/v1/write HTTP/1.1\r\nhost: a\r\n']),
    503,
    /did not arrive in time/,
  ],
  ['headers of 1 MB', (port) => sendRaw(port, [head(0, { 'x-long': 'x'.repeat(1e6) })]), 431, /headers are too large/],
  [
    'no HTTP',
    (port) => sendRaw(port, ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n']),
    400,
    /not an HTTP request/,
  ],
  ['two lengths', (port) => sendRaw(port, [head(5, { 'Content-Length': 6 }), 'xxxxx']), 400, /not an HTTP request/],
  ['a chunk of no length', (port) => sendRaw(port, [head(0, chunked), 'zz\r\n']), 400, /./],

  // Snappy.
  ['an empty body', post(bytes('')), 400, /snappy block: it is truncated in its length/],
  [
    'bytes that hang snappyjs',
    post(bytes('0a fc fa ff ff ff')),
    400,
    /snappy block: a literal extends beyond the body/,
  ],
  ['snappy cut short', post(GOOD.subarray(0, -3)), 400, /snappy block/],
  [
    'snappy that says too little',
    post(Uint8Array.of(GOOD[0]! - 1, ...GOOD.subarray(1))),
    400,
    /contains more bytes than it declares/,
  ],
  [
    'snappy that says too much',
    post(Uint8Array.of(GOOD[0]! + 1, ...GOOD.subarray(1))),
    400,
    /declares \d+ bytes and contains \d+/,
  ],
  [
    'a decoded length over 2^31',
    post(bytes('ffffffff0f 00 61')),
    413,
    /would be 4294967295 bytes; the limit is 1048576/,
  ],
  ['a decoded length over 2^32', post(bytes('ffffffffff7f 00 61')), 400, /not a 32-bit number/],
  ['a bomb', post(compress(new Uint8Array(2 ** 20 + 1))), 413, /would be 1048577 bytes; the limit is 1048576/],
  [
    'a bomb that lies',
    post(bytes(`808040 0061 ${'fe0100'.repeat(10)}`)),
    400,
    /declares more bytes than it can contain/,
  ],
  ['a framed stream', post(bytes('ff060000734e61507059 00')), 400, /snappy block/],

  // Protobuf.
  ['zeros', post(compress(new Uint8Array(1000))), 400, /field number is out of range/],
  ['a good series and a broken tag', raw(`0a12 ${UP}1200 8a`), 400, /varint is not terminated/],
  ['a series over the end', raw(`0a12 ${UP}1200 0a7f00`), 400, /beyond its message/],
  ['a length over 2^31', raw(`0a12 ${UP}1200 0affffffff7f00`), 400, /beyond its message/],
  ['a value cut short', raw(`0a15 ${UP}1203 090000`), 400, /beyond its message/],
  ['a time that does not end', raw(`0a14 ${UP}1202 10ff`), 400, /varint is not terminated/],
  ['a label that is a number', raw('0a02 0801'), 400, /field 1 has the wrong type/],
  ['a group', raw('0b 0c'), 400, /field 1 has the wrong type/],
  ['501 samples', post(request1(series({ __name__: 'up' }, ...Array(501).keys()))), 413, /more than 500 samples/],
  ['501 series', raw('0a00'.repeat(501)), 413, /more than 500 series/],
  ['a 1.0 body announced as 2.0, cut', raw('0a7f00', { 'content-type': V2 }), 400, /beyond its message/],
  ['a 2.0 body announced as 1.0, cut', raw('220022'), 400, /varint is not terminated/],
  [
    'a first symbol that is not empty',
    post(request2(['up']), { 'content-type': V2 }),
    400,
    /first symbol is not the empty/,
  ],
  ['a 2.0 reference that does not end', raw('2200 2a02 08ff', { 'content-type': V2 }), 400, /varint is not terminated/],

  // One bad series or sample among good ones.
  ['no labels', beside(series({}, NOW_MS)), 400, /refused 1 of 3 samples.*no labels/, 2],
  ['an empty name', beside(series({ '': 'x' }, NOW_MS)), 400, /refused 1 of 3 samples.*name is empty/, 2],
  [
    'a duplicate label',
    beside({
      ...series({ a: '1' }, NOW_MS),
      labels: [
        { name: 'a', value: '1' },
        { name: 'a', value: '1' },
      ],
    }),
    400,
    /duplicate label "a"/,
    2,
  ],
  [
    'a label of 10 MB in 500 kB of snappy',
    post(request1(series({ __name__: 'x'.repeat(10e6) }, NOW_MS))),
    413,
    /larger than the limit/,
  ],
  [
    'a label of 1 MB',
    beside(series({ __name__: 'x'.repeat(1e6) }, NOW_MS)),
    400,
    /refused 1 of 3 samples.*longer labels/,
    2,
  ],
  [
    '41 labels',
    beside(series(Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`l${i}`, 'x'])), NOW_MS)),
    400,
    /more or longer labels/,
    2,
  ],
  [
    'a sample of tomorrow',
    beside(series({ a: '1' }, NOW_MS + 86_400_000)),
    400,
    /1 of 3 samples.*too far in the future/,
    2,
  ],
  [
    'a sample of the end of time',
    beside(series({ a: '1' }, 2 ** 53 - 1)),
    400,
    /1 of 3 samples.*too far in the future/,
    2,
  ],
  ['a sample of 1970', beside(series({ a: '1' }, 0)), 400, /1 of 3 samples.*older than the history/, 2],
  ['a sample before 1970', beside(series({ a: '1' }, -1)), 400, /1 of 3 samples.*older than the history/, 2],
  [
    'a histogram that does not add up',
    beside({ ...series({ a: '1' }), histograms: [{ countInt: 2 }] }),
    400,
    /refused 1 of 1 histograms.*its count is 2/,
    2,
  ],
  ['a reference outside the table', beside2([1, 6]), 400, /reference 6 is outside the table of 6 symbols/, 2],
  ['an odd number of references', beside2([1, 2, 3]), 400, /odd number of label references/, 2],
  ['a duplicate label in 2.0', beside2([3, 4, 3, 5]), 400, /duplicate label "n"/, 2],
  ['an empty name in 2.0', beside2([0, 4]), 400, /name is empty/, 2],
  ['no labels in 2.0', beside2([]), 400, /no labels/, 2],
  [
    'a histogram in 2.0 that does not add up',
    beside2([1, 2], { samples: [], histograms: [{ countInt: 2 }] }),
    400,
    /histograms/,
    2,
  ],
];

test('a hostile request is refused, costs nothing else, and the next good one is served', async (t) => {
  assert.ok(CASES.length >= 40);
  const limits = { oldestMs: NOW_MS - 86_400_000, newestMs: NOW_MS + 600_000 };
  const { app, sink, logged } = makeServer(t, SETTINGS, { sink: new RecordingSink(limits) });
  const port = await listen(app);
  let good = 0;
  for (const [name, send, status, message, taken = 0] of CASES) {
    await t.test(name, async () => {
      const before = sink.size;
      const answer = await send(port);
      assert.equal(answer.status, status, answer.body);
      assert.match(answer.body, message);
      assert.ok(answer.body.length < 2000, 'the answer is short');
      assert.equal(sink.size - before, taken, 'samples taken of the hostile request');

      const next = await post(request1(series({ __name__: 'good' }, NOW_MS + good++)))(port);
      assert.equal(next.status, 204, next.body);
      assert.equal(sink.samples.get('good')?.length, good, 'good samples so far');
    });
  }
  assert.ok(!logged.some((line) => line.includes('let-me') || line.includes('tok3n')), 'no secret is logged');
  assert.ok(!logged.some((line) => line.includes('"level":50')), 'nothing was a fault of the server');
});

test('2.0 answers tell how much was written, failed or not', async (t) => {
  const { app } = makeServer(t, SETTINGS, { sink: new RecordingSink({ newestMs: NOW_MS }) });
  const port = await listen(app);
  const cases: [name: string, send: Send, status: number, samples: number | undefined, others?: number][] = [
    [
      'good',
      post(request2(['', 'a', 'b'], { labelsRefs: [1, 2], samples: [{ timestamp: 1 }, { timestamp: 2 }] }), {
        'content-type': V2,
      }),
      204,
      2,
    ],
    [
      'with a histogram and an exemplar',
      post(request2(['', 'a', 'c'], { labelsRefs: [1, 2], histograms: [{}], exemplars: [{}] }), { 'content-type': V2 }),
      204,
      0,
      1,
    ],
    ['in part', beside2([1, 9]), 400, 2],
    ['broken', raw('2a7f', { 'content-type': V2 }), 400, 0],
    ['without credentials', post(GOOD, { 'content-type': V2, authorization: 'Bearer x' }), 401, 0],
    ['with a wrong encoding', post(GOOD, { 'content-type': V2, 'content-encoding': 'gzip' }), 415, 0],
    ['too large', (p) => sendRaw(p, [head(65_537, { 'content-type': V2 })]), 413, 0],
    ['good 1.0', post(GOOD), 204, undefined],
    ['broken 1.0', post(bytes('01')), 400, undefined],
  ];
  for (const [name, send, status, samples, others = 0] of cases) {
    const { status: got, headers } = await send(port);
    assert.equal(got, status, name);
    const written = [...headers.matchAll(/x-prometheus-remote-write-(\w+)-written: (\d+)/g)].map(
      ([, kind, n]) => `${kind} ${n}`,
    );
    const want = samples === undefined ? [] : [`samples ${samples}`, `histograms ${others}`, `exemplars ${others}`];
    assert.deepEqual(written, want, name);
  }
});
