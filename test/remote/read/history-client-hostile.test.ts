import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connectHistory } from '#src/remote/read/connect-history.js';
import { HistoryError } from '#src/remote/read/history-error.js';
import { compress } from '#src/wire/core/snappy.js';
import { crc32c } from '#src/wire/read/crc32c.js';

/*
 * One database, one answer after another that no database gives. Each is refused with a sentence, however it is shaped: no
 * error of the language reaches people, and what is read of it until then is bounded.
 */

const QUERY = { metric: 'm', matchers: [], startMs: 0, endMs: 3_600_000, stepMs: 60_000, aggregate: 'mean' } as const;
const CHUNKED = 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const NAME = hex('0a0d 0a085f5f6e616d655f5f 12016d');
const many = (piece: Uint8Array, times: number) => Buffer.concat(Array.from({ length: times }, () => piece));

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

const field = (tag: number, content: Uint8Array) => Buffer.concat([varint(tag), varint(content.length), content]);

function frame(message: Uint8Array): Buffer {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32c(message, 0, message.length));
  return Buffer.concat([varint(message.length), checksum, message]);
}

type Answer = (response: ServerResponse) => void;
const json =
  (text: string): Answer =>
  (response) =>
    response.end(text);
const samples =
  (body: Uint8Array): Answer =>
  (response) =>
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(compress(body));
const chunks =
  (body: Uint8Array): Answer =>
  (response) =>
    response.writeHead(200, { 'content-type': CHUNKED }).end(body);
const result = (text: string) => json(`{"status":"success","data":{"resultType":"matrix","result":${text}}}`);
const oneSeries = (...fields: Uint8Array[]) => samples(field(10, field(10, Buffer.concat([NAME, ...fields]))));

const CASES: [name: string, api: 'query_range' | 'remote_read', answer: Answer, message: RegExp][] = [
  ['nothing', 'query_range', json(''), /expected an object/],
  ['null', 'query_range', json('null'), /expected an object at byte 0/],
  ['no result', 'query_range', json('{"status":"success","data":{}}'), /no result: is this a query_range endpoint/],
  ['data that is null', 'query_range', json('{"data":null}'), /expected an object/],
  ['a result that is null', 'query_range', result('null'), /expected an array/],
  ['a result of null', 'query_range', result('[null]'), /expected an object/],
  ['a result that is an object', 'query_range', result('{}'), /expected an array/],
  ['labels that are null', 'query_range', result('[{"metric":null,"values":[]}]'), /expected an object/],
  ['a label that is a number', 'query_range', result('[{"metric":{"a":1},"values":[]}]'), /expected a string/],
  ['an empty label name', 'query_range', result('[{"metric":{"":"a"},"values":[]}]'), /empty label name/],
  ['no labels', 'query_range', result('[{"values":[]}]'), /a series without labels/],
  ['values that are null', 'query_range', result('[{"metric":{},"values":null}]'), /expected an array/],
  ['a value that is null', 'query_range', result('[{"metric":{},"values":[null]}]'), /expected an array/],
  ['a value without time', 'query_range', result('[{"metric":{},"values":[["1"]]}]'), /expected a number/],
  ['a value that is a number', 'query_range', result('[{"metric":{},"values":[[1,1]]}]'), /expected a string/],
  ['half an answer', 'query_range', json('{"data":{"result":[{"metric":{},'), /expected a string/],
  ['two answers', 'query_range', json('{"data":{"result":[]}}{}'), /expected the end/],
  ['nested arrays', 'query_range', json(`{"x":${'['.repeat(1e6)}`), /no more than 32 levels/],
  ['nested objects', 'query_range', json(`{"x":${'{"x":'.repeat(1e6)}`), /no more than 32 levels/],
  ['a long string', 'query_range', json(`{"x":"${'x'.repeat(2e6)}"}`), /at most 1048576 bytes/],
  ['much else', 'query_range', json(`{"x":[${'1,'.repeat(1e6)}1]}`), /1048576 bytes of anything else/],
  ['many names', 'query_range', json(`{${'"x":1,'.repeat(3e5)}"x":1}`), /50000 other values/],
  ['more points', 'query_range', result(`[{"metric":{},"values":[${'[1,"1"],'.repeat(100)}[1,"1"]]}]`), /61 points/],
  ['empty series', 'query_range', result(`[${'{"metric":{}},'.repeat(2e5)}null]`), /more than 100000 series/],
  ['series without labels', 'remote_read', samples(field(10, many(hex('0a00'), 10))), /the series has no labels/],
  ['many series', 'remote_read', samples(field(10, many(field(10, NAME), 150_000))), /more than 100000 series/],
  ['many results', 'remote_read', samples(many(hex('0a00'), 10_000)), /more than 1000 results/],
  ['empty samples', 'remote_read', oneSeries(many(hex('1200'), 1_100_000)), /more than 1048576 samples/],
  ['exemplars', 'remote_read', oneSeries(many(hex('1a00'), 1_100_000)), /more than 1048576 exemplars/],
  ['histograms', 'remote_read', oneSeries(many(hex('2200'), 1_100_000)), /more than 1048576 histograms/],
  ['unknown fields', 'remote_read', oneSeries(many(hex('2800'), 1_100_000)), /1048576 unknown fields/],
  ['long labels', 'remote_read', oneSeries(many(NAME, 100_000)), /labels of a series take more than 1048576/],
  ['an empty frame', 'remote_read', chunks(many(hex('0000000000'), 3)), /a frame is empty/],
  ['a long frame', 'remote_read', chunks(frame(Buffer.alloc(17 * 2 ** 20))), /a frame has more than 16777216/],
  ['a frame without labels', 'remote_read', chunks(frame(hex('0a00'))), /a series has no labels/],
  [
    'an empty chunk',
    'remote_read',
    chunks(frame(field(10, Buffer.concat([NAME, hex('1206 1801 2202 0000')])))),
    /no samples/,
  ],
  ['many frames of a series', 'remote_read', chunks(many(frame(field(10, NAME)), 1_100)), /too many frames/],
];

test('an answer that no database gives is refused with a sentence', async (t) => {
  assert.ok(CASES.length >= 35);
  let answer: Answer = json('');
  const server = createServer((_request, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  for (const [name, api, hostile, message] of CASES) {
    await t.test(`${api}: ${name}`, async () => {
      answer = hostile;
      const client = connectHistory(
        {
          ...{ name: 'test', url, credentials: {}, headers: {}, timeoutMs: 60_000, api },
          ...{ windowMs: 1, maxSeriesPerRequest: 1, maxConcurrentRequests: 1, pauseMs: 0 },
        },
        { userAgent: 'Sentio/test', now: () => 0 },
      );
      t.after(() => client.close());
      const read = async () => [...(await client.fetch(QUERY, new AbortController().signal))];
      await assert.rejects(read(), (error) => {
        assert.ok(error instanceof HistoryError, String(error));
        assert.match(error.message, message);
        return true;
      });
    });
  }
});
