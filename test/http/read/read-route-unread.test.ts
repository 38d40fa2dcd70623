import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Registry } from 'prom-client';
import type { ForecastQuery } from '#src/engine/query/forecast-reader.js';
import type { ReadBudget } from '#src/engine/query/read-budget.js';
import { readRoute } from '#src/http/read/read-route.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';
import { RECEIVER_DEFAULTS, type ReceiverSettings } from '#src/model/settings/receiver.js';
import { compress } from '#src/wire/core/snappy.js';
import { eventually } from '../../harness/wait.js';
import { encodeProto } from '../../wire/proto.js';
import { makeAccess } from '../access-fixture.js';
import { listen, makeServer } from '../server-fixture.js';

/** More than the kernel keeps of an answer that nobody reads, in either form: values that do not compress. */
const SAMPLES = 1_000_000;
const CURVE = {
  block: encodeLabelBlock(makeLabels({ __name__: 'm_yhat', sentio: 'forecast' })),
  samples: {
    timesMs: Float64Array.from({ length: SAMPLES }, (_, i) => 1_700_000_000_000 + i * 1000),
    values: Float64Array.from({ length: SAMPLES }, (_, i) => Math.sin(i * i)),
  },
};

const bodyOf = (type: number) =>
  Buffer.from(compress(encodeProto('prometheus.ReadRequest', { queries: [{}], acceptedResponseTypes: [type] })));

async function serving(
  t: TestContext,
  {
    settings = {},
    ...options
  }: {
    stallMs?: number;
    settings?: Partial<ReceiverSettings>;
    read?: (query: ForecastQuery, budget: ReadBudget) => Promise<(typeof CURVE)[]>;
  } = {},
) {
  const { app } = makeServer(t);
  app.register(readRoute, {
    read: async () => [CURVE],
    access: makeAccess(settings),
    settings: { ...RECEIVER_DEFAULTS, ...settings },
    registry: new Registry(),
    ...options,
  });
  const port = await listen(app);
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const askWithoutReading = async (type: number) => {
    const body = bodyOf(type);
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    sockets.push(socket.pause());
    await once(socket, 'connect');
    socket.write(`POST /api/v1/read HTTP/1.1\r\nHost: sentio\r\nContent-Length: ${body.length}\r\n\r\n`);
    socket.write(body);
    return socket;
  };
  const post = (path: string, body: Uint8Array) =>
    fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: new Uint8Array(body) });
  return { askWithoutReading, post };
}

for (const [name, type] of [
  ['samples', 0],
  ['XOR chunks', 1],
] as const) {
  test(`a client that does not read its answer in ${name} is dropped, and its place is free again`, async (t) => {
    const { askWithoutReading, post } = await serving(t, { stallMs: 500, settings: { maxConcurrentRequests: 1 } });
    const unread = await askWithoutReading(type);
    const status = async () => {
      const answer = await post('/api/v1/read', bodyOf(type));
      await answer.arrayBuffer();
      return answer.status;
    };
    await eventually('its place is taken', async () => (await status()) === 503, { intervalMs: 10 });
    await eventually('its place is free again', async () => (await status()) === 200, { intervalMs: 50 });
    assert.equal(unread.destroyed, false, 'the client itself did not leave');
  });
}

test('past 32 reads a reader is told when to come back, and writes go on', async (t) => {
  let reading = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { post } = await serving(t, {
    read: async () => {
      reading++;
      await released;
      return [];
    },
  });
  const reads = Array.from({ length: 32 }, () => post('/api/v1/read', bodyOf(0)));
  await eventually('four are computed, the others wait', () => reading === 4, { intervalMs: 10 });
  const refused = await eventually(
    'all places are taken',
    async () => {
      const answer = await Promise.race([post('/api/v1/read', bodyOf(0)), released]);
      return answer?.status === 503 && answer;
    },
    { intervalMs: 10 },
  );
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
  assert.match(await refused.text(), /32 reads are already in flight/);
  assert.equal((await post('/api/v1/write', compress(new Uint8Array(0)))).status, 204);
  release();
  for (const read of reads) {
    const answer = await read;
    assert.equal(answer.status, 200);
    await answer.arrayBuffer();
  }
});

test('a read ends when its client leaves', async (t) => {
  let begun = false;
  let ended = '';
  const { askWithoutReading } = await serving(t, {
    read: async (_query, budget) => {
      begun = true;
      for (;;) {
        try {
          budget.checkTime();
        } catch (error) {
          ended = (error as Error).message;
          throw error;
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  });
  const socket = await askWithoutReading(0);
  await eventually('the read has begun', () => begun, { intervalMs: 10 });
  socket.destroy();
  await eventually('the read has ended', () => ended !== '', { intervalMs: 10 });
  assert.equal(ended, 'the client closed the connection');
});
