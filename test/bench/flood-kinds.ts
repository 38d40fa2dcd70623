import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { compress } from '#src/wire/core/snappy.js';
import { encodeReadRequest } from '#src/wire/read/read-request.js';

/** Answers by status; `no answer` where a connection was closed before. */
export type Statuses = Record<string, number>;

/** One round of a flood of `http://host:port`, to its last answer. */
type Flood = (host: string, port: number) => Promise<Statuses>;

interface Request {
  readonly method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** How long the two that send nothing last. */
const BASELINE_MS = 2_000;
/** Of linear time, and of hundreds of instructions. */
const COSTLY = '(.*[a-z0-9]){12}x';
/** As many as one exclusion may have. */
export const EXPRESSIONS = 16;
const LIST: Request = { method: 'GET', path: '/api/v1/series' };

/** What clients do that mean no good, by name; `none` and `busy-loop` send nothing and say what the machine itself costs. */
export const FLOODS: Readonly<Record<string, Flood>> = {
  none: async () => {
    await sleep(BASELINE_MS);
    return {};
  },
  'busy-loop': async () => {
    for (const endMs = performance.now() + BASELINE_MS; performance.now() < endMs; );
    return {};
  },
  'heads-and-options': requests(3_000, 60, (i) => ({ ...LIST, method: i % 2 === 0 ? 'HEAD' : 'OPTIONS' })),
  'tiny-chunks': connections(
    30,
    `POST /api/v1/write HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n${'1\r\n1\r\n'.repeat(20_000)}0\r\n\r\n`,
  ),
  pipelines: connections(50, 'GET /api/v1/series?limit=10 HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(1_000)),
  connections: connections(500, 'GET /-/healthy HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'),
  exclusions: requests(20, 20, (i) => exclusion(i)),
  forms: requests(20, 20, () => ({
    method: 'POST',
    path: '/prometheus/api/v1/query',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(`query=up${'&a=b'.repeat(20_000)}`),
  })),
  searches: requests(50, 50, () => ({ method: 'GET', path: `/api/v1/series?search=${'a'.repeat(15_000)}` })),
  words: requests(50, 50, () => ({ method: 'GET', path: `/api/v1/series?search=${'a+'.repeat(7_500)}` })),
  'remote-reads': requests(5, 5, () => ({
    method: 'POST',
    path: '/api/v1/read',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    body: REMOTE_READ,
  })),
  lists: requests(1_500, 60, () => LIST),
  metrics: requests(100, 100, () => ({ method: 'GET', path: '/metrics' })),
};

/** An exclusion of as many expressions as one may have, unlike every other. */
export function exclusion(i: number): Request {
  return {
    method: 'POST',
    path: '/api/v1/exclusions',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(
      JSON.stringify({
        match: Array.from({ length: EXPRESSIONS }, (_, j) => `{id=~"${COSTLY}${i}-${j}"}`),
        end: Date.now() / 1000 + 86_400,
        kind: 'maintenance',
      }),
    ),
  };
}

/** Ten thousand queries; a query is the same bytes as a request that consists of it. */
const REMOTE_READ = (() => {
  const matchers = [
    { name: 'sentio', type: '=', value: 'forecast' },
    { name: '__name__', type: '=~', value: '.*' },
  ] as const;
  const one = encodeReadRequest({ startMs: 0, endMs: 1, matchers }, []);
  return compress(Buffer.concat(new Array<Uint8Array>(10_000).fill(one)));
})();

/** `total` requests, `atOnce` of them at one time, each on a connection that is kept. */
function requests(total: number, atOnce: number, make: (i: number) => Request): Flood {
  return async (host, port) => {
    const pool = new Pool(`http://${host}:${port}`, { connections: atOnce, pipelining: 1 });
    const statuses: Statuses = {};
    let next = 0;
    const ask = async () => {
      while (next < total) {
        const { headers = {}, ...request } = make(next++);
        try {
          const answer = await pool.request({ ...request, headers: { ...headers } });
          await answer.body.dump();
          count(statuses, String(answer.statusCode));
        } catch {
          count(statuses, 'no answer');
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, ask));
    await pool.destroy();
    return statuses;
  };
}

/** `total` connections that send bytes at once, until each is closed or has nothing more to say for five seconds. */
function connections(total: number, bytes: string): Flood {
  return async (host, port) => {
    const statuses: Statuses = {};
    const exchange = () =>
      new Promise<void>((resolve) => {
        const socket = connect(port, host);
        let isAnswered = false;
        socket.setTimeout(5_000, () => socket.destroy());
        socket.on('connect', () => socket.write(bytes));
        socket.on('data', (data) => {
          for (const [, status] of data.toString('latin1').matchAll(/HTTP\/1\.1 (\d+)/g)) {
            isAnswered = true;
            count(statuses, status!);
          }
        });
        socket.on('error', () => {});
        socket.on('close', () => {
          if (!isAnswered) count(statuses, 'no answer');
          resolve();
        });
      });
    await Promise.all(Array.from({ length: total }, exchange));
    return statuses;
  };
}

function count(statuses: Statuses, status: string): void {
  statuses[status] = (statuses[status] ?? 0) + 1;
}
