import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SigV4Authorizer } from '#src/remote/http/sigv4-authorizer.js';
import { Cleanup, temporaryFolder } from '../../harness/cleanup.js';
import { eventually } from '../../harness/wait.js';

const NOW = Date.UTC(2026, 5, 1, 12, 30, 5);
const request = {
  url: new URL('https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write?b=2&a=1'),
  headers: { 'content-type': 'application/x-protobuf', 'x-scope-orgid': '7' },
  body: Buffer.from('body'),
};

const cleanup = new Cleanup();
after(() => cleanup.run());

/** The signature of `request`, computed step by step as the documentation of AWS has it. */
function signatureOf(secretKey: string, headers: Readonly<Record<string, string>>): string {
  const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const [, signedHeaders = ''] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
  const sent = { host: request.url.host, 'content-length': String(request.body.length) };
  const all: Record<string, string> = { ...request.headers, ...headers, ...sent };
  const canonical = [
    'POST',
    '/workspaces/ws-1/api/v1/remote_write',
    'a=1&b=2',
    ...signedHeaders.split(';').map((name) => `${name}:${all[name]}`),
    '',
    signedHeaders,
    sha256(request.body),
  ].join('\n');
  const scope = '20260601/eu-central-1/aps/aws4_request';
  const toSign = ['AWS4-HMAC-SHA256', '20260601T123005Z', scope, sha256(canonical)].join('\n');
  const key = ['20260601', 'eu-central-1', 'aps', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretKey}`);
  return hmac(key, toSign).toString('hex');
}

test('SigV4Authorizer signs a request as AWS wants it', async () => {
  const keys = { accessKey: 'AKIA', secretKey: 'hunter2' };
  const authorizer = new SigV4Authorizer({ region: 'eu-central-1', keys }, { env: {}, now: () => NOW });
  const headers = await authorizer.headersFor(request);
  assert.deepEqual(Object.keys(headers).sort(), ['authorization', 'x-amz-date']);
  const [, scope, signedHeaders, signature] =
    /^AWS4-HMAC-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=(\w+)$/.exec(headers.authorization!) ?? [];
  assert.equal(scope, 'AKIA/20260601/eu-central-1/aps/aws4_request');
  assert.match(signedHeaders!, /content-type;host;x-amz-date;x-scope-orgid/);
  assert.equal(signature, signatureOf('hunter2', headers));
  assert.deepEqual([...authorizer.secrets], ['hunter2']);
});

test('SigV4Authorizer takes keys from the environment, with the token of a session', async () => {
  const env = { AWS_ACCESS_KEY_ID: 'AKIB', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'session' };
  const headers = await new SigV4Authorizer({ region: 'eu-central-1' }, { env, now: () => NOW }).headersFor(request);
  assert.match(headers.authorization!, /Credential=AKIB\//);
  assert.equal(headers['x-amz-security-token'], 'session');
});

test('SigV4Authorizer takes the keys of a profile, and new ones when they are written', async () => {
  const file = join(await temporaryFolder(cleanup), 'credentials');
  const write = (key: string) =>
    writeFile(
      file,
      `[default]\naws_access_key_id = WRONG\naws_secret_access_key = x\n\n[sentio]\naws_access_key_id=${key}\naws_secret_access_key=y\n`,
    );
  await write('FIRST');
  const env = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_ACCESS_KEY_ID: 'ENV', AWS_SECRET_ACCESS_KEY: 'z' };
  const authorizer = new SigV4Authorizer({ region: 'eu-central-1', profile: 'sentio' }, { env, now: () => NOW });
  assert.match((await authorizer.headersFor(request)).authorization!, /Credential=FIRST\//);
  await write('SECOND');
  await eventually('the new keys are used', async () =>
    /Credential=SECOND\//.test((await authorizer.headersFor(request)).authorization!),
  );
});

test('SigV4Authorizer says which profile has no keys', async () => {
  const file = join(await temporaryFolder(cleanup), 'credentials');
  await writeFile(file, '[default]\naws_access_key_id = AKIA\n');
  const env = { AWS_SHARED_CREDENTIALS_FILE: file };
  const authorizer = new SigV4Authorizer({ region: 'eu-central-1' }, { env, now: () => NOW });
  await assert.rejects(authorizer.headersFor(request), /no keys of AWS are set for the profile default/);
});
