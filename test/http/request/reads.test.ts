import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Registry } from 'prom-client';
import { RequestError } from '#src/http/request/failure.js';
import { limitSending, STALL_MS, writePaced } from '#src/http/request/paced-write.js';
import { Reads, ReadWork } from '#src/http/request/reads.js';
import { eventually } from '../../harness/wait.js';
import { listen, makeServer } from '../server-fixture.js';

/** Never: these reads go on for ever. */
const isDone = false as boolean;
const PIECE = 'x'.repeat(2 ** 20);

/** A server whose `/read` answers with `answer`, and a way to ask it without reading what comes. */
async function serving(t: TestContext, answer: (work: ReadWork) => AsyncGenerator<string>) {
  const { app } = makeServer(t);
  const reads = new Reads(new Registry());
  app.get('/read', (_request, reply) => reads.send(reply, answer));
  const port = await listen(app);
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const askWithoutReading = async () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    sockets.push(socket.pause());
    await once(socket, 'connect');
    socket.write('GET /read HTTP/1.1\r\nHost: sentio\r\n\r\n');
    return socket;
  };
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  return { port, askWithoutReading, status };
}

test('an answer that nobody reads is not computed ahead, and gives its place back when the client leaves', async (t) => {
  let [pieces, ended] = [0, 0];
  const { askWithoutReading, status } = await serving(t, async function* () {
    try {
      for (let i = 0; i < 1000; i++) {
        pieces++;
        yield PIECE;
      }
    } finally {
      ended++;
    }
  });
  const sockets: Socket[] = [];
  for (let i = 0; i < 32; i++) sockets.push(await askWithoutReading());
  await eventually('all places are taken', async () => (await status('/read')) === 503);
  assert.equal(await status('/-/healthy'), 200);
  assert.ok(pieces < 32 * 20, `${pieces} pieces of 1 MiB`);
  for (const socket of sockets) socket.destroy();
  await eventually('every answer is given up', () => ended === 32);
});

test('a read with others of a pipeline behind it gives its place back when its client leaves', async (t) => {
  let [begun, ended] = [0, 0];
  const { port } = await serving(t, async function* () {
    begun++;
    try {
      while (!isDone) yield PIECE;
    } finally {
      ended++;
    }
  });
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  socket.pause().write('GET /read HTTP/1.1\r\nHost: sentio\r\n\r\n'.repeat(20));
  await eventually('the first is computed', () => begun > 0, { intervalMs: 10 });
  socket.destroy();
  // Sooner than a client is dropped that takes nothing.
  await eventually('it is given up', () => ended > 0, { deadlineMs: STALL_MS / 2, intervalMs: 10 });
  assert.deepEqual([begun, ended], [1, 1]);
});

test('a read gives way to other requests, and ends when its client leaves', async (t) => {
  const ends: string[] = [];
  let begun = false;
  const { askWithoutReading, status } = await serving(t, async function* (work) {
    try {
      for (;;) {
        await work.pause();
        begun = true;
        if (isDone) yield '';
      }
    } catch (error) {
      ends.push((error as Error).message);
      throw error;
    }
  });
  const socket = await askWithoutReading();
  await eventually('the read has begun', () => begun, { intervalMs: 10 });
  assert.equal(await status('/-/healthy'), 200);
  assert.deepEqual(ends, [], 'meanwhile the read went on');
  socket.destroy();
  await eventually('the read has ended', () => ends.length > 0);
  assert.deepEqual(ends, ['the client closed the connection']);
});

test('a read that computes for too long is refused', async (t) => {
  const { status } = await serving(t, async function* (work) {
    for (;;) {
      await work.pause();
      if (isDone) yield '';
    }
  });
  assert.equal(await status('/read'), 422);
});

test('a read that waits for too long behind others is ended with 503', async () => {
  const work = new ReadWork(() => false, 0);
  const pausing = async () => {
    for (;;) await work.pause();
  };
  await assert.rejects(
    pausing,
    (error) =>
      error instanceof RequestError && error.failure === 'timeout' && /the read took longer/.test(error.message),
  );
});

test('a client that takes its answer little by little is dropped once that takes too long', async (t) => {
  const { app } = makeServer(t);
  app.get('/slow', async (_request, reply) => {
    const { raw } = reply.hijack();
    limitSending(raw, 300);
    raw.writeHead(200);
    while (!raw.destroyed) await writePaced(raw, PIECE);
    return reply;
  });
  const socket = connect(await listen(app), '127.0.0.1').on('error', () => {});
  socket.write('GET /slow HTTP/1.1\r\nHost: sentio\r\n\r\n');
  // It takes something all the time, so that it has never stalled.
  socket.resume();
  await once(socket, 'close');
});

test('what is wrong before the first piece is an error, what is wrong later breaks the answer off', async (t) => {
  let fails = true;
  const { port, status } = await serving(t, async function* () {
    if (fails) throw new Error('at once');
    yield 'half';
    throw new Error('later');
  });
  assert.equal(await status('/read'), 500);
  fails = false;
  await assert.rejects(async () => (await fetch(`http://127.0.0.1:${port}/read`)).text());
});
