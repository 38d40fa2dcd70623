import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { compress } from '#src/wire/core/snappy.js';
import { encodeReadRequest } from '#src/wire/read/read-request.js';

/** Matches in linear time, and still costs as much as a request may ask for. */
const COSTLY = '{pod=~"(.*[a-z0-9]){12}x",node=~"(ip|eu|west)?.*(1|2|3|compute)+.*internal"}';

/** Requests of the readers, by their status. */
export type Answers = Map<string, number>;

/** Everything that reads from Sentio at one time: pages, costly selectors, remote-reads, and clients that do not read their answers. */
export function startReaders(
  url: string,
  stop: AbortSignal,
): { readonly answers: Answers; readonly done: Promise<unknown> } {
  const answers: Answers = new Map();
  const ask = async (name: string, path: string, init: RequestInit = {}) => {
    let status: number | string;
    try {
      const response = await fetch(url + path, { ...init, signal: AbortSignal.timeout(60_000) });
      await response.arrayBuffer();
      status = response.status;
    } catch (error) {
      status = (error as Error).name;
    }
    const key = `${name} ${status}`;
    answers.set(key, (answers.get(key) ?? 0) + 1);
  };
  const every = async (ms: number, run: () => Promise<void>) => {
    while (!stop.aborted) {
      await run();
      await sleep(ms, undefined, { signal: stop }).catch(() => {});
    }
  };
  const remoteRead = () => {
    const query = {
      startMs: Date.now(),
      endMs: Date.now() + 3_600_000,
      matchers: [
        { name: '__name__', type: '=~' as const, value: '.+_yhat' },
        { name: 'namespace', type: '=' as const, value: 'team-7' },
        { name: 'sentio', type: '=' as const, value: 'forecast' },
      ],
      hints: { stepMs: 60_000, func: '' },
    };
    const body = Uint8Array.from(compress(encodeReadRequest(query, ['streamed_xor_chunks'])));
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-read-version': '0.1.0',
    };
    return ask('remote-read', '/api/v1/read', { method: 'POST', headers, body });
  };
  const done = Promise.all([
    ...[1, 2, 3].map(() => every(2_000, () => ask('page', '/api/v1/series?order=outside&limit=100&sparklines=0-40'))),
    every(5_000, () => ask('forecast', '/api/v1/forecast?match[]={namespace="team-3",container="service-3"}&step=5m')),
    every(2_000, () => ask('costly selector', `/api/v1/series?match[]=${encodeURIComponent(COSTLY)}`)),
    every(5_000, remoteRead),
    every(10_000, () => leaveUnread(url)),
  ]);
  return { answers, done };
}

/** Asks for much, and reads nothing of it for half a minute. */
async function leaveUnread(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  for (let i = 0; i < 5; i++) {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {}).pause();
    socket.write(`GET /api/v1/forecast?match[]={namespace=~"team-.*"}&step=1m HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
    sockets.push(socket);
  }
  setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, 30_000);
}
