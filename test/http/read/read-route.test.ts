import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Registry } from 'prom-client';
import type { ForecastQuery } from '#src/engine/query/forecast-reader.js';
import { ReadLimitError } from '#src/engine/query/read-budget.js';
import { readRoute } from '#src/http/read/read-route.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { MatcherError } from '#src/model/labels/matcher.js';
import { RECEIVER_DEFAULTS, type ReceiverSettings } from '#src/model/settings/receiver.js';
import { compress, SnappyDecoder } from '#src/wire/core/snappy.js';
import { WriteBatch } from '#src/wire/core/write-batch.js';
import { decodeChunkedResponse } from '#src/wire/read/chunked-answer.js';
import { decodeReadResponse } from '#src/wire/read/read-answer.js';
import { encodeProto } from '../../wire/proto.js';
import { makeAccess } from '../access-fixture.js';
import { makeServer } from '../server-fixture.js';

const URL = '/api/v1/read';
const FORECAST = {
  block: encodeLabelBlock(makeLabels({ __name__: 'm_yhat', sentio: 'forecast' })),
  samples: { timesMs: Float64Array.of(1000, 2000), values: Float64Array.of(0.5, -1) },
};

/** A server that answers every query with `FORECAST`, but for what `read` does. */
function makeReader(
  t: TestContext,
  {
    settings = {},
    read = async () => [FORECAST],
  }: {
    settings?: Partial<ReceiverSettings>;
    read?: (query: ForecastQuery) => Promise<(typeof FORECAST)[]>;
  } = {},
) {
  const { app } = makeServer(t, settings);
  const registry = new Registry();
  app.register(readRoute, {
    read,
    access: makeAccess(settings),
    settings: { ...RECEIVER_DEFAULTS, ...settings },
    registry,
  });
  const post = (acceptedResponseTypes: number[], queries: object[] = [{}], headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: URL,
      headers,
      payload: Buffer.from(compress(encodeProto('prometheus.ReadRequest', { queries, acceptedResponseTypes }))),
    });
  return { app, registry, post };
}

function collect(answer: ReturnType<typeof decodeReadResponse>) {
  const series: object[] = [];
  for (const { labels, samples } of answer)
    series.push({ labels, values: [...samples.values], times: [...samples.timesMs] });
  return series;
}

const WANT = { labels: makeLabels({ __name__: 'm_yhat', sentio: 'forecast' }), values: [0.5, -1], times: [1000, 2000] };

test('a reader gets samples, as it asks by default', async (t) => {
  const { post } = makeReader(t);
  for (const accepted of [[], [0], [0, 1], [9, 0]]) {
    const answer = await post(accepted);
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['content-type'], 'application/x-protobuf');
    assert.equal(answer.headers['content-encoding'], 'snappy');
    const body = new SnappyDecoder().decode(answer.rawPayload, 1e6);
    assert.deepEqual(collect(decodeReadResponse(body, new WriteBatch(100))), [WANT], `${accepted}`);
  }
});

test('a reader gets XOR chunks where it would rather have those', async (t) => {
  const { post } = makeReader(t);
  for (const accepted of [[1], [1, 0]]) {
    const answer = await post(accepted);
    assert.equal(answer.statusCode, 200);
    assert.equal(
      answer.headers['content-type'],
      'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse',
    );
    assert.equal(answer.headers['content-encoding'], undefined);
    assert.deepEqual(collect(decodeChunkedResponse(answer.rawPayload, new WriteBatch(100))), [WANT], `${accepted}`);
  }
});

