import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { compress } from '#src/wire/core/snappy.js';
import { HOUR } from '../../fixtures.js';
import { eventually } from '../../harness/wait.js';
import { makeStore } from '../../series/fixture.js';
import { encodeProto } from '../../wire/proto.js';
import { sendRaw } from '../raw-request.js';
import { listen, makeServer } from '../server-fixture.js';

const V1 = 'application/x-protobuf;proto=prometheus.WriteRequest';
const V2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';

/** One sample of a metric, at a time. */
const body1 = (name: string, timestamp: number) =>
  Buffer.from(
    compress(
      encodeProto('prometheus.WriteRequest', {
        timeseries: [{ labels: [{ name: '__name__', value: name }], samples: [{ value: 1, timestamp }] }],
      }),
    ),
  );
const body2 = (name: string, timestamp: number) =>
  Buffer.from(
    compress(
      encodeProto('io.prometheus.write.v2.Request', {
        symbols: ['', '__name__', name],
        timeseries: [{ labelsRefs: [1, 2], samples: [{ value: 1, timestamp }] }],
      }),
    ),
  );

test('the headers tell the version of the protocol', async (t) => {
  const { app, sink } = makeServer(t);
  const cases: [name: string, headers: Record<string, string>, body: (name: string, timeMs: number) => Buffer][] = [
    ['as Prometheus writes 1.0', { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }, body1],
    ['1.0 by name', { 'content-type': V1, 'content-encoding': 'snappy' }, body1],
    ['2.0 by name', { 'content-type': V2, 'content-encoding': 'snappy' }, body2],
    ['no headers at all', {}, body1],
    ['no encoding', { 'content-type': V2 }, body2],
    ['no type', { 'content-encoding': 'snappy' }, body1],
    [
      'other case and spaces',
      { 'content-type': 'Application/X-Protobuf ; Proto="io.prometheus.write.v2.Request"' },
      body2,
    ],
    ['another parameter', { 'content-type': `${V2}; charset=utf-8`, 'content-encoding': 'Snappy' }, body2],
  ];
  for (const [i, [name, headers, body]] of cases.entries()) {
    const payload = body('up', i);
    const answer = await app.inject({ method: 'POST', url: '/api/v1/write', headers, payload });
    assert.deepEqual([answer.statusCode, answer.body], [204, ''], name);
    assert.equal(sink.samples.get('up')?.length, i + 1, name);
  }
});

test('any of the writers may write', async (t) => {
  const { app } = makeServer(t, {
    writers: [
      { basicAuth: { username: 'a', password: 'x:y ü' } },
      { authorization: { type: 'Bearer', credentials: 't1' } },
      { authorization: { type: 'Custom', credentials: 'two words' } },
    ],
    readers: [{ authorization: { type: 'Bearer', credentials: 'reader' } }],
  });
  const cases: [authorization: string, status: number][] = [
    [`Basic ${Buffer.from('a:x:y ü').toString('base64')}`, 204],
    ['Bearer t1', 204],
    ['bearer  t1', 204],
    ['Custom two words', 204],
    ['Bearer T1', 401],
    ['Bearert1', 401],
    ['Bearer ', 401],
    ['', 401],
    ['Bearer reader', 403],
  ];
  for (const [authorization, status] of cases) {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/write',
      headers: { authorization },
      payload: body1('up', 1),
    });
    assert.equal(answer.statusCode, status, authorization);
    assert.equal(answer.headers['www-authenticate'] !== undefined, status === 401, authorization);
  }
});

test('a request for which there is no place is put off', async (t) => {
  const { app, sink } = makeServer(t, { maxConcurrentRequests: 2 });
  const port = await listen(app);
  const head = 'POST /api/v1/write HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n';
  const controller = new AbortController();
  t.after(() => controller.abort());
  const hanging = [1, 2].map(() => openRequest(port, head, controller.signal));
  await Promise.all(hanging);

  const refused = await app.inject({
    method: 'POST',
    url: '/api/v1/write',
    headers: { 'retry-attempt': '3' },
    payload: body1('up', 1),
  });
  assert.equal(refused.statusCode, 503);
  assert.match(refused.body, /2 requests are already in flight, retry in \d+ s/);
  const seconds = Number(refused.headers['retry-after']);
  assert.ok(seconds >= 12 && seconds <= 36, `${seconds} s`);
  assert.equal(sink.size, 0);

  controller.abort();
  await eventually('a place is free again', async () => {
    const answer = await app.inject({ method: 'POST', url: '/api/v1/write', payload: body1('up', 1) });
    return answer.statusCode === 204;
  });
});

test('bodies in flight are bounded together', async (t) => {
  const { app } = makeServer(t, { maxInflightBytes: 1000, requestTimeoutMs: 5000 });
  const port = await listen(app);
  const controller = new AbortController();
  t.after(() => controller.abort());
  await openRequest(
    port,
    `POST /api/v1/write HTTP/1.1\r\nhost: a\r\ncontent-length: 2000\r\n\r\n${'x'.repeat(990)}`,
    controller.signal,
  );
  const payload = body1('up', 1);
  await eventually('the body in flight is counted', async () => {
    const answer = await app.inject({ method: 'POST', url: '/api/v1/write', payload });
    return answer.statusCode === 503 && /990 bytes of requests/.test(answer.body);
  });
  controller.abort();
  await eventually(
    'its bytes are given back',
    async () => (await app.inject({ method: 'POST', url: '/api/v1/write', payload })).statusCode === 204,
  );
});

