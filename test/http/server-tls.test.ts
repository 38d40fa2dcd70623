import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { serverTlsOptions, watchCertificates } from '#src/http/server-tls.js';
import type { ClientAuthType, ServerTlsSettings } from '#src/model/settings/web.js';
import { type Certificate, makeCertificate } from '../harness/certificates.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { listen, makeServer } from './server-fixture.js';

const skip = skipUnlessInstalled('openssl');

/** A server with TLS, and a way to ask it with a certificate of its authority, of another one, or with none. */
async function serve(t: TestContext, clientAuthType: ClientAuthType, more: Partial<ServerTlsSettings> = {}) {
  const cleanup = new Cleanup();
  t.after(() => cleanup.run());
  const folder = await temporaryFolder(cleanup);
  const authority = makeCertificate(folder, 'authority');
  const own = makeCertificate(folder, 'server', authority);
  const certificates = {
    known: makeCertificate(folder, 'known', authority),
    stranger: makeCertificate(folder, 'stranger'),
  };
  const settings: ServerTlsSettings = {
    ...own,
    clientCaFile: authority.certFile,
    clientAuthType,
    minVersion: 'TLSv1.2',
    preferServerCiphers: true,
    ...more,
  };
  const log = pino({ level: 'silent' });
  const options = serverTlsOptions(settings, await watchCertificates(settings, log).current());
  const { app, logged } = makeServer(
    t,
    {},
    { web: { headers: { 'x-frame-options': 'deny' }, tls: { options, clientAuthType } } },
  );
  const port = await listen(app);
  const ask = (who: keyof typeof certificates | 'nobody', tls: object = {}) =>
    get(port, authority, who === 'nobody' ? undefined : certificates[who], tls);
  return { ask, logged, port };
}

function get(
  port: number,
  authority: Certificate,
  shown: Certificate | undefined,
  tls: object,
): Promise<number | string> {
  return new Promise((resolve) => {
    const outgoing = request(
      {
        ...{ port, host: '127.0.0.1', path: '/-/healthy', agent: false, ca: readFileSync(authority.certFile) },
        ...(shown !== undefined && { cert: readFileSync(shown.certFile), key: readFileSync(shown.keyFile) }),
        ...tls,
      },
      (incoming) => {
        assert.equal(incoming.headers['x-frame-options'], 'deny');
        incoming.resume();
        resolve(incoming.statusCode ?? 0);
      },
    );
    outgoing.on('error', () => resolve('refused')).end();
  });
}

const types: readonly (readonly [ClientAuthType, nobody: unknown, stranger: unknown, known: unknown])[] = [
  ['NoClientCert', 200, 200, 200],
  ['RequestClientCert', 200, 200, 200],
  ['RequireAnyClientCert', 'refused', 200, 200],
  ['VerifyClientCertIfGiven', 200, 'refused', 200],
  ['RequireAndVerifyClientCert', 'refused', 'refused', 200],
];
for (const [type, ...wanted] of types) {
  test(`${type}: nobody ${wanted[0]}, a stranger ${wanted[1]}, a client that is known ${wanted[2]}`, {
    skip,
  }, async (t) => {
    const { ask } = await serve(t, type);
    assert.deepEqual([await ask('nobody'), await ask('stranger'), await ask('known')], wanted);
  });
}

test('a server speaks no older version of TLS than it is told, and says why a handshake failed', {
  skip,
}, async (t) => {
  const { ask, logged } = await serve(t, 'NoClientCert', { minVersion: 'TLSv1.3' });
  assert.equal(await ask('nobody', { maxVersion: 'TLSv1.2' }), 'refused');
  assert.equal(await ask('nobody'), 200);
  const [line] = logged.filter((text) => text.includes('handshake'));
  const { address, reason } = JSON.parse(line!);
  assert.equal(address, '127.0.0.1');
  assert.match(reason, /unsupported protocol|version/i);
});

test('plain HTTP is no way in where there is TLS', { skip }, async (t) => {
  const { port } = await serve(t, 'NoClientCert');
  await assert.rejects(fetch(`http://127.0.0.1:${port}/-/healthy`));
});
