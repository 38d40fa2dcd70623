import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CalendarFeed } from '#src/feeds/calendar-feed.js';
import { OAuth2Authorizer } from '#src/remote/http/oauth2-authorizer.js';
import { connectHistory } from '#src/remote/read/connect-history.js';
import { Cleanup } from '../../harness/cleanup.js';
import { startHttpServer } from '../../harness/http-server.js';

/*
 * Answers that no server gives, on every way on which Sentio asks one for something: each ends with a reason that can be logged
 * as one line, the peer to which one redirects is asked nothing, and a good answer is taken afterwards.
 */

const cleanup = new Cleanup();
after(() => cleanup.run());

const END = new AbortController().signal;
const QUERY = { metric: 'm', matchers: [], startMs: 0, endMs: 3_600_000, stepMs: 60_000, aggregate: 'mean' } as const;
const GOOD_MATRIX = '{"status":"success","data":{"resultType":"matrix","result":[]}}';

/** Asks once; resolves where the answer is good, and rejects with the reason where it is not. */
type Ask = (url: string) => Promise<unknown>;

const endpoint = (url: string) => ({
  name: 'test',
  url,
  credentials: {},
  headers: { 'x-key': 's3cret' },
  timeoutMs: 60_000,
});

function history(api: 'query_range' | 'remote_read'): Ask {
  return async (url) => {
    const client = connectHistory(
      { ...endpoint(url), api, windowMs: 1, maxSeriesPerRequest: 1, maxConcurrentRequests: 1, pauseMs: 0 },
      { userAgent: 'test', now: () => 0 },
    );
    try {
      return [...(await client.fetch(QUERY, END))];
    } finally {
      await client.close();
    }
  };
}

const calendar: Ask = async (url) => {
  const source = { calendar: 'works', events: [], endpoint: endpoint(url), refreshIntervalMs: 60_000 };
  const feed = new CalendarFeed(source, [], { userAgent: 'test' });
  await feed.refresh();
  await feed.close();
  if (feed.problem !== undefined) throw new Error(feed.problem);
};

const token: Ask = async (url) => {
  const settings = { clientId: 'me', clientSecret: 's3cret', tokenUrl: url, scopes: [], endpointParams: {} };
  const authorizer = new OAuth2Authorizer(settings, { timeoutMs: 60_000, userAgent: 'test', now: () => 0 });
  try {
    return await authorizer.headersFor({ url: new URL(url), headers: {}, body: new Uint8Array() });
  } finally {
    await authorizer.close();
  }
};

const WAYS: readonly (readonly [name: string, ask: Ask, type: string, good: string])[] = [
  ['query_range', history('query_range'), 'application/json', GOOD_MATRIX],
  ['remote_read', history('remote_read'), 'application/x-protobuf', '\0'],
  ['a calendar', calendar, 'text/calendar', 'BEGIN:VCALENDAR\nEND:VCALENDAR\n'],
  ['a token', token, 'application/json', '{"access_token":"t","token_type":"Bearer"}'],
];

const BOMB = gzipSync(Buffer.alloc(32 * 2 ** 20, '['));

type Answer = (response: ServerResponse, type: string, elsewhere: string) => void;
const ANSWERS: readonly (readonly [name: string, answer: Answer])[] = [
  [
    'without an end',
    (response, type) => {
      response.writeHead(200, { 'content-type': type });
      const more = () => {
        while (!response.destroyed && response.write('['.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    },
  ],
  ['10 MB deep', (response, type) => response.writeHead(200, { 'content-type': type }).end('{"x":'.repeat(2e6))],
  ['a page', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello</html>')],
  [
    'a gzip bomb',
    (response, type) => response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' }).end(BOMB),
  ],
  [
    'shorter than it says',
    (response, type) => {
      response.writeHead(200, { 'content-type': type, 'content-length': 1000 });
      response.write('{', () => response.destroy());
    },
  ],
  [
    'no UTF-8',
    (response, type) => response.writeHead(200, { 'content-type': type }).end(Buffer.from('c3fffe80', 'hex')),
  ],
  [
    'objects for everything',
    (response, type) =>
      response
        .writeHead(200, { 'content-type': type })
        .end('{"access_token":{},"token_type":{},"expires_in":{},"status":{},"data":{"result":{}}}'),
  ],
  ['a redirect', (response, _type, elsewhere) => response.writeHead(307, { location: elsewhere }).end()],
  ['cut off', (response) => response.destroy()],
];

for (const [way, ask, type, good] of WAYS) {
  test(`${way}: an answer that no server gives ends with a reason, and a good one is taken afterwards`, async (t) => {
    let elsewhere = 0;
    const other = await startHttpServer(cleanup, (_request, response) => {
      elsewhere++;
      response.end();
    });
    let answer: Answer = () => {};
    const address = await startHttpServer(cleanup, (request, response) => {
      request.resume();
      answer(response, type, `http://${other}/`);
    });
    for (const [name, hostile] of ANSWERS) {
      await t.test(name, async () => {
        answer = hostile;
        await assert.rejects(ask(`http://${address}/`), ({ message }: Error) => {
          assert.match(message, /\w{3}/);
          assert.ok(message.length < 500, message);
          assert.doesNotMatch(message, /[\n\0]|s3cret|not iterable|undefined|of null|is not a function|object Object/);
          return true;
        });
        assert.equal(elsewhere, 0, 'nothing goes to another host');
        answer = (response) => response.writeHead(200, { 'content-type': type }).end(good);
        await ask(`http://${address}/`);
      });
    }
  });
}