test('of what a sender repeats for ever the log has one line a minute and cause', async (t) => {
  let nowMs = 0;
  const store = makeStore({ maxLabelValueBytes: 10 });
  const { app, logged } = makeServer(t, {}, { store, now: () => nowMs });
  const headers = { 'content-type': 'application/x-protobuf' };
  for (; nowMs < 90_000; nowMs += 5_000) {
    const timeseries = [
      {
        labels: [
          { name: '__name__', value: 'long' },
          { name: 'path', value: 'x'.repeat(20) },
        ],
        timestamp: nowMs,
      },
      { labels: [{ name: '__name__', value: 'ahead' }], timestamp: nowMs + HOUR },
      { labels: [{ name: 'host', value: 'nameless' }], timestamp: nowMs },
    ].map(({ labels, timestamp }) => ({ labels, samples: [{ timestamp, value: 1 }] }));
    const payload = Buffer.from(compress(encodeProto('prometheus.WriteRequest', { timeseries })));
    for (const [body, encoding, status] of [
      [payload, 'snappy', 400],
      [payload, 'zstd', 415],
      [Buffer.from('nothing'), 'snappy', 400],
    ] as const) {
      const answer = await app.inject({
        method: 'POST',
        url: '/api/v1/write',
        payload: body,
        headers: { ...headers, 'content-encoding': encoding },
      });
      assert.equal(answer.statusCode, status);
    }
  }
  const said = logged.map((line) => JSON.parse(line)).filter(({ level }) => level >= 30);
  const counts = new Map<string, number>();
  for (const { msg } of said) counts.set(msg, (counts.get(msg) ?? 0) + 1);
  assert.deepEqual([...counts].sort(), [
    ['requests were refused: bad_data', 2],
    ['requests were refused: unsupported_media_type', 2],
    ['samples were refused: labels that are not valid', 2],
    ['samples were refused: more or longer labels than allowed', 2],
    ['samples were refused: too far in the future', 2],
  ]);
});

test('a client that goes away is no fault of the server', async (t) => {
  const { app, sink, logged } = makeServer(t);
  const port = await listen(app);
  const controller = new AbortController();
  await openRequest(port, 'POST /api/v1/write HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nxx', controller.signal);
  controller.abort();
  await eventually('it is logged', () => logged.some((line) => line.includes('connection closed after 2 bytes')));
  assert.equal(sink.size, 0);
  assert.ok(!logged.some((line) => line.includes('"level":50')));
});

test('a fault of the store is a 500 that tells nothing, and a log line that does', async (t) => {
  const { app, sink, logged } = makeServer(t);
  sink.append = () => {
    throw new Error('the ring is on fire');
  };
  const answer = await app.inject({ method: 'POST', url: '/api/v1/write', payload: body1('up', 1) });
  assert.deepEqual([answer.statusCode, answer.body], [500, 'internal error\n']);
  assert.ok(logged.some((line) => line.includes('the ring is on fire') && line.includes('"reqId"')));
});

test('the receiver counts what it does', async (t) => {
  const { app, registry } = makeServer(t);
  const timeseries = [
    { labels: [{ name: '__name__', value: 'up' }], samples: [{ timestamp: 1 }, { timestamp: 1 }, { timestamp: 2 }] },
    { labels: [{ name: '__name__', value: 'ignored' }], samples: [{ timestamp: 1 }], exemplars: [{}, {}, {}] },
    { labels: [], samples: [{ timestamp: 1 }, { timestamp: 2 }] },
    { labels: [{ name: '__name__', value: 'h' }], histograms: [{}, { countInt: 1 }] },
  ];
  const payload = Buffer.from(compress(encodeProto('prometheus.WriteRequest', { timeseries })));
  await app.inject({ method: 'POST', url: '/api/v1/write', payload });
  await app.inject({ method: 'POST', url: '/api/v1/write', payload: body2('up', 3), headers: { 'content-type': V2 } });
  await app.inject({ method: 'POST', url: '/api/v1/write', payload: 'x', headers: { 'content-type': 'text/plain' } });
  const text = await registry.metrics();
  const lines = [
    'sentio_receiver_requests_total{protocol="1.0",code="400"} 1',
    'sentio_receiver_requests_total{protocol="2.0",code="204"} 1',
    'sentio_receiver_requests_total{protocol="unknown",code="415"} 1',
    'sentio_receiver_request_duration_seconds_count 3',
    `sentio_receiver_body_bytes_total ${payload.length + body2('up', 3).length}`,
    'sentio_receiver_samples_total{outcome="stored"} 3',
    'sentio_receiver_samples_total{outcome="duplicate"} 1',
    'sentio_receiver_samples_total{outcome="no_rule"} 1',
    'sentio_receiver_samples_total{outcome="invalid_labels"} 2',
    'sentio_receiver_samples_total{outcome="too_new"} 0',
    'sentio_receiver_dropped_total{kind="exemplar"} 3',
    'sentio_receiver_dropped_total{kind="histogram"} 1',
    'sentio_receiver_dropped_total{kind="invalid_histogram"} 1',
    'sentio_receiver_dropped_total{kind="invalid_series"} 1',
  ];
  for (const line of lines) assert.ok(text.split('\n').includes(line), `${line} in\n${text}`);
});

/** Sends the beginning of a request and holds the connection until `signal`. */
async function openRequest(port: number, beginning: string, signal: AbortSignal): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', signal });
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.write(beginning, () => resolve()));
  // The server has it as soon as it answers something sent after it.
  await sendRaw(port, ['GET /-/healthy HTTP/1.1\r\nhost: a\r\n\r\n']);
}
