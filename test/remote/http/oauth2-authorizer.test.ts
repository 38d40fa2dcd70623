import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { OAuth2Settings } from '#src/model/settings/endpoint.js';
import { OAuth2Authorizer } from '#src/remote/http/oauth2-authorizer.js';
import { Cleanup } from '../../harness/cleanup.js';
import { startHttpServer } from '../../harness/http-server.js';

const cleanup = new Cleanup();
after(() => cleanup.run());

const request = { url: new URL('http://127.0.0.1/'), headers: {}, body: new Uint8Array() };
const BASIC = `Basic ${Buffer.from('sentio:hunter2').toString('base64')}`;

interface Asked {
  readonly authorization: string | undefined;
  readonly parameters: Readonly<Record<string, string>>;
}

type Answer = { status: number; body: unknown; headers?: Record<string, string> };

/** A server of tokens and a client of it, whose clock is set by hand. */
async function setUp(answer: (asked: Asked, nth: number) => Answer, more: Partial<OAuth2Settings> = {}) {
  const asked: Asked[] = [];
  const address = await startHttpServer(cleanup, async (incoming, outgoing) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    asked.push({
      authorization: incoming.headers.authorization,
      parameters: Object.fromEntries(new URLSearchParams(body)),
    });
    const { status, body: text, headers } = answer(asked.at(-1)!, asked.length);
    outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
    outgoing.end(typeof text === 'string' ? text : JSON.stringify(text));
  });
  const clock = { nowMs: 0 };
  const authorizer = new OAuth2Authorizer(
    {
      clientId: 'sentio',
      clientSecret: 'hunter2',
      tokenUrl: `http://${address}/token`,
      scopes: ['metrics.write', 'metrics.read'],
      endpointParams: { audience: 'prometheus' },
      ...more,
    },
    { timeoutMs: 5_000, userAgent: 'Sentio/test', now: () => clock.nowMs },
  );
  cleanup.add(() => authorizer.close());
  const header = async () => (await authorizer.headersFor(request)).authorization;
  return { authorizer, asked, clock, header };
}

const token = (text: string, seconds?: number) => ({
  status: 200,
  body: { access_token: text, token_type: 'Bearer', ...(seconds !== undefined && { expires_in: seconds }) },
});

test('OAuth2Authorizer asks once for a token, and again shortly before it expires', async () => {
  const { asked, clock, header } = await setUp((_asked, nth) => token(`token${nth}`, 60));
  assert.deepEqual(await Promise.all([header(), header()]), ['Bearer token1', 'Bearer token1']);
  assert.deepEqual(asked, [
    {
      authorization: BASIC,
      parameters: { grant_type: 'client_credentials', scope: 'metrics.write metrics.read', audience: 'prometheus' },
    },
  ]);
  clock.nowMs = 49_999;
  assert.equal(await header(), 'Bearer token1');
  clock.nowMs = 50_000;
  assert.equal(await header(), 'Bearer token2');
});

test('OAuth2Authorizer keeps a token that does not say when it expires', async () => {
  const { clock, header } = await setUp((_asked, nth) => token(`token${nth}`));
  await header();
  clock.nowMs = 1e12;
  assert.equal(await header(), 'Bearer token1');
});

test('OAuth2Authorizer shows its secret in the body to a server that does not take Basic', async () => {
  const { asked, clock, header } = await setUp(({ authorization }) =>
    authorization === undefined ? token('good', 60) : { status: 401, body: { error: 'invalid_client' } },
  );
  assert.equal(await header(), 'Bearer good');
  clock.nowMs = 60_000;
  assert.equal(await header(), 'Bearer good');
  assert.equal(asked.length, 3, 'it is not shown Basic again');
  assert.equal(asked[1]!.parameters.client_secret, 'hunter2');
});

test('OAuth2Authorizer gets another token where one is refused that was good, but not where a new one is', async () => {
  const { authorizer, header } = await setUp((_asked, nth) => token(`token${nth}`, 60));
  await header();
  assert.equal(await authorizer.renew(), false);
  assert.equal(await header(), 'Bearer token2');
  assert.equal(await header(), 'Bearer token2');
  assert.equal(await authorizer.renew(), true);
  assert.equal(await header(), 'Bearer token3');
});

const failures: readonly (readonly [what: string, answer: Answer, message: RegExp])[] = [
  [
    'a refusal',
    { status: 400, body: { error: 'invalid_scope', error_description: 'no such scope' } },
    /HTTP 400: invalid_scope: no such scope/,
  ],
  ['an error', { status: 500, body: 'oops' }, /no token from 127\.0\.0\.1:\d+: /],
  ['no JSON', { status: 200, body: 'oops' }, /no token from/],
  ['no token', { status: 200, body: {} }, /no token from/],
  ['another kind of token', { status: 200, body: { access_token: 'x', token_type: 'mac' } }, /no token from/],
  ['a redirect', { status: 302, body: '', headers: { location: 'http://evil.example/' } }, /no token from/],
  ['an endless answer', { status: 200, body: `"${'x'.repeat(100_000)}"` }, /no token from/],
];
for (const [what, answer, message] of failures) {
  test(`OAuth2Authorizer says so where the answer is ${what}, and tries again`, async () => {
    const { header } = await setUp((_asked, nth) => (nth <= 2 ? answer : token('good')));
    await assert.rejects(header(), message);
    await header().catch(() => header());
    assert.equal(await header(), 'Bearer good');
  });
}
