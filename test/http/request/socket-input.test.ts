import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { MeteredRequest } from '#src/http/request/metered-request.js';
import { SocketInput } from '#src/http/request/socket-input.js';
import { eventually } from '../../harness/wait.js';

/** More than a turn of the event loop may parse. */
const LONG_MS = 12;
const READ_BYTES = 65_536;

/** A connection, each piece of which takes `ms` to parse; `parsed` has the pieces of all connections in order. */
async function connection(input: SocketInput, name: string, parsed: string[], ms = LONG_MS) {
  let reads = 0;
  const stream = new Readable({
    read: () => {
      reads++;
    },
  });
  const socket = stream as Socket;
  stream.on('data', (piece: Buffer) => {
    parsed.push(`${name} ${piece.length}`);
    for (const endMs = performance.now() + ms; performance.now() < endMs; );
  });
  stream.on('end', () => parsed.push(`${name} end`));
  input.limit(socket);
  // It flows from then on.
  await turn();
  return { socket, stream, receive: (bytes: number) => stream.push(Buffer.alloc(bytes)), reads: () => reads };
}

test('what is small is parsed before what is long, and that before what is left of others', async () => {
  const [input, parsed] = [new SocketInput(), [] as string[]];
  const [one, other, late] = await Promise.all(['one', 'other', 'late'].map((name) => connection(input, name, parsed)));
  one!.receive(READ_BYTES);
  other!.receive(READ_BYTES);
  late!.receive(60);
  assert.deepEqual(parsed, ['one 2048'], 'a turn is long enough for one piece');
  await eventually('the others are parsed', () => parsed.includes('other 2048'), { intervalMs: 1 });
  assert.deepEqual(parsed.slice(0, 3), ['one 2048', 'late 60', 'other 2048']);
});

test('small requests without end hold up neither what is long nor what is left of it', async () => {
  const [input, parsed] = [new SocketInput(), [] as string[]];
  const small = await Promise.all(Array.from({ length: 4 }, () => connection(input, 'small', parsed)));
  const long = await connection(input, 'long', parsed);
  let isDone = false;
  for (const { stream, receive } of small) {
    stream.on('data', () => setImmediate(() => isDone || receive(60)));
    receive(60);
  }
  long.receive(3 * 2_048);
  try {
    await eventually('the long one is parsed', () => parsed.filter((piece) => piece === 'long 2048').length === 3);
  } finally {
    isDone = true;
  }
});

test('all of it is parsed, of one connection as much as of the other, and in the end its end', async () => {
  const [input, parsed] = [new SocketInput(), [] as string[]];
  const ends = await Promise.all(['one', 'other'].map((name) => connection(input, name, parsed, 4)));
  for (const { receive, stream } of ends) {
    receive(3 * 2_048 + 5);
    stream.push(null);
  }
  await eventually('both have ended', () => parsed.filter((piece) => piece.endsWith('end')).length === 2, {
    intervalMs: 1,
  });
  for (const name of ['one', 'other']) {
    assert.deepEqual(
      parsed.filter((piece) => piece.startsWith(`${name} `)),
      [...Array(3).fill(`${name} 2048`), `${name} 5`, `${name} end`],
    );
  }
});

test('no more is read from a connection of which something waits', async () => {
  const [input, parsed] = [new SocketInput(), [] as string[]];
  const { receive, reads, stream } = await connection(input, 'one', parsed);
  const before = reads();
  assert.equal(receive(3 * 2_048), false);
  stream.read(0);
  assert.equal(reads(), before);
  await eventually('more is read', () => reads() > before, { intervalMs: 1 });
  assert.equal(parsed.length, 3);
});

test('a body of known length is parsed in one piece, and what follows it is not', async () => {
  const [input, parsed] = [new SocketInput(), [] as string[]];
  const { receive, socket } = await connection(input, 'one', parsed);
  const request = new MeteredRequest(socket);
  request.headers['content-length'] = '60000';
  request.push(Buffer.alloc(10_000));
  input.began(request);
  receive(READ_BYTES);
  assert.deepEqual(parsed, ['one 50000']);
  request.push(Buffer.alloc(50_000));
  request.complete = true;
  await eventually('a piece of what follows is parsed', () => parsed.length > 1, { intervalMs: 1 });
  assert.equal(parsed[1], 'one 2048');
});

test('of a connection that is stopped nothing more is parsed but its end, and of one that is closed nothing', async () => {
  const [input, parsed] = [new SocketInput(), [] as string[]];
  const [stopped, closed, other] = await Promise.all(
    ['stopped', 'closed', 'other'].map((name) => connection(input, name, parsed)),
  );
  for (const { receive } of [stopped!, closed!]) receive(READ_BYTES);
  input.stop(stopped!.socket);
  closed!.stream.destroy();
  assert.equal(stopped!.receive(60), false);
  stopped!.stream.push(null);
  other!.receive(3 * 2_048);
  await eventually('the others are parsed', () => parsed.filter((piece) => piece.startsWith('other')).length === 3, {
    intervalMs: 1,
  });
  assert.deepEqual(
    parsed.filter((piece) => !piece.startsWith('other')),
    ['stopped 2048', 'stopped end'],
  );
});

test('a request of a connection that is not limited is none of its business', () => {
  const input = new SocketInput();
  const request = new IncomingMessage(new Socket());
  input.began(request);
  input.stop(request.socket);
});
