import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { compress } from '#src/wire/core/snappy.js';
import { readMetrics } from '../harness/metrics-page.js';
import { startWholeService } from '../harness/whole-service.js';
import { type RawAnswer, sendRaw } from '../http/raw-request.js';
import { encodeProto } from '../wire/proto.js';

/*
 * The whole service, one hostile request of each kind after another. Meanwhile `/-/healthy` answers, and afterwards the next
 * good write is stored. What is hostile inside a remote-write request is in server-hostile.test.ts.
 */

const CONFIG = `
receiver: {request_timeout: 4s, max_new_series_per_second: 600}
rules:
  - {name: few, match: ['{rule="few"}'], max_series: 1}
  - {name: all, match: ['{__name__=~".+"}']}
`;

type Send = (port: number) => Promise<RawAnswer>;
type Case = readonly [name: string, send: Send, status: number, message: RegExp];

const request = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body: Uint8Array = new Uint8Array(0),
): Send => {
  const all: Record<string, string> = { host: 'localhost', 'content-length': String(body.length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return (port) => sendRaw(port, [`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, body]);
};
const get = (path: string, headers: Readonly<Record<string, string>> = {}) => request('GET', path, headers);
const write = (body: Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
  request('POST', '/api/v1/write', headers, body);
const read = (message: object) =>
  request('POST', '/api/v1/read', {}, compress(encodeProto('prometheus.ReadRequest', message)));

interface Series {
  readonly labels: readonly { name: string; value: string }[];
  readonly samples: readonly { value: number; timestamp: number }[];
}

function series(labels: Readonly<Record<string, string>>): Series {
  return {
    labels: Object.entries(labels).map(([name, value]) => ({ name, value })),
    samples: [{ value: 1, timestamp: Date.now() }],
  };
}

const writeRequest = (...timeseries: Series[]) => compress(encodeProto('prometheus.WriteRequest', { timeseries }));
const matching = (...selectors: string[]) => selectors.map((each) => `match[]=${encodeURIComponent(each)}`).join('&');
/** Of linear time, and of a hundred thousand instructions. */
const COSTLY = '(.*[02468ace]..........){0,300}[A-Z]';
const forecastMatchers = (expression: string) => [
  { type: 0, name: 'sentio', value: 'forecast' },
  { type: 2, name: '__name__', value: expression },
];
/** A series of two-byte fields: of a number that is unknown, or of empty exemplars. */
function flood(field: number): Uint8Array {
  const content = new Uint8Array(2 * 1_200_000);
  for (let at = 0; at < content.length; at += 2) content[at] = field;
  return compress(Buffer.concat([Buffer.from([0x0a, 0x80, 0xbe, 0x92, 0x01]), content]));
}

const raw = (bytes: string | Uint8Array) => (port: number) => sendRaw(port, [bytes]);
/** A body in chunks, whatever they are. */
const chunked = (headers: readonly string[], body: string, path = '/api/v1/write') =>
  raw(
    `${[`POST ${path} HTTP/1.1`, 'host: localhost', 'transfer-encoding: chunked', ...headers].join('\r\n')}\r\n\r\n${body}`,
  );
const GOOD = writeRequest(series({ __name__: 'chunked' }));
const inSmallChunks: Send = (port) =>
  sendRaw(port, [
    'POST /api/v1/write HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\ntrailer: x\r\n\r\n',
    ...Array.from(GOOD, (byte) =>
      Buffer.concat([Buffer.from(`1;${'e'.repeat(1000)}\r\n`), Buffer.of(byte), Buffer.from('\r\n')]),
    ),
    '0\r\nx: y\r\nauthorization: z\r\n\r\n',
  ]);

const CASES: Case[] = [
  // Reads.
  ['a costly selector', get(`/api/v1/series?${matching(`{id=~"${COSTLY}"}`)}`), 400, /the expression is too large/],
  ['a hundred selectors', get(`/api/v1/series?${matching(...Array(100).fill('{a="b"}'))}`), 400, /64/],
  ['a costly forecast', get(`/api/v1/forecast?${matching(`{id=~"${COSTLY}"}`)}`), 400, /the expression is too large/],
  ['no selector', get(`/api/v1/series?${matching('{')}`), 400, /match\[\]/],
  ['a remote-read by a costly expression', read({ queries: [{ matchers: forecastMatchers(COSTLY) }] }), 400, /./],
  [
    'a remote-read that is none',
    request('POST', '/api/v1/read', {}, compress(Buffer.from('ff', 'hex'))),
    400,
    /not a valid prometheus\.ReadRequest/,
  ],
  [
    'a remote-read of ten thousand queries',
    read({ queries: Array.from({ length: 10_000 }, () => ({ matchers: forecastMatchers('.*') })) }),
    400,
    /10000 queries: at most 100 are allowed/,
  ],
  ['a remote-read of no known form', read({ queries: [{}], acceptedResponseTypes: [7] }), 400, /SAMPLES/],
  ['names that every object has', get('/api/v1/series?__proto__=1&constructor=2&toString=3'), 200, /"success"/],
  [
    'headers that every object has',
    get('/-/healthy', { constructor: 'x', __proto__: 'y', 'to-string': 'z' }),
    200,
    /Healthy/,
  ],

  // Other people's pages.
  [
    'a write of another origin',
    write(writeRequest(series({ __name__: 'evil' })), { origin: 'http://evil.example' }),
    403,
    /another origin/,
  ],
  [
    'a reload of another origin',
    request('POST', '/-/reload', { origin: 'http://evil.example' }),
    403,
    /another origin/,
  ],
  ['another name of the host', get('/api/v1/series', { host: 'evil.example' }), 421, /evil\.example/],

  // Connections.
  [
    'pipelined requests for metrics',
    async (port) => {
      const all = await sendAll(port, 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(500));
      const last = all.lastIndexOf('HTTP/1.1 ');
      return { status: Number(all.slice(last + 9, last + 12)), headers: '', body: all.slice(last) };
    },
    503,
    /more than 16 requests wait on this connection/,
  ],
  [
    'more connections than there may be, which say nothing',
    async (port) => {
      const sockets = Array.from({ length: 600 }, () => connect(port, '127.0.0.1').on('error', () => {}));
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
      const answer = await get('/-/ready')(port);
      for (const socket of sockets) socket.destroy();
      return answer;
    },
    200,
    /Ready/,
  ],
  [
    'a request that stops',
    (port) => sendRaw(port, ['POST /api/v1/write HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nx']),
    503,
    /did not arrive in time/,
  ],
  [
    'ten thousand pipelined requests',
    (port) => sendRaw(port, ['GET /-/healthy HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(10_000)]),
    200,
    /Healthy/,
  ],
  ['a long address', get(`/api/v1/series?x=${'x'.repeat(20_000)}`), 431, /headers are too large/],
  ['an address that is none', get('/%'), 400, /./],
  ['a path out of the page', get('/assets/../../../etc/passwd'), 404, /does not exist/],

  // HTTP that somebody else may read otherwise.
  ['a length and chunks', chunked(['content-length: 5'], '0\r\n\r\n'), 400, /Content-Length can't be present with/],
  ['two codings', chunked(['transfer-encoding: chunked'], '0\r\n\r\n'), 400, /Invalid `Transfer-Encoding`/],
  [
    'a coding within chunks',
    raw('POST /api/v1/write HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'),
    400,
    /transfer coding "gzip, chunked" is not chunked/,
  ],
  ['a chunk of a negative size', chunked([], '-5\r\nxxxxx\r\n0\r\n\r\n'), 400, /Invalid character in chunk size/],
  ['a chunk of a size over 2^64', chunked([], 'fffffffffffffffff1\r\nx'), 400, /Chunk size overflow/],
  ['a chunk of a hexadecimal prefix', chunked([], '0x5\r\nxxxxx\r\n0\r\n\r\n'), 400, /Invalid character in chunk size/],
  ['an extension of 20 kB', chunked([], `5;${'x'.repeat(20_000)}\r\nxxxxx\r\n`), 400, /Chunk extensions overflow/],
  [
    'trailers of 100 kB',
    chunked([], `0\r\n${'x: '.padEnd(1000, 'y').concat('\r\n').repeat(100)}\r\n`),
    431,
    /too large/,
  ],
  ['chunks of a byte, with extensions and trailers', inSmallChunks, 204, /^$/],
  ['lines without CR', raw('GET /-/healthy HTTP/1.1\nhost: localhost\n\n'), 400, /Expected CRLF/],
  ['a header with a space before the colon', get('/-/healthy', { 'x ': '1' }), 400, /Invalid header/],
  ['a length with a sign', request('POST', '/api/v1/write', { 'content-length': '+5' }), 400, /Invalid character/],
  ['a header over two lines', get('/-/healthy', { x: 'a\r\n b' }), 400, /Unexpected whitespace/],
  ['a header with a NUL', get('/-/healthy', { x: 'a\0b' }), 400, /Invalid header value/],
  ['no host', raw('GET /-/healthy HTTP/1.1\r\n\r\n'), 400, /./],
  ['two hosts', get('/-/healthy', { host: 'localhost\r\nhost: evil.example' }), 400, /there are 2 Host headers/],
  ['an address of another host', get('http://evil.example/api/v1/series'), 400, /names another host/],
  ['an address of the host', get('http://localhost/-/healthy'), 200, /Healthy/],
  ['a path that looks like a host', get('//evil.example/api/v1/series'), 404, /does not exist/],
  ['HTTP/1.0', raw('GET /-/healthy HTTP/1.0\r\n\r\n'), 200, /Healthy/],
  ['HTTP/2', raw('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), 400, /not an HTTP request/],
  ['HTTP/3.7', raw('GET /-/healthy HTTP/3.7\r\n\r\n'), 400, /Invalid HTTP version/],
  ['an upgrade', get('/-/healthy', { connection: 'upgrade', upgrade: 'h2c' }), 200, /Healthy/],
  ['a write that is sent once it may be', (port) => sendExpecting(port, GOOD), 204, /^$/],
  [
    'a write that may be sent, and never is',
    raw('POST /api/v1/write HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n'),
    503,
    /did not arrive in time/,
  ],
  ['an expectation of tea', get('/-/healthy', { expect: 'tea' }), 417, /./],
  ['OPTIONS of all', request('OPTIONS', '*'), 404, /does not exist/],
  ['TRACE', request('TRACE', '/api/v1/series'), 405, /TRACE is not allowed/],
  ['a method that is none', request('FOO', '/api/v1/series'), 400, /Invalid method/],
  [
    'two types',
    write(GOOD, { 'content-type': 'text/plain\r\ncontent-type: application/x-protobuf' }),
    415,
    /text\/plain/,
  ],
  ['two encodings', write(GOOD, { 'content-encoding': 'gzip\r\ncontent-encoding: snappy' }), 415, /gzip, snappy/],
  [
    'two thousand headers',
    get('/-/healthy', Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`h${i}`, '']))),
    200,
    /./,
  ],
  ['a path with dots', get('/api/v1/../../api/v1/series'), 404, /does not exist/],
  ['a path with escaped dots', get('/%2e%2e/%2e%2e/etc/passwd'), 404, /does not exist/],
  ['a path in another case', get('/API/v1/series'), 404, /does not exist/],
  [
    'a path that is not ASCII',
    raw(Buffer.from('GET /s\xe9ries HTTP/1.1\r\nhost: a\r\n\r\n', 'latin1')),
    400,
    /Invalid char/,
  ],
  ['percents that are none', get('/api/v1/series?search=%zz%&match[]=%ff%fe'), 400, /match\[\]/],
  ['a body of a GET', request('GET', '/-/healthy', {}, Buffer.from('xxxxx')), 200, /Healthy/],

  // Bodies.
  ...(
    [
      ['a write', '/api/v1/write', []],
      ['a remote-read', '/api/v1/read', []],
      ['JSON', '/api/v1/preview', ['content-type: application/json']],
      ['a form', '/prometheus/api/v1/query', ['content-type: application/x-www-form-urlencoded']],
    ] as const
  ).map(
    ([what, path, headers]): Case => [
      `${what} in chunks of one byte`,
      chunked(headers, `${'1\r\nx\r\n'.repeat(20_000)}0\r\n\r\n`, path),
      400,
      /the body comes in too small chunks: 1008 for 1008 bytes/,
    ],
  ),

  // Writes.
  ['a million unknown fields', write(flood(0x28)), 400, /more than 1048576 unknown fields/],
  ['a million exemplars', write(flood(0x1a)), 413, /more than 100000 exemplars/],
  [
    'series over the limit of their rule',
    write(writeRequest(...['a', 'b', 'c'].map((name) => series({ __name__: name, rule: 'few' })))),
    400,
    /refused 2 of 3 samples.*limit of its rule "few" of 1 series \(max_series\)/,
  ],
  [
    'more new series than a second may bring',
    write(writeRequest(...Array.from({ length: 2_000 }, (_, i) => series({ __name__: 'many', i: String(i) })))),
    400,
    /refused \d+ of 2000 samples.*600 new series came within a second \(receiver\.max_new_series_per_second\)/,
  ],
];

test('a hostile request of each kind is answered, keeps nobody out, and the next good write is stored', async (t) => {
  const { url } = await startWholeService(t, CONFIG);
  const port = Number(new URL(url).port);
  const stored = async () => (await readMetrics(url)).sum('sentio_receiver_samples_total', { outcome: 'stored' }) ?? 0;
  // The labels that costly selectors would be tried on.
  const targets = Array.from({ length: 500 }, (_, i) => series({ __name__: 'target', id: `${i}`.padStart(150, 'ab') }));
  assert.equal((await write(writeRequest(...targets))(port)).status, 204);
  for (const [name, send, status, message] of CASES) {
    await t.test(name, async () => {
      const answered = send(port);
      const healthy = await get('/-/healthy')(port);
      assert.equal(healthy.status, 200);
      const answer = await answered;
      assert.equal(answer.status, status, answer.body.slice(0, 500));
      assert.match(answer.body, message);

      const before = await stored();
      const good = await write(writeRequest(series({ __name__: 'target', id: '0'.padStart(150, 'ab') })))(port);
      assert.equal(good.status, 204, good.body);
      assert.equal((await stored()) - before, 1);
    });
  }
});

/** A write of which the body follows on `100 Continue`. */
async function sendExpecting(port: number, body: Uint8Array): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.write(
    `POST /api/v1/write HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  const [interim] = await once(socket, 'data');
  assert.equal(String(interim), 'HTTP/1.1 100 Continue\r\n\r\n');
  socket.write(body);
  const [answer] = await once(socket, 'data');
  const [head = '', text = ''] = String(answer).split('\r\n\r\n', 2);
  socket.destroy();
  return { status: Number(head.split(' ')[1]), headers: head, body: text };
}

/** Everything a server answers to bytes until it closes the connection. */
async function sendAll(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  let all = '';
  socket.on('data', (data) => {
    all += data.toString('latin1');
  });
  socket.write(text);
  await once(socket, 'close');
  return all;
}
