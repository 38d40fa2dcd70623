import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { uiRoute } from '#src/http/ui-route.js';
import type { Credentials } from '#src/model/settings/endpoint.js';
import { makeAccess } from './access-fixture.js';
import { makeServer } from './server-fixture.js';

const INDEX = '<!doctype html><title>page</title>';
const SCRIPT = 'console.log("page")';

async function servePage(test: TestContext, { built = true, readers = [] as Credentials[] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'sentio-page-'));
  test.after(() => rm(folder, { recursive: true }));
  if (built) {
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), INDEX);
    await writeFile(join(folder, 'assets/main-ABC.js'), SCRIPT);
    await writeFile(join(folder, 'assets/main-ABC.js.gz'), gzipSync(SCRIPT));
  }
  const { app } = makeServer(test);
  app.register(uiRoute, { access: makeAccess({ readers }), folder });
  return app;
}

test('/ is asked for anew each time, and runs nothing but its own assets', async (test) => {
  const app = await servePage(test);
  const response = await app.inject('/');
  assert.equal(response.statusCode, 200);
  assert.equal(response.body, INDEX);
  assert.equal(response.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(response.headers['cache-control'], 'no-cache');
  const policy = String(response.headers['content-security-policy']);
  assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|\*|http/);
});

test('an asset is kept for ever, and compressed for those who can read it', async (test) => {
  const app = await servePage(test);
  const plain = await app.inject('/assets/main-ABC.js');
  assert.equal(plain.body, SCRIPT);
  assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.equal(plain.headers['content-encoding'], undefined);
  const zipped = await app.inject({ url: '/assets/main-ABC.js', headers: { 'accept-encoding': 'br, GZIP;q=0.5' } });
  assert.equal(zipped.headers['content-encoding'], 'gzip');
  assert.equal(zipped.headers['content-type'], 'text/javascript; charset=utf-8');
  assert.equal(gunzipSync(zipped.rawPayload).toString(), SCRIPT);
  assert.notEqual(zipped.headers.etag, plain.headers.etag);
  const refused = await app.inject({ url: '/assets/main-ABC.js', headers: { 'accept-encoding': 'gzip;q=0' } });
  assert.equal(refused.headers['content-encoding'], undefined);
});

test('what the client has already is not sent again', async (test) => {
  const app = await servePage(test);
  const { etag } = (await app.inject('/')).headers;
  for (const known of [`${etag}`, `W/${etag}`, `"other", ${etag}`]) {
    const again = await app.inject({ url: '/', headers: { 'if-none-match': known } });
    assert.equal(again.statusCode, 304, known);
    assert.equal(again.body, '');
  }
  assert.equal((await app.inject({ url: '/', headers: { 'if-none-match': '"other"' } })).statusCode, 200);
});

test('nothing beside the assets is served, whatever the path', async (test) => {
  const app = await servePage(test);
  for (const url of [
    '/assets/',
    '/assets/main-ABC.js.gz',
    '/assets/../index.html',
    '/assets/%2e%2e/index.html',
    '/index.html',
  ]) {
    assert.equal((await app.inject(url)).statusCode, 404, url);
  }
});

test('/ is for readers alone, where there are any', async (test) => {
  const readers = [{ basicAuth: { username: 'ada', password: 'secret' } }] as Credentials[];
  const app = await servePage(test, { readers });
  const refused = await app.inject('/');
  assert.equal(refused.statusCode, 401);
  assert.match(String(refused.headers['www-authenticate']), /^Basic /);
  const authorization = `Basic ${Buffer.from('ada:secret').toString('base64')}`;
  assert.equal((await app.inject({ url: '/', headers: { authorization } })).statusCode, 200);
});

test('where no page has been built, / says so', async (test) => {
  const app = await servePage(test, { built: false });
  const response = await app.inject('/');
  assert.equal(response.statusCode, 503);
  assert.match(response.json().error, /npm run build/);
});
