import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../harness/wait.js';
import { sendRaw } from '../raw-request.js';
import { listen, makeServer } from '../server-fixture.js';

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: sentio\r\n\r\n`;

async function serving(t: TestContext, maxConnections: number) {
  const fixture = makeServer(t, {}, { maxConnections });
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let held = 0;
  fixture.app.get('/held', async () => {
    held++;
    await released;
    return 'at last';
  });
  const port = await listen(fixture.app);
  const sockets: Socket[] = [];
  t.after(() => {
    release();
    for (const socket of sockets) socket.destroy();
  });
  const open = async () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    sockets.push(socket.resume());
    await once(socket, 'connect');
    return socket;
  };
  const healthy = () => sendRaw(port, [GET('/-/healthy')]);
  const dropped = async (reason: string) => {
    const text = await fixture.registry.getSingleMetricAsString('sentio_http_connections_dropped_total');
    return Number(new RegExp(`reason="${reason}"} (\\d+)`).exec(text)?.[1]);
  };
  const connections = async () =>
    (await fixture.registry.getSingleMetricAsString('sentio_http_connections')).split('\n').at(-1);
  return { ...fixture, port, open, healthy, dropped, connections, release, held: () => held };
}

test('connections that say nothing keep nobody out: the one idle for longest makes room', async (t) => {
  const { open, healthy, dropped, logged } = await serving(t, 4);
  const idle: Socket[] = [];
  for (let i = 0; i < 4; i++) idle.push(await open());
  const [first, ...others] = idle as [Socket, ...Socket[]];
  const closed = once(first, 'close');
  assert.equal((await healthy()).status, 200);
  await closed;
  assert.deepEqual(
    others.map(({ destroyed }) => destroyed),
    [false, false, false],
  );
  assert.equal(await dropped('idle'), 1);
  assert.ok(logged.some((line) => line.includes('the one idle for longest is closed')));
});

test('where every connection has a request, a new one is closed, and the requests are answered', async (t) => {
  const { open, dropped, release, held } = await serving(t, 3);
  const busy: Socket[] = [];
  const answers: string[] = [];
  for (let i = 0; i < 3; i++) {
    const socket = await open();
    socket.on('data', (data) => answers.push(data.toString()));
    socket.write(GET('/held'));
    busy.push(socket);
  }
  await eventually('three requests are held', () => held() === 3, { intervalMs: 10 });
  const late = await open();
  await once(late, 'close');
  assert.equal(await dropped('full'), 1);
  release();
  await eventually('all are answered', () => answers.filter((text) => text.includes('at last')).length === 3, {
    intervalMs: 10,
  });
});

test('of requests that are pipelined one is worked on at a time, and no others wait for it', async (t) => {
  const { port, healthy, release, held } = await serving(t, 4);
  const answered = sendAll(
    port,
    GET('/held').repeat(5) + GET('/-/healthy').replace('Host', 'Connection: close\r\nHost'),
  );
  await eventually('the first is begun', () => held() === 1, { intervalMs: 10 });
  assert.equal((await healthy()).status, 200);
  assert.equal(held(), 1);
  release();
  assert.deepEqual(statusesOf(await answered), Array(6).fill('200'));
  assert.equal(held(), 5);
});

test('of requests that are pipelined sixteen wait, and the connection ends with a refusal of the next', async (t) => {
  const { port, healthy, dropped, release, held } = await serving(t, 4);
  const answered = sendAll(port, GET('/held').repeat(1000));
  await eventually('the first is begun', () => held() === 1, { intervalMs: 10 });
  assert.equal((await healthy()).status, 200);
  release();
  const text = await answered;
  assert.deepEqual(statusesOf(text), [...Array(16).fill('200'), '503']);
  assert.match(text, /more than 16 requests wait on this connection/);
  assert.equal(await dropped('pipelined'), 1);
  assert.equal(held(), 16);
});

test('of a great many requests that are pipelined few more are parsed than may wait', async (t) => {
  const { app, port, release, held } = await serving(t, 4);
  let parsed = 0;
  app.server.on('request', () => parsed++);
  const answered = sendAll(port, GET('/held').repeat(1000));
  await eventually('the first is begun', () => held() === 1, { intervalMs: 10 });
  release();
  await answered;
  assert.ok(parsed >= 17 && parsed < 100, `${parsed} are parsed`);
});

test('requests that wait on a connection are forgotten when it is closed', async (t) => {
  const { open, connections, release, held } = await serving(t, 4);
  const socket = await open();
  socket.write(GET('/held').repeat(5));
  await eventually('the first is begun', () => held() === 1, { intervalMs: 10 });
  socket.destroy();
  await eventually('it is closed', async () => (await connections()) === 'sentio_http_connections 0', {
    intervalMs: 10,
  });
  release();
  const other = await open();
  other.write(GET('/held').repeat(2));
  await eventually('those of another are begun', () => held() === 3, { intervalMs: 10 });
});

test('a server that closes waits for no connection that is kept alive after an answer', async (t) => {
  const { app, open, release, held } = await serving(t, 4);
  const socket = await open();
  socket.write(GET('/held'));
  await eventually('the request is begun', () => held() === 1, { intervalMs: 10 });
  const closed = app.close();
  release();
  // Kept alive, the connection would hold it up for 72 s.
  await closed;
  assert.equal(app.server.listening, false);
});

/** Everything that is answered to bytes until the connection is closed. */
async function sendAll(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  let text = '';
  socket.on('data', (data) => {
    text += data.toString();
  });
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

function statusesOf(text: string): (string | undefined)[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
}
