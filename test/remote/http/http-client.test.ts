import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { pino } from 'pino';
import type { Credentials, Endpoint, TlsSettings } from '#src/model/settings/endpoint.js';
import { HttpClient, redactUrl } from '#src/remote/http/http-client.js';
import { makeCertificate } from '../../harness/certificates.js';
import { Cleanup, temporaryFolder } from '../../harness/cleanup.js';
import { startForwardProxy } from '../../harness/forward-proxy.js';
import { skipUnlessInstalled } from '../../harness/installed.js';
import { eventually } from '../../harness/wait.js';
import { FaultyReceiver } from '../write/faulty-receiver.js';
import { block, startWriter, T, until } from '../write/writer-setup.js';

// dist-test/remote/http-client.test.js → test/remote/testdata
const testdata = (file: string) => join(import.meta.dirname, '../../../test/remote/testdata', file);

const endpoint = (url: string, more: Partial<Endpoint> = {}): Endpoint => ({
  name: 'a',
  url,
  credentials: {},
  headers: {},
  timeoutMs: 5000,
  ...more,
});

test('redactUrl() leaves nothing secret', () => {
  const cases: [url: string, want: string][] = [
    ['http://prometheus:9090/api/v1/write', 'http://prometheus:9090/api/v1/write'],
    ['https://me:s3cret@host/write', 'https://***@host/write'],
    ['https://token@host/write', 'https://***@host/write'],
    ['https://host/write?token=s3cret&db=x', 'https://host/write?token=***&db=***'],
  ];
  for (const [url, want] of cases) assert.equal(redactUrl(url), want);
});

test('credentials, headers and URL reach the target, and never the log', async (t) => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const cases: [name: string, credentials: Credentials, userinfo: string, authorization: string | undefined][] = [
    ['none', {}, '', undefined],
    ['basic', { basicAuth: { username: 'me', password: 's3cret' } }, '', basic('me:s3cret')],
    ['bearer', { authorization: { type: 'Bearer', credentials: 's3cret' } }, '', 'Bearer s3cret'],
    ['of the URL', {}, 'me:s3cr%65t@', basic('me:s3cret')],
    ['over those of the URL', { authorization: { type: 'X', credentials: 's3cret' } }, 'you:s3cr%65t@', 'X s3cret'],
  ];
  // It says all it was told, as peers do for debugging, with secrets where the log cuts it off.
  const target = await FaultyReceiver.listen(({ headers, path }) => ({
    status: 401,
    body: JSON.stringify({ path, headers, cut: 's3cret'.repeat(300) }),
  }));
  t.after(() => target.close());
  for (const [name, credentials, userinfo, authorization] of cases) {
    const url = (port: number) => `http://${userinfo}127.0.0.1:${port}/write?token=s3cret`;
    const headers = { 'X-Api-Key': 's3cret-key', 'X-Scope-OrgID': '7' };
    const { writer, lines } = startWriter([
      { url: url(target.port), credentials, headers },
      { url: url(1), credentials, headers },
    ]);
    writer.append(block('up'), '_yhat', undefined, T, 1);
    writer.flush();
    await until(() => lines.length === 2);
    await writer.close(1);

    const request = target.requests.at(-1)!;
    assert.equal(request.headers.authorization, authorization, name);
    assert.equal(request.headers['x-api-key'], 's3cret-key', name);
    assert.equal(request.headers['x-scope-orgid'], '7', name);
    assert.equal(request.path, '/write?token=s3cret', name);
    const log = lines.join('');
    assert.match(log, /HTTP 401: .*x-api-key/, name);
    assert.match(log, /ECONNREFUSED/, name);
    assert.doesNotMatch(log, /s3cr(e|%65)t/, name);
    assert.ok(!log.includes(Buffer.from('me:s3cret').toString('base64')), name);
  }
});

test('HttpClient.post() reads no more of an answer than it is asked to', async (t) => {
  const target = await FaultyReceiver.listen(() => ({ status: 400, body: 'x'.repeat(100_000) }));
  t.after(() => target.close());
  const client = new HttpClient(endpoint(target.url), { userAgent: 'Sentio/test' });
  const post = (maxAnswerBytes: number) => client.post(new Uint8Array([0]), { headers: {}, maxAnswerBytes });
  for (const [maxAnswerBytes, length, truncated] of [
    [10, 10, true],
    [99_999, 99_999, true],
    [100_000, 100_000, false],
  ] as const) {
    const answer = await post(maxAnswerBytes);
    assert.deepEqual([answer.status, answer.body.length, answer.truncated], [400, length, truncated]);
  }
  await client.close();
});