test('every query of a request has its own result, an empty one where nothing is found', async (t) => {
  const asked: ForecastQuery[] = [];
  const { post } = makeReader(t, {
    read: async (query) => {
      asked.push(query);
      return query.startMs === 1 ? [FORECAST] : [];
    },
  });
  const queries = [{ startTimestampMs: 5 }, { startTimestampMs: 1, endTimestampMs: 2, hints: { stepMs: 7 } }, {}];
  const answer = await post([], queries);
  const body = new SnappyDecoder().decode(answer.rawPayload, 1e6);
  // Results are field 1 of the answer: two empty ones around one that is not.
  assert.deepEqual([body[0], body[1], body[2]], [0x0a, 0, 0x0a]);
  assert.deepEqual([...body.subarray(-2)], [0x0a, 0]);
  assert.deepEqual(asked[1], { startMs: 1, endMs: 2, matchers: [], hints: { stepMs: 7, func: '' } });
});

test('a request that cannot be answered gets a status and a reason in text', async (t) => {
  const secret = { readers: [{ authorization: { type: 'Bearer', credentials: 'secret' } }] };
  const failing = (error: Error) => async () => {
    throw error;
  };
  const cases: [
    name: string,
    options: Parameters<typeof makeReader>[1],
    accepted: number[],
    status: number,
    text: RegExp,
  ][] = [
    ['no login', { settings: secret }, [], 401, /credentials/],
    ['a form of the future', {}, [9], 400, /SAMPLES or STREAMED_XOR_CHUNKS/],
    ['too much', { read: failing(new ReadLimitError('more than 5 series')) }, [], 400, /^more than 5 series\n$/],
    ['a bad expression', { read: failing(new MatcherError('missing )')) }, [], 400, /^missing \)\n$/],
    ['our fault', { read: failing(new TypeError('secret')) }, [], 500, /^internal error\n$/],
    ['a body over the limit', { settings: { maxBodyBytes: 1 } }, [], 413, /larger than the limit of 1 bytes/],
  ];
  for (const [name, options, accepted, status, text] of cases) {
    const answer = await makeReader(t, options).post(accepted);
    assert.equal(answer.statusCode, status, name);
    assert.match(answer.body, text, name);
    assert.match(String(answer.headers['content-type']), /^text\/plain/, name);
  }
  const { app, post } = makeReader(t, { settings: secret });
  assert.equal((await post([], [{}], { authorization: 'Bearer secret' })).statusCode, 200);
  const garbage = await app.inject({
    method: 'POST',
    url: URL,
    headers: { authorization: 'Bearer secret' },
    payload: 'no',
  });
  assert.equal(garbage.statusCode, 400);
});

test('only POST is allowed', async (t) => {
  const answer = await makeReader(t).app.inject({ method: 'GET', url: URL });
  assert.equal(answer.statusCode, 405);
  assert.equal(answer.headers.allow, 'POST');
});

test('reads are counted by status, and their samples by the form of the answer', async (t) => {
  const { post, registry } = makeReader(t);
  await post([0]);
  await post([1], [{}, {}]);
  await post([9]);
  const metrics = await registry.metrics();
  assert.match(metrics, /^sentio_read_requests_total\{code="200"\} 2$/m);
  assert.match(metrics, /^sentio_read_requests_total\{code="400"\} 1$/m);
  assert.match(metrics, /^sentio_read_samples_total\{response_type="samples"\} 2$/m);
  assert.match(metrics, /^sentio_read_samples_total\{response_type="streamed_xor_chunks"\} 4$/m);
});

test('four reads are computed at one time, the others wait; and their places are free again', async (t) => {
  let computing = 0;
  let most = 0;
  const { post } = makeReader(t, {
    settings: { maxConcurrentRequests: 10 },
    read: async () => {
      most = Math.max(most, ++computing);
      await new Promise((resolve) => setTimeout(resolve, 5));
      computing--;
      return [FORECAST];
    },
  });
  for (let round = 0; round < 3; round++) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => post([])));
    assert.deepEqual(new Set(answers.map(({ statusCode }) => statusCode)), new Set([200]));
  }
  assert.equal(most, 4);
  const crowd = await Promise.all(Array.from({ length: 11 }, () => post([])));
  assert.equal(crowd.filter(({ statusCode }) => statusCode === 503).length, 1);
});
