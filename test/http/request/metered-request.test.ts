import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { compress } from '#src/wire/core/snappy.js';
import { encodeProto } from '../../wire/proto.js';
import { RecordingSink } from '../../wire/recording-sink.js';
import { sendRaw } from '../raw-request.js';
import { listen, makeServer } from '../server-fixture.js';

const head = (path: string, headers = '') =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${headers}transfer-encoding: chunked\r\n\r\n`;
const chunk = (bytes: Uint8Array) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
const chunks = (body: Uint8Array, bytes: number) =>
  Array.from({ length: Math.ceil(body.length / bytes) }, (_, i) => chunk(body.subarray(i * bytes, (i + 1) * bytes)));
const WRITE = compress(
  encodeProto('prometheus.WriteRequest', {
    timeseries: Array.from({ length: 20_000 }, (_, i) => ({
      labels: [
        { name: '__name__', value: 'm' },
        { name: 'i', value: `${(i * 2654435761) % 2 ** 32}` },
      ],
      samples: [{ value: i, timestamp: 0 }],
    })),
  }),
);

async function serving(t: TestContext) {
  const fixture = makeServer(t, {}, { sink: new RecordingSink({ maxSeries: 20_000 }) });
  fixture.app.post('/json', ({ body }) => ({ body }));
  fixture.app.post('/late', { onRequest: async () => void (await turnsPass()) }, ({ body }) => ({ body }));
  fixture.app.get('/unread', () => 'never mind');
  return { ...fixture, port: await listen(fixture.app) };
}

/** Long enough for a body to have been received before anybody reads it. */
async function turnsPass(): Promise<void> {
  for (let i = 0; i < 50; i++) await turn();
}

for (const [name, start] of [
  ['a compressed body', head('/api/v1/write')],
  ['a body of JSON', head('/json', 'content-type: application/json\r\n')],
  ['a body that is read late', head('/late', 'content-type: application/json\r\n')],
] as const) {
  test(`${name} in a great many chunks of one byte is refused, and its connection closed`, async (t) => {
    const { port } = await serving(t);
    const answer = await sendRaw(port, [start, '1\r\n1\r\n'.repeat(100_000), '0\r\n\r\n']);
    assert.equal(answer.status, 400, answer.body);
    assert.match(answer.body, /the body comes in too small chunks: 1008 for 1008 bytes/);
    assert.match(answer.headers, /connection: close/);
  });
}

test('a request whose body nobody reads is answered, whatever its chunks, and so is the next', async (t) => {
  const { port } = await serving(t);
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  let text = '';
  socket.on('data', (data) => {
    text += data.toString();
  });
  socket.write(head('/unread').replace('POST', 'GET'));
  socket.write('1\r\n1\r\n'.repeat(5_000));
  socket.write('0\r\n\r\nGET /-/healthy HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
  await once(socket, 'close');
  assert.deepEqual(
    [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ['200', '200'],
  );
});

test('honest senders are taken: a small body byte by byte, a large one in chunks of 128 bytes', async (t) => {
  const { port, sink } = await serving(t);
  const small = Buffer.from(JSON.stringify('x'.repeat(900)));
  const trickled = await sendRaw(port, [
    head('/json', 'content-type: application/json\r\n'),
    ...chunks(small, 1),
    chunk(Buffer.of()),
  ]);
  assert.equal(trickled.status, 200, trickled.body);
  assert.ok(WRITE.length > 1_500 * 128, `${WRITE.length} bytes`);
  const large = await sendRaw(port, [
    head('/api/v1/write'),
    Buffer.concat([...chunks(WRITE, 128), chunk(Buffer.of())]),
  ]);
  assert.equal(large.status, 204, large.body);
  assert.equal(sink.samples.size, 20_000);
});
