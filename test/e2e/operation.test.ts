import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { Cleanup, temporaryFolder } from './harness/cleanup.js';
import { startHttpServer } from './harness/http-server.js';
import { skipUnlessInstalled } from './harness/installed.js';
import { getJson } from './harness/json-api.js';
import { fastClock, sendPast } from './harness/loop.js';
import { readMetrics } from './harness/metrics-page.js';
import { freePort } from './harness/port.js';
import { type Receiver, startReceiver } from './harness/receiver.js';
import { type Sentio, serveArguments, startCommand, startSentio, warnings } from './harness/sentio.js';
import { eventually } from './harness/wait.js';
import { Shop } from './harness/workload.js';

const SCRAPE_LABELS = { instance: 'shop:80', job: 'shop' };

describe('sentio serve', { timeout: 180_000 }, () => {
  const cleanup = new Cleanup();
  afterEach(() => cleanup.run());

  /** A Sentio that knows the past of a shop and publishes to a receiver inside the test. */
  async function startFed(receiverOptions: { delayMs?: number } = {}): Promise<{ sentio: Sentio; receiver: Receiver }> {
    const receiver = await startReceiver(cleanup, receiverOptions);
    const sentio = await startSentio(cleanup, fastClock([{ name: 'receiver', url: receiver.writeUrl }]));
    await sendPast(sentio, new Shop(), SCRAPE_LABELS);
    await eventually('a forecast is published', () => receiver.points.has('shop_queue_yhat'));
    return { sentio, receiver };
  }

  it('says when it is ready and healthy', async () => {
    const sentio = await startSentio(cleanup, {});
    for (const path of ['/-/ready', '/-/healthy']) assert.equal((await fetch(sentio.url + path)).status, 200, path);
  });

  it('shows metrics that promtool accepts', { skip: skipUnlessInstalled('promtool') }, async () => {
    const { sentio } = await startFed();
    const { text } = await readMetrics(sentio.url);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  });

  it('lists its series and tells their past, band and future', async () => {
    const { sentio } = await startFed();
    const list = await getJson(`${sentio.url}/api/v1/series`);
    assert.equal(list.status, 'success');
    assert.match(JSON.stringify(list.data), /shop_queue/);

    const nowS = Date.now() / 1_000;
    const parameters = new URLSearchParams({
      'match[]': 'shop_queue',
      start: String(nowS - 60),
      end: String(nowS + 60),
      step: '1',
    });
    const forecast = await getJson(`${sentio.url}/api/v1/forecast?${parameters}`);
    assert.equal(forecast.status, 'success');
    assert.equal((forecast.data as unknown[]).length, 1);
  });

  it('answers a bad query with JSON and 400', async () => {
    const sentio = await startSentio(cleanup, {});
    const address = `${sentio.url}/api/v1/forecast?match[]=${encodeURIComponent('shop_queue{')}`;
    const { httpStatus, status, errorType } = await getJson(address);
    assert.deepEqual({ httpStatus, status, errorType }, { httpStatus: 400, status: 'error', errorType: 'bad_data' });
  });

  it('shows its configuration and logs its work without any secret', async () => {
    const secret = 'opens-every-door';
    const down = `http://127.0.0.1:${await freePort()}/api/v1/write`;
    const sentio = await startSentio(cleanup, {
      ...fastClock([]),
      remote_write: [
        { name: 'basic', url: down, basic_auth: { username: 'sentio', password: secret } },
        { name: 'bearer', url: down, authorization: { credentials: secret } },
        { name: 'query', url: `${down}?token=${secret}` },
        { name: 'header', url: down, headers: { 'X-Api-Key': secret } },
      ],
    });
    await sendPast(sentio, new Shop(), SCRAPE_LABELS);
    await eventually('it has tried to publish', () => warnings(sentio.process).length > 0);
    const shown = await (await fetch(`${sentio.url}/api/v1/status/config`)).text();
    assert.match(shown, /basic_auth/);
    assert.match(shown, /<secret>/);
    const everything = [
      shown,
      ...sentio.process.stdout,
      ...sentio.process.stderr,
      (await readMetrics(sentio.url)).text,
    ];
    assert.ok(
      !everything.some((text) => text.includes(secret)),
      everything.find((text) => text.includes(secret)),
    );
  });

  it('keeps the rings of unchanged rules when it is told to reload', async () => {
    const { sentio, receiver } = await startFed();
    const changed = { ...fastClock([{ name: 'receiver', url: receiver.writeUrl }]) } as { rules: object[] };
    // A new rule before it takes one of its series; the rest of the rule's series are as they were.
    changed.rules.unshift({ ...changed.rules[0], name: 'queue', match: ['shop_queue'], step: '2s' });
    await writeFile(sentio.configFile, JSON.stringify(changed));
    sentio.process.signal('SIGHUP');
    await eventually('the new rule is in force', async () =>
      (await (await fetch(`${sentio.url}/api/v1/status/config`)).text()).includes('queue'),
    );
    const reloadedMs = Date.now();
    // No sample has come since: only a ring that was kept can still be forecast.
    const orders = () => receiver.points.get('shop_orders_yhat') ?? [];
    await eventually('its forecast goes on', () => orders().some(({ timeMs }) => timeMs > reloadedMs + 3_000));
    const recent = orders().filter(({ timeMs }) => timeMs > reloadedMs - 3_000 && timeMs <= reloadedMs + 3_000);
    assert.equal(new Set(recent.map(({ timeMs }) => timeMs)).size, 6, 'a step is missing');
  });

  it('keeps its configuration when the new one is wrong, and says where', async () => {
    const { sentio, receiver } = await startFed();
    const before = await (await fetch(`${sentio.url}/api/v1/status/config`)).text();
    await writeFile(
      sentio.configFile,
      JSON.stringify({ rules: [{ name: 'shop', match: ['{job="shop"}'], stepp: '1s' }] }),
    );
    sentio.process.signal('SIGHUP');
    await eventually('it says so', () => warnings(sentio.process).some((line) => line.includes('stepp')));
    assert.equal(await (await fetch(`${sentio.url}/api/v1/status/config`)).text(), before);
    const count = receiver.points.get('shop_queue_yhat')!.length;
    await eventually('it goes on', () => receiver.points.get('shop_queue_yhat')!.length > count + 1);
  });

  it('reloads over HTTP only where that is allowed', async () => {
    const sentio = await startSentio(cleanup, {});
    assert.equal((await fetch(`${sentio.url}/-/reload`, { method: 'POST' })).status, 403);
    const open = await startSentio(cleanup, {}, ['--web.enable-lifecycle']);
    assert.equal((await fetch(`${open.url}/-/reload`, { method: 'POST' })).status, 200);
    await writeFile(open.configFile, 'rules: 7');
    const refused = await fetch(`${open.url}/-/reload`, { method: 'POST' });
    assert.equal(refused.status, 500);
    assert.match(await refused.text(), /rules/);
  });

  it('does not start with a wrong configuration, and says where it is wrong', async () => {
    const configFile = join(await temporaryFolder(cleanup), 'sentio.yml');
    await writeFile(configFile, 'rules:\n  - name: shop\n    match: [up]\n    step: soon\n');
    const child = startCommand(cleanup, serveArguments(configFile, `127.0.0.1:${await freePort()}`));
    assert.deepEqual(await child.exited, { code: 1, signal: null });
    assert.match([...child.stdout, ...child.stderr].join('\n'), /rules\[0\]\.step.*soon/);
  });

  it('does not start on a port in use, and says which', async () => {
    const address = await startHttpServer(cleanup, (_request, response) => response.end());
    const configFile = join(await temporaryFolder(cleanup), 'sentio.yml');
    await writeFile(configFile, '');
    const child = startCommand(cleanup, serveArguments(configFile, address));
    assert.deepEqual(await child.exited, { code: 1, signal: null });
    const said = [...child.stdout, ...child.stderr].join('\n');
    assert.match(said, /in use/);
    assert.ok(said.includes(address.split(':')[1]!), said);
  });

  it('sends what is due before it obeys SIGTERM', async () => {
    const { sentio, receiver } = await startFed({ delayMs: 1_500 });
    const stopMs = Date.now();
    sentio.process.signal('SIGTERM');
    assert.deepEqual(await sentio.process.exited, { code: 0, signal: null });
    assert.ok(Date.now() - stopMs < 10_000, `it took ${Date.now() - stopMs} ms`);
    assert.equal(receiver.abandoned, 0);
    const last = receiver.points.get('shop_queue_yhat')!.at(-1)!.timeMs;
    assert.ok(last >= stopMs - 1_000, `the last sample is ${stopMs - last} ms older than the signal`);
  });

  it('obeys SIGTERM within ten seconds though its target never answers', async () => {
    const silent = await startHttpServer(cleanup, (request) => void request.resume());
    const sentio = await startSentio(cleanup, fastClock([{ name: 'silent', url: `http://${silent}/api/v1/write` }]));
    await sendPast(sentio, new Shop(), SCRAPE_LABELS);
    await eventually('it has something to send', async () =>
      (await (await fetch(`${sentio.url}/metrics`)).text()).includes('silent'),
    );
    const stopMs = Date.now();
    sentio.process.signal('SIGTERM');
    assert.deepEqual(await sentio.process.exited, { code: 0, signal: null });
    assert.ok(Date.now() - stopMs < 10_000, `it took ${Date.now() - stopMs} ms`);
  });
});
