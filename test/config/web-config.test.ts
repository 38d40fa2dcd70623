import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError, formatProblem } from '#src/config/document/problems.js';
import { loadWebConfig } from '#src/config/web-config.js';
import { makeCertificate } from '../harness/certificates.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';

const HASH = '$2y$10$12NfRa8fs0zZeRBU7TNone21RkH29EZt/RNJOAe2Yd8/3Y1m.YF2q';

const cleanup = new Cleanup();
after(() => cleanup.run());

/** A folder with `c.crt` and `c.key`, and a file there. */
async function makeFile(text: string): Promise<string> {
  const folder = await temporaryFolder(cleanup);
  makeCertificate(folder, 'c');
  const path = join(folder, 'web.yml');
  writeFileSync(path, text);
  return path;
}

function problemsOf(path: string): string[] {
  try {
    loadWebConfig(path);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => formatProblem(problem));
  }
}

const EVERYTHING = `
tls_server_config:
  cert_file: c.crt
  key_file: c.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: c.crt
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519, CurveP256]
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: "default-src 'self'"
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: '1'
    Strict-Transport-Security: max-age=60
basic_auth_users:
  ada: ${HASH}
`;

test('loadWebConfig() reads every key there is', { skip: skipUnlessInstalled('openssl') }, async () => {
  const path = await makeFile(EVERYTHING);
  const file = (name: string) => join(path, '..', name);
  const { tls, headers, users } = loadWebConfig(path);
  assert.deepEqual(tls, {
    certFile: file('c.crt'),
    keyFile: file('c.key'),
    clientCaFile: file('c.crt'),
    clientAuthType: 'RequireAndVerifyClientCert',
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256',
    preferServerCiphers: false,
    curves: 'X25519:prime256v1',
  });
  assert.deepEqual(Object.keys(headers).length, 5);
  assert.deepEqual(users, { ada: HASH });
});

/** What Prometheus says of a file is what Sentio says of it, but for the last of these. */
const files: readonly (readonly [what: string, text: string, problem: RegExp | undefined, byPrometheus?: boolean])[] = [
  ['everything', EVERYTHING, undefined],
  ['nothing', '', undefined],
  ['users alone', `basic_auth_users: {ada: ${HASH}}\n`, undefined],
  ['a certificate without a key', 'tls_server_config: {cert_file: c.crt}\n', /cert_file and key_file are needed/],
  [
    'a file that is not there',
    'tls_server_config: {cert_file: x.crt, key_file: c.key}\n',
    /^1:21: .*cert_file: cannot read/,
  ],
  [
    'authorities of clients that are not asked',
    'tls_server_config: {cert_file: c.crt, key_file: c.key, client_ca_file: c.crt}\n',
    /client_ca_file: has no effect without client_auth_type/,
  ],
  [
    'a password that is no hash',
    'basic_auth_users: {ada: hunter2}\n',
    /^1:20: basic_auth_users\.ada: must be a bcrypt hash/,
  ],
  ['a header that cannot be set', 'http_server_config: {headers: {X-Foo: bar}}\n', /X-Foo"\]: unknown key/],
  [
    'a value that a header cannot have',
    'http_server_config: {headers: {X-Frame-Options: maybe}}\n',
    /X-Frame-Options"\]: must be one of/,
  ],
  ['an unknown key', 'tls_server_config: {cert: c.crt}\n', /cert: unknown key/],
  [
    'a version of TLS that is none',
    'tls_server_config: {cert_file: c.crt, key_file: c.key, min_version: TLS9}\n',
    /min_version: must be one of/,
  ],
  ['HTTP/2', 'http_server_config: {http2: true}\n', /http2: is not supported/, true],
];
for (const [what, text, problem, byPrometheus = problem === undefined] of files) {
  test(`a web configuration with ${what} is ${problem === undefined ? 'taken' : 'refused'}, ${byPrometheus ? 'and taken' : 'and refused'} by promtool`, {
    skip: skipUnlessInstalled('openssl', 'promtool'),
  }, async () => {
    const path = await makeFile(text);
    const problems = problemsOf(path);
    assert.equal(problems.length > 0, problem !== undefined, problems.join());
    assert.match(problems.join(), problem ?? /^$/);
    assert.doesNotMatch(problems.join(), /hunter2/);
    const promtool = spawnSync('promtool', ['check', 'web-config', path], { encoding: 'utf8' });
    assert.equal(promtool.status === 0, byPrometheus, promtool.stdout + promtool.stderr);
  });
}

for (const [what, text, problem] of [
  ['costs too much', `basic_auth_users: {ada: ${HASH.replace('$10$', '$20$')}}\n`, /cost from 4 to 16, got 20/],
  ['has a colon in a name', `basic_auth_users: {"a:b": ${HASH}}\n`, /a username is not empty and has no colon/],
] as const) {
  test(`a web configuration that ${what} is refused`, { skip: skipUnlessInstalled('openssl') }, async () => {
    assert.match(problemsOf(await makeFile(text)).join(), problem);
  });
}