test('HttpClient.post() gives up on an answer that starts and does not end', async (t) => {
  const server = createHttpServer((_, outgoing) => outgoing.writeHead(200).write('well'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const client = new HttpClient(endpoint(url, { timeoutMs: 50 }), { userAgent: 'Sentio/test' });
  await assert.rejects(
    client.post(new Uint8Array([0]), { headers: {}, maxAnswerBytes: 10 }),
    /no response within 50 ms/,
  );
  await client.close();
});

test('HttpClient.post() gives up on an answer that hardly comes, long before its timeout', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const server = createHttpServer((_, outgoing) => outgoing.writeHead(200).write('well'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const client = new HttpClient(endpoint(url, { timeoutMs: 3_600_000 }), { userAgent: 'Sentio/test' });
  let failure = '';
  const post = client.post(new Uint8Array([0]), { headers: {}, maxAnswerBytes: 10 }).catch((error: Error) => {
    failure = error.message;
  });
  await until(() => {
    t.mock.timers.tick(10_000);
    return failure !== '';
  });
  await post;
  assert.match(failure, /the response is too slow: less than 1024 bytes came in 10 s/);
  await client.close();
});

test('HttpClient sends a header that is configured in the place of its own', async (t) => {
  const target = await FaultyReceiver.listen();
  t.after(() => target.close());
  const client = new HttpClient(endpoint(target.url, { headers: { 'User-Agent': 'other' } }), {
    userAgent: 'Sentio/test',
  });
  await client.post(new Uint8Array([0]), { headers: {}, maxAnswerBytes: 10 });
  assert.equal(target.requests[0]!.headers['user-agent'], 'other');
  await client.close();
});

test('HttpClient.post() gives up when its signal aborts', async (t) => {
  const target = await FaultyReceiver.listen(() => 'hang');
  t.after(() => target.close());
  const client = new HttpClient(endpoint(target.url), { userAgent: 'Sentio/test' });
  const abort = new AbortController();
  const post = () => client.post(new Uint8Array([0]), { headers: {}, maxAnswerBytes: 10, signal: abort.signal });
  const pending = assert.rejects(post(), /enough/);
  await until(() => target.requests.length === 1);
  abort.abort(new Error('enough'));
  await pending;
  await assert.rejects(post(), /enough/);
  assert.equal(target.requests.length, 1);
  await client.close();
});

test('HttpClient checks the certificate of its peer and shows its own, as configured', async (t) => {
  const [certFile, keyFile] = [testdata('cert.pem'), testdata('key.pem')];
  const [cert, key] = [readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')];
  const server = createServer(
    { cert, key, ca: cert, requestCert: true, rejectUnauthorized: false },
    (incoming, outgoing) => {
      const { authorized } = incoming.socket as TLSSocket;
      incoming.resume().on('end', () => outgoing.writeHead(authorized ? 200 : 401).end());
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const post = async (tls?: TlsSettings) => {
    const client = new HttpClient(endpoint(url, tls && { tls }), { userAgent: 'Sentio/test' });
    try {
      return (await client.post(new Uint8Array([0]), { headers: {}, maxAnswerBytes: 100 })).status;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    } finally {
      await client.close();
    }
  };
  const checked = { insecureSkipVerify: false };
  assert.equal(await post(), 'DEPTH_ZERO_SELF_SIGNED_CERT');
  assert.equal(await post(checked), 'DEPTH_ZERO_SELF_SIGNED_CERT');
  assert.equal(await post({ ...checked, caFile: certFile }), 'ERR_TLS_CERT_ALTNAME_INVALID');
  const named = { ...checked, caFile: certFile, serverName: 'sentio.test' };
  assert.equal(await post(named), 401);
  assert.equal(await post({ ...named, certFile, keyFile }), 200);
  assert.equal(await post({ insecureSkipVerify: true }), 401);
});

test('HttpClient shows the token that its file has now, and tries once more where the old one is refused', async (t) => {
  const cleanup = new Cleanup();
  t.after(() => cleanup.run());
  const file = join(await temporaryFolder(cleanup), 'token');
  await writeFile(file, 'first');
  let good = 'Bearer first';
  const target = await FaultyReceiver.listen(({ headers }) => ({ status: headers.authorization === good ? 204 : 401 }));
  t.after(() => target.close());
  const credentials = { authorization: { type: 'Bearer', credentials: { file } } };
  const client = new HttpClient(endpoint(target.url, { credentials }), { userAgent: 'Sentio/test' });
  t.after(() => client.close());
  const post = async () => (await client.post(new Uint8Array([0]), { headers: {}, maxAnswerBytes: 10 })).status;
  assert.equal(await post(), 204);
  // At the same moment for both: nobody waits for the file to be looked at again.
  await writeFile(file, 'second');
  good = 'Bearer second';
  assert.equal(await post(), 204);
  good = 'nothing';
  assert.equal(await post(), 401);
  assert.equal(target.requests.length, 4, 'what is refused for good is not sent twice');
  assert.equal(client.redact('first second'), '*** ***');
});

test('HttpClient uses a certificate that is replaced, and the one before while the new one is no good', {
  skip: skipUnlessInstalled('openssl'),
}, async (t) => {
  const cleanup = new Cleanup();
  t.after(() => cleanup.run());
  const folder = await temporaryFolder(cleanup);
  const authority = makeCertificate(folder, 'authority');
  const read = (path: string) => readFileSync(path, 'utf8');
  const own = makeCertificate(folder, 'server', authority);
  const shown: unknown[] = [];
  const logged: string[] = [];
  const server = createServer(
    { cert: read(own.certFile), key: read(own.keyFile), ca: read(authority.certFile), requestCert: true },
    (incoming, outgoing) => {
      shown.push((incoming.socket as TLSSocket).getPeerCertificate().subject.CN);
      incoming.resume().on('end', () => outgoing.writeHead(200, { connection: 'close' }).end());
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { certFile, keyFile } = makeCertificate(folder, 'first', authority);
  const client = new HttpClient(
    endpoint(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
      tls: { caFile: authority.certFile, certFile, keyFile, insecureSkipVerify: false },
    }),
    { userAgent: 'Sentio/test', log: pino({}, { write: (line) => logged.push(line) }) },
  );
  t.after(() => client.close());
  const post = async () => {
    await client.post(new Uint8Array([0]), { headers: {}, maxAnswerBytes: 10 });
    return shown.at(-1);
  };
  assert.equal(await post(), 'first');
  const second = makeCertificate(folder, 'second', authority);
  // The certificate is there, and its key not yet.
  await copyFile(second.certFile, certFile);
  await eventually('half of it is refused', async () => {
    assert.equal(await post(), 'first');
    return logged.some((line) => line.includes('going on with what they held before'));
  });
  await copyFile(second.keyFile, keyFile);
  await eventually('the new one is shown', async () => (await post()) === 'second');
});

test('HttpClient goes by a proxy: with the whole URL to http://, through a tunnel to https://', async (t) => {
  const cleanup = new Cleanup();
  t.after(() => cleanup.run());
  const target = await FaultyReceiver.listen();
  t.after(() => target.close());
  const cert = { cert: readFileSync(testdata('cert.pem')), key: readFileSync(testdata('key.pem')) };
  const secure = createServer(cert, (incoming, outgoing) =>
    incoming.resume().on('end', () => outgoing.writeHead(204).end()),
  );
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  t.after(() => secure.close());
  const securePort = (secure.address() as AddressInfo).port;
  const proxy = await startForwardProxy(cleanup, new URL(target.url).host, { 'sentio.test:443': securePort });
  const post = async (url: string, more: Partial<Endpoint>) => {
    const client = new HttpClient(endpoint(url, more), { userAgent: 'Sentio/test' });
    const { status } = await client.post(new Uint8Array([0]), { headers: {}, maxAnswerBytes: 10 });
    await client.close();
    return status;
  };
  const url = proxy.url.replace('//', '//me:s3cret@');
  const settings = { url, connectHeaders: { 'x-team': 'a' } };
  assert.equal(await post('http://prometheus.example/write', { proxy: settings }), 204);
  const tls = { caFile: testdata('cert.pem'), insecureSkipVerify: false };
  assert.equal(await post('https://sentio.test/write', { proxy: settings, tls }), 204);
  assert.deepEqual(proxy.passed, ['POST prometheus.example', 'CONNECT sentio.test:443']);
  const login = `Basic ${Buffer.from('me:s3cret').toString('base64')}`;
  assert.deepEqual(
    proxy.headers.map((headers) => [headers['proxy-authorization'], headers['x-team']]),
    [
      [login, 'a'],
      [login, 'a'],
    ],
  );
  assert.equal(await post(target.url, { proxy: { ...settings, noProxy: '127.0.0.0/8' } }), 204);
  assert.equal(proxy.passed.length, 2);
});
