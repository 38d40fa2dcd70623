import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RepeatedRefusals } from '#src/http/write/repeated-refusals.js';
import { compress } from '#src/wire/core/snappy.js';
import { encodeProto } from '../../wire/proto.js';
import { makeServer } from '../server-fixture.js';

const HOUR_MS = 3_600_000;

test('a refusal is repeated where the same was seen within an hour', () => {
  const refusals = new RepeatedRefusals();
  assert.equal(refusals.isRepeated('a', 0), false);
  assert.equal(refusals.isRepeated('b', 1), false);
  assert.equal(refusals.isRepeated('a', HOUR_MS), true);
  assert.equal(refusals.isRepeated('b', HOUR_MS + 2), false);
  assert.equal(refusals.isRepeated('a', HOUR_MS + 3), true);
});

test('of many refusals the oldest are forgotten', () => {
  const refusals = new RepeatedRefusals();
  for (let i = 0; i < 2_000; i++) refusals.isRepeated(String(i), 0);
  assert.equal(refusals.isRepeated('1999', 0), true);
  assert.equal(refusals.isRepeated('0', 0), false);
});

/** A series with a duplicate label beside good ones, in an order. */
function body(names: readonly string[], timestamp: number): Buffer {
  const timeseries = names.map((name) => ({
    labels: [
      { name: '__name__', value: name },
      ...(name === 'bad' ? ['a', 'b'].map((value) => ({ name: 'zone', value })) : []),
    ],
    samples: [{ value: 1, timestamp }],
  }));
  return Buffer.from(compress(encodeProto('prometheus.WriteRequest', { timeseries })));
}

test('a sender that repeats a refused request for ever is refused once, in whatever order it repeats', async (t) => {
  const { app, sink } = makeServer(t);
  const post = async (payload: Buffer) =>
    (await app.inject({ method: 'POST', url: '/api/v1/write', payload })).statusCode;
  assert.equal(await post(body(['good', 'bad', 'other'], 1)), 400);
  assert.equal(await post(body(['other', 'bad', 'good'], 1)), 204);
  assert.equal(await post(body(['good', 'bad', 'other'], 1)), 204);
  // What is refused for the first time is said to be.
  assert.equal(await post(body(['good', 'bad', 'other'], 2)), 400);
  assert.equal(sink.samples.get('good')?.length, 2);
});
