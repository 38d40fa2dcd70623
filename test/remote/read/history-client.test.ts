import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { makeLabels } from '#src/model/labels/labels.js';
import type { RemoteReadSettings } from '#src/model/settings/endpoint.js';
import { connectHistory } from '#src/remote/read/connect-history.js';
import type { HistoryQuery, HistorySeries } from '#src/remote/read/history-client.js';
import { HistoryError } from '#src/remote/read/history-error.js';
import { compress, SnappyDecoder } from '#src/wire/core/snappy.js';
import { crc32c } from '#src/wire/read/crc32c.js';
import { decodeReadRequest } from '#src/wire/read/read-request.js';
import { encodeProto } from '../../wire/proto.js';

const QUERY: HistoryQuery = {
  metric: 'm',
  matchers: [
    { name: '__name__', type: '=', value: 'm' },
    { name: 'host', type: '=~', value: 'a|b\\.c' },
  ],
  startMs: 120_000,
  endMs: 300_000,
  stepMs: 60_000,
  aggregate: 'mean',
};

interface Asked {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A client of a server that answers every request by `answer`. */
async function makeClient(
  t: TestContext,
  settings: Partial<RemoteReadSettings>,
  answer: (response: ServerResponse) => void,
) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    asked.push({ url: request.url!, headers: request.headers, body: await buffer(request) });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = connectHistory(
    {
      name: 'test',
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/path`,
      credentials: { authorization: { type: 'Bearer', credentials: 'sesame' } },
      headers: {},
      timeoutMs: 5_000,
      api: 'remote_read',
      windowMs: 1,
      maxSeriesPerRequest: 1,
      maxConcurrentRequests: 1,
      pauseMs: 0,
      ...settings,
    },
    { userAgent: 'Sentio/test', now: () => 0 },
  );
  t.after(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const fetch = async (query = QUERY) => collect(await client.fetch(query, new AbortController().signal));
  return { client, asked, fetch };
}

function collect(answer: Iterable<HistorySeries>) {
  const all: object[] = [];
  for (const { labels, samples, histograms } of answer)
    all.push({ labels, times: [...samples.timesMs], values: [...samples.values], histograms });
  return all;
}

const SAMPLES_ANSWER = compress(
  encodeProto('prometheus.ReadResponse', {
    results: [
      {
        timeseries: [
          {
            labels: makeLabels({ __name__: 'm', host: 'a' }),
            samples: [
              { timestamp: 121_000, value: 1 },
              { timestamp: 136_000, value: 2 },
            ],
          },
        ],
      },
    ],
  }),
);

test('remote-read asks for both forms of the answer, XOR chunks first, with credentials', async (t) => {
  const { asked, fetch } = await makeClient(t, {}, (response) =>
    response
      .writeHead(200, { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' })
      .end(SAMPLES_ANSWER),
  );
  assert.deepEqual(await fetch(), [
    { labels: makeLabels({ __name__: 'm', host: 'a' }), times: [121_000, 136_000], values: [1, 2], histograms: 0 },
  ]);
  const [{ url, headers, body }] = asked as [Asked];
  assert.equal(url, '/some/path');
  assert.equal(headers.authorization, 'Bearer sesame');
  assert.equal(headers['x-prometheus-remote-read-version'], '0.1.0');
  assert.equal(headers['content-encoding'], 'snappy');
  assert.deepEqual(decodeReadRequest(new SnappyDecoder().decode(body, 1e6)), {
    queries: [{ startMs: 120_000, endMs: 299_999, matchers: QUERY.matchers }],
    acceptedTypes: ['streamed_xor_chunks', 'samples'],
  });
});

test('a database that answers with chunks of an unknown type is asked for samples, at once and from then on', async (t) => {
  const message = encodeProto('prometheus.ChunkedReadResponse', {
    chunkedSeries: [
      {
        labels: makeLabels({ __name__: 'm' }),
        chunks: [{ minTimeMs: 1, maxTimeMs: 2, type: 1, data: Buffer.from('00') }],
      },
      {
        labels: makeLabels({ __name__: 'm' }),
        chunks: [{ minTimeMs: 1, maxTimeMs: 2, type: 77, data: Buffer.from('00') }],
      },
    ],
  });
  const frame = Buffer.concat([Buffer.from([message.length]), Buffer.alloc(4), message]);
  frame.writeUInt32BE(crc32c(message), 1);
  let requests = 0;
  const { asked, fetch } = await makeClient(t, {}, (response) =>
    ++requests === 1
      ? response.writeHead(200, { 'content-type': 'application/x-streamed-protobuf; proto=x' }).end(frame)
      : response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(SAMPLES_ANSWER),
  );
  const want = [
    { labels: makeLabels({ __name__: 'm', host: 'a' }), times: [121_000, 136_000], values: [1, 2], histograms: 0 },
  ];
  assert.deepEqual([await fetch(), await fetch()], [want, want]);
  assert.deepEqual(
    asked.map(({ body }) => decodeReadRequest(new SnappyDecoder().decode(body, 1e6)).acceptedTypes),
    [['streamed_xor_chunks', 'samples'], ['samples'], ['samples']],
  );
});

test('query_range asks for a value per step, from the samples within the step', async (t) => {
  const { asked, fetch } = await makeClient(t, { api: 'query_range' }, (response) =>
    response.end(
      JSON.stringify({
        status: 'success',
        data: {
          resultType: 'matrix',
          result: [
            {
              metric: { host: 'a' },
              values: [
                [179.999, '1.5'],
                [239.999, '+Inf'],
                [299.999, 'NaN'],
              ],
            },
          ],
        },
      }),
    ),
  );
  assert.deepEqual(await fetch(), [
    {
      labels: makeLabels({ __name__: 'm', host: 'a' }),
      times: [179_999, 239_999, 299_999],
      values: [1.5, Number.POSITIVE_INFINITY, Number.NaN],
      histograms: 0,
    },
  ]);
  for (const aggregate of ['max', 'min', 'last', 'rate'] as const) await fetch({ ...QUERY, aggregate });
  const parameters = asked.map(({ body }) => Object.fromEntries(new URLSearchParams(body.toString())));
  assert.deepEqual(await fetch({ ...QUERY, endMs: QUERY.startMs + 59_999 }), [], 'less than a step is not asked for');
  assert.equal(asked.length, parameters.length);
  const selector = '{__name__="m", host=~"a|b\\\\.c"}[60000ms]';
  assert.deepEqual(parameters[0], {
    query: `avg_over_time(${selector})`,
    start: '179.999',
    end: '299.999',
    step: '60',
    nocache: '1',
  });
  assert.deepEqual(
    parameters.slice(1).map(({ query }) => query),
    ['max', 'min', 'last', 'last'].map((name) => `${name}_over_time(${selector})`),
  );
});

test('a database that knows no quoted label names is asked without them, at once and from then on', async (t) => {
  const bodies: string[] = [];
  const { asked, fetch } = await makeClient(t, { api: 'query_range' }, (response) => {
    const { query } = Object.fromEntries(new URLSearchParams(asked.at(-1)!.body.toString()));
    bodies.push(query!);
    if (query!.includes('"k8s.pod"=')) {
      response
        .writeHead(400)
        .end('{"status":"error","errorType":"bad_data","error":"unexpected string \\"k8s.pod\\""}');
    } else {
      response.end('{"status":"success","data":{"resultType":"matrix","result":[]}}');
    }
  });
  const dotted = { ...QUERY, matchers: [...QUERY.matchers, { name: 'k8s.pod', type: '=' as const, value: 'a' }] };
  assert.deepEqual([await fetch(dotted), await fetch(dotted)], [[], []]);
  const [first, ...others] = bodies;
  assert.match(first!, /"k8s\.pod"="a"/);
  assert.deepEqual(
    others,
    [1, 2].map(() => `avg_over_time({__name__="m", host=~"a|b\\\\.c"}[60000ms])`),
  );
});

test('what goes wrong is told, with whether less would do and when to come back', async (t) => {
  const answers: [
    name: string,
    answer: (response: ServerResponse) => void,
    message: RegExp,
    isTooMuch: boolean,
    retryAfterMs?: number,
  ][] = [
    ['overload', (r) => r.writeHead(503, { 'retry-after': '7' }).end('busy'), /^HTTP 503: busy$/, false, 7_000],
    ['a sample limit', (r) => r.writeHead(400).end('exceeded sample limit (10)'), /^HTTP 400: exceeded/, true],
    ['a limit of VictoriaMetrics', (r) => r.writeHead(422).end('too many'), /^HTTP 422/, true],
    ['a wrong address', (r) => r.writeHead(404).end('nothing here'), /^HTTP 404/, false],
    [
      'a redirect',
      (r) => r.writeHead(301, { location: '/elsewhere?key=1' }).end('<p>Moved'),
      /^HTTP 301: it redirects to http:\/\/127\.0\.0\.1:\d+\/elsewhere\?key=\*\*\*$/,
      false,
    ],
    ['an echo of the secret', (r) => r.writeHead(500).end('bad token sesame'), /^HTTP 500: bad token \*\*\*$/, false],
    [
      'a web page',
      (r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
      /"text\/html"|no result|JSON/,
      false,
    ],
    ['a connection cut', (r) => r.destroy(), /./, false],
    [
      'an answer without end',
      (r) => r.writeHead(200).end(Buffer.alloc(33 * 2 ** 20)),
      /larger than 33554432 bytes/,
      true,
    ],
  ];
  for (const api of ['remote_read', 'query_range'] as const) {
    for (const [name, answer, message, isTooMuch, retryAfterMs] of answers) {
      const { fetch } = await makeClient(t, { api }, answer);
      await assert.rejects(fetch(), (error) => {
        assert.ok(error instanceof HistoryError, `${api}, ${name}: ${error}`);
        assert.match(error.message, message, `${api}, ${name}`);
        assert.deepEqual([error.isTooMuch, error.retryAfterMs], [isTooMuch, retryAfterMs], `${api}, ${name}`);
        return true;
      });
    }
  }
});

test('a remote-read answer that is broken, or has too much of one series, is told as such', async (t) => {
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
  const broken = await makeClient(t, {}, (response) => response.writeHead(200, headers).end('no snappy'));
  await assert.rejects(broken.fetch(), { name: 'HistoryError', isTooMuch: false });
  const cut = await makeClient(t, {}, (response) =>
    response
      .writeHead(200, { 'content-type': 'application/x-streamed-protobuf; proto=x' })
      .end(Buffer.from('ff01', 'hex')),
  );
  await assert.rejects(cut.fetch(), { name: 'HistoryError', isTooMuch: false, message: /truncated in a frame/ });
});

test('a Prometheus in agent mode is known by its answer, in either way of reading', async (t) => {
  const cases = [
    ['remote_read', 500, 'unsupported operation with WAL-only storage\n'],
    ['query_range', 422, '{"status":"error","errorType":"execution","error":"unavailable with Prometheus Agent"}'],
  ] as const;
  for (const [api, status, text] of cases) {
    const { fetch } = await makeClient(t, { api }, (response) => response.writeHead(status).end(text));
    await assert.rejects(fetch(), { name: 'HistoryError', isForever: true, isTooMuch: false }, api);
  }
});
