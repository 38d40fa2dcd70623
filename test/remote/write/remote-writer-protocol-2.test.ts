import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Answer, FaultyReceiver, type ReceivedRequest } from './faulty-receiver.js';
import { block, DRAIN_MS, startWriter, T } from './writer-setup.js';

const WRITTEN = 'X-Prometheus-Remote-Write-Samples-Written';
const V1 = 'application/x-protobuf';
const V2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';

/** Sends three samples in protocol 2.0 to a target that answers so. */
async function sendThree(t: TestContext, answer: (request: ReceivedRequest, nth: number) => Answer) {
  const target = await FaultyReceiver.listen(answer);
  t.after(() => target.close());
  const { writer, lines, metric } = startWriter([{ url: target.url, protocol: '2.0', maxSamplesPerSend: 2 }]);
  writer.append(block('up', 1), '_yhat', undefined, T, 1);
  writer.appendStale(block('up', 2), '_yhat', undefined, T);
  writer.append(block('up', 3), '_yhat', { name: 'horizon', value: '1h' }, T, 3);
  await writer.close(DRAIN_MS);
  return { target, lines, samples: await metric('samples_total', 'outcome') };
}

const want = [
  ['__name__=up_yhat,i=1', '3ff0000000000000'],
  ['__name__=up_yhat,i=2', '7ff0000000000002'],
  ['__name__=up_yhat,horizon=1h,i=3', '4008000000000000'],
];

test('a 2.0 target gets 2.0 requests', async (t) => {
  const { target, lines, samples } = await sendThree(t, (request) => ({
    status: 204,
    headers: { [WRITTEN]: String(request.samples.length) },
  }));
  assert.deepEqual(
    target.taken.map(({ series, bits }) => [series, bits]),
    want,
  );
  for (const { headers } of target.requests) {
    assert.equal(headers['content-type'], V2);
    assert.equal(headers['x-prometheus-remote-write-version'], '2.0.0');
    assert.equal(headers['content-encoding'], 'snappy');
  }
  assert.deepEqual(samples, { sent: 3 });
  assert.deepEqual(lines, []);
});

test('a target that turns out to speak only 1.0 gets the same samples in 1.0', async (t) => {
  const cases: [name: string, answer: Answer][] = [
    ['415', { status: 415, body: 'what is this?' }],
    ['a 2xx that tells of nothing written', { status: 204 }],
    ['a 2xx that tells nonsense', { status: 204, headers: { [WRITTEN]: 'all' } }],
  ];
  for (const [name, answer] of cases) {
    const { target, lines, samples } = await sendThree(t, ({ headers }) =>
      headers['content-type'] === V1 ? { status: 204 } : answer,
    );
    const v1 = target.requests.filter(({ headers }) => headers['content-type'] === V1);
    assert.deepEqual(
      v1.flatMap((request) => request.samples.map(({ series, bits }) => [series, bits])),
      want,
      name,
    );
    assert.equal(target.requests.length, v1.length + 1, `${name}: one try in 2.0`);
    assert.deepEqual(samples, { sent: 3 }, name);
    assert.equal(lines.length, 1, name);
    assert.match(lines[0]!, /does not support protocol 2\.0/, name);
  }
});

test('a 2.0 target that kept a part says how much, and is not sent the rest again', async (t) => {
  const { target, lines, samples } = await sendThree(t, (_, nth) => ({
    status: nth === 1 ? 400 : 204,
    headers: { [WRITTEN]: '1' },
    body: 'out of order sample',
  }));
  assert.equal(target.requests.length, 2);
  assert.deepEqual(samples, { sent: 2, rejected: 1 });
  assert.match(lines.join(), /samples lost: rejected/);
});

test('a 2.0 target that kept nothing of what it refuses has it taken apart', async (t) => {
  for (const refusal of [{ status: 400 }, { status: 400, headers: { [WRITTEN]: '0' } }]) {
    const { target, samples } = await sendThree(t, (request) =>
      request.samples.some(({ series }) => series.endsWith('i=2'))
        ? refusal
        : { status: 204, headers: { [WRITTEN]: String(request.samples.length) } },
    );
    assert.deepEqual(
      target.taken.map(({ series }) => series),
      [want[0]![0], want[2]![0]],
    );
    assert.deepEqual(samples, { sent: 2, rejected: 1 });
  }
});
