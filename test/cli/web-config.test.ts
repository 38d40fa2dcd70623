import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { pino } from 'pino';
import { WebConfig } from '#src/cli/web-config.js';
import { serverTlsOptions } from '#src/http/server-tls.js';
import { type Certificate, makeCertificate } from '../harness/certificates.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { eventually } from '../harness/wait.js';

const skip = skipUnlessInstalled('openssl');

async function setUp(t: TestContext) {
  const cleanup = new Cleanup();
  t.after(() => cleanup.run());
  const folder = await temporaryFolder(cleanup);
  const path = join(folder, 'web.yml');
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line) => lines.push(line) });
  const write = ({ certFile, keyFile }: Certificate, more: object = {}) =>
    writeFileSync(path, JSON.stringify({ tls_server_config: { cert_file: certFile, key_file: keyFile, ...more } }));
  return { folder, path, log, lines, write };
}

/** The name in the certificate that a server shows. */
function shownBy(port: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('WebConfig has a server show the certificate that the file names now', { skip }, async (t) => {
  const { folder, path, log, lines, write } = await setUp(t);
  write(makeCertificate(folder, 'first'));
  const web = await WebConfig.open(path, log);
  const server = createServer(serverTlsOptions(web.tls!.settings, web.tls!.certificates));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  web.follow(server);
  t.after(() => web.close());
  const { port } = server.address() as AddressInfo;
  assert.equal(await shownBy(port), 'first');

  const second = makeCertificate(folder, 'second');
  write({ ...second, keyFile: join(folder, 'first.key') });
  await eventually('a key of another certificate is reported', () =>
    lines.some((line) => /key values mismatch/.test(line)),
  );
  assert.equal(await shownBy(port), 'first');

  write(second);
  // As a request does, which must not hide the change from the server.
  assert.deepEqual(await web.users('latest'), {});
  await eventually('the second is shown', async () => (await shownBy(port)) === 'second');

  write(second, { client_auth_type: 'RequireAnyClientCert' });
  await eventually('what waits for the next start is said', () => lines.some((line) => /client_auth_type/.test(line)));
});

test('WebConfig.open() refuses a certificate that is none', { skip }, async (t) => {
  const { folder, path, log, write } = await setUp(t);
  const { certFile, keyFile } = makeCertificate(folder, 'first');
  write({ certFile, keyFile: certFile });
  await assert.rejects(WebConfig.open(path, log), /first\.crt, \S*first\.crt cannot be used for TLS: /);
  write({ certFile, keyFile });
  assert.equal((await WebConfig.open(path, log)).asksEverybody, false);
});
