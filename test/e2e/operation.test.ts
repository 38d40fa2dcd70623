import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { untilReady } from '../harness/child.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { startHttpServer } from '../harness/http-server.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { fastClock, sendPast } from '../harness/loop.js';
import { readMetrics } from '../harness/metrics-page.js';
import { freePort } from '../harness/port.js';
import { type Receiver, startReceiver } from '../harness/receiver.js';
import { sendSeries } from '../harness/remote-write.js';
import { type Sentio, serveArguments, startCommand, startSentio, warnings } from '../harness/sentio.js';
import { longestGapMs } from '../harness/stored-samples.js';
import { eventually, HANG_MS } from '../harness/wait.js';
import { Shop } from '../harness/workload.js';

/** What `/api/v1/series` tells of a series. */
interface SeriesReport {
  readonly metric: Readonly<Record<string, string>>;
  readonly rule: string;
  readonly aggregate: string;
  readonly step: number;
  readonly state: 'learning' | 'forecasting' | 'ended';
  readonly fit?: { readonly optimizer: string; readonly points: number; readonly time: number };
}

/** What `/api/v1/forecast` tells of a fitted series, in columns. */
interface SeriesForecast extends SeriesReport {
  readonly observed: { readonly times: number[]; readonly values: number[]; readonly anomaly_score: number[] };
  readonly forecast: {
    readonly times: number[];
    readonly yhat: number[];
    readonly yhat_lower: number[];
    readonly yhat_upper: number[];
  };
}

const SCRAPE_LABELS = { instance: 'shop:80', job: 'shop' };

describe('sentio serve', { timeout: HANG_MS }, () => {
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

  it('runs without a configuration file: takes every series, keeps forecasts to itself, and says so', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const child = startCommand(cleanup, ['serve', `--web.listen-address=${address}`, '--log.format=json']);
    await untilReady(child, `http://${address}/-/ready`);
    assert.match(warnings(child).join('\n'), /no remote_write target/);
    const nowMs = Date.now();
    const points = Array.from({ length: 60 }, (_, i) => ({ timeMs: nowMs - (60 - i) * 60_000, value: 5 + (i % 3) }));
    await sendSeries(`http://${address}/api/v1/write`, [{ labels: { __name__: 'anything', at: 'all' }, points }]);
    const series = await eventually('it is forecast', async () => {
      const { data } = await getJson(`http://${address}/api/v1/series`);
      const [report] = data as SeriesReport[];
      return report?.state === 'forecasting' && report;
    });
    assert.deepEqual(
      { metric: series.metric, rule: series.rule },
      { metric: { __name__: 'anything', at: 'all' }, rule: 'default' },
    );
    const { data } = await getJson(`http://${address}/api/v1/forecast?match[]=anything&start=${nowMs / 1_000 + 3_600}`);
    const [yhat] = (data as SeriesForecast[])[0]!.forecast.yhat;
    assert.ok(yhat !== undefined && yhat > 4 && yhat < 8, `yhat ${yhat} in an hour`);
  });

  it('shows metrics that promtool accepts', { skip: skipUnlessInstalled('promtool') }, async () => {
    const { sentio } = await startFed();
    const { text } = await readMetrics(sentio.url);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  });

  it('lists its series and tells their past, interval and future', async () => {
    const shop = new Shop();
    const { sentio } = await startFed();
    const list = await eventually('the whole past has been fitted', async () => {
      const { data } = await getJson(`${sentio.url}/api/v1/series`);
      const reports = data as SeriesReport[];
      return reports.length === shop.series.length && reports.every(({ fit }) => fit && fit.points >= 800) && reports;
    });
    const queue = list.find(({ metric }) => metric.__name__ === 'shop_queue')!;
    assert.deepEqual(queue.metric, { __name__: 'shop_queue', ...SCRAPE_LABELS });
    const { rule, aggregate, step, state } = queue;
    assert.deepEqual(
      { rule, aggregate, step, state },
      { rule: 'shop', aggregate: 'mean', step: 1, state: 'forecasting' },
    );

    const startS = Math.floor(Date.now() / 1_000) - 60;
    const times = Array.from({ length: 121 }, (_, i) => startS + i);
    const parameters = new URLSearchParams({
      'match[]': 'shop_queue',
      start: String(startS),
      end: String(startS + 120),
    });
    const { data } = await getJson(`${sentio.url}/api/v1/forecast?${parameters}&step=1s`);
    assert.equal((data as unknown[]).length, 1);
    const { metric, observed, forecast } = (data as SeriesForecast[])[0]!;
    assert.deepEqual(metric, queue.metric);

    assert.deepEqual(forecast.times, times);
    const expected = shop.series.find(({ name }) => name === 'shop_queue')!;
    for (const [i, timeS] of times.entries()) {
      const { yhat, yhat_lower: lower, yhat_upper: upper } = forecast;
      assert.ok(lower[i]! < yhat[i]! && yhat[i]! < upper[i]!, `${lower[i]} < ${yhat[i]} < ${upper[i]} at ${timeS}`);
      // The noise, at most 3.5, and what the model misses; the daily shape swings by 6.
      const value = expected.valueAt(timeS * 1_000)!;
      assert.ok(Math.abs(yhat[i]! - value) < 5, `yhat ${yhat[i]} at ${timeS}, where ${value} comes`);
    }

    // A step of a second is told at its midpoint.
    assert.ok(observed.times.length >= 50, `${observed.times.length} observed steps of the last minute`);
    for (const [i, timeS] of observed.times.entries()) {
      assert.equal(observed.values[i], expected.valueAt(Math.floor(timeS) * 1_000));
      assert.ok(
        observed.anomaly_score[i]! >= 0 && observed.anomaly_score[i]! < 3,
        `score ${observed.anomaly_score[i]}`,
      );
    }
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
    assert.match(shown, /token=<secret>/);
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
    const orders = () => new Set(receiver.points.get('shop_orders_yhat')?.map(({ timeMs }) => timeMs));
    await eventually('more than one step of its orders is forecast', () => orders().size > 3);
    const changed = { ...fastClock([{ name: 'receiver', url: receiver.writeUrl }]) } as { rules: object[] };
    // A new rule before it takes one of its series; the rest of the rule's series are as they were.
    changed.rules.unshift({ ...changed.rules[0], name: 'queue', match: ['shop_queue'], step: '2s' });
    await writeFile(sentio.configFile, JSON.stringify(changed));
    const loadedAt = async () =>
      (await readMetrics(sentio.url)).sum('sentio_config_last_reload_success_timestamp_seconds')!;
    const before = await loadedAt();
    sentio.process.signal('SIGHUP');
    // The configuration says so at once, and its series follow.
    await eventually('the new rule is in force', async () => (await loadedAt()) > before);
    const reloadedMs = Date.now();
    // No sample has come since: only a ring that was kept can still be forecast.
    await eventually('its forecast goes on', () => Math.max(...orders()) > reloadedMs + 3_000);
    const times = [...orders()].sort((a, b) => a - b).map((timeMs) => ({ timeMs }));
    assert.equal(longestGapMs(times), 1_000);
    const [queue] = (await getJson(`${sentio.url}/api/v1/series?match[]=shop_queue`)).data as SeriesReport[];
    assert.deepEqual({ rule: queue?.rule, step: queue?.step }, { rule: 'queue', step: 2 });
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
    const open = await startSentio(cleanup, {}, { flags: ['--web.enable-lifecycle'] });
    assert.equal((await fetch(`${open.url}/-/reload`, { method: 'POST' })).status, 200);
    await writeFile(open.configFile, 'rules: 7');
    const refused = await fetch(`${open.url}/-/reload`, { method: 'POST' });
    assert.equal(refused.status, 500);
    assert.match(await refused.text(), /rules/);
    // Said once, in words, and with no stack: it is no fault of the code.
    const [reason, ...more] = warnings(open.process)
      .filter((line) => line.includes('reload') || line.includes('request'))
      .map((line) => JSON.parse(line) as { err?: object; problems: string[] });
    assert.deepEqual(more, []);
    assert.equal(reason!.err, undefined);
    assert.match(reason!.problems.join(), /^1:1: rules: must be a list, got 7; for example/);
  });

  it('does not start with a wrong configuration, and says where it is wrong', { timeout: HANG_MS }, async () => {
    const configFile = join(await temporaryFolder(cleanup), 'sentio.yml');
    await writeFile(configFile, 'rules:\n  - name: shop\n    match: [up]\n    step: soon\n');
    const child = startCommand(cleanup, serveArguments(configFile, `127.0.0.1:${await freePort()}`));
    assert.deepEqual(await child.exited, { code: 1, signal: null });
    assert.match([...child.stdout, ...child.stderr].join('\n'), /rules\[0\]\.step.*soon/);
  });

  it('does not start on a port in use, and says which', { timeout: HANG_MS }, async () => {
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
    const received = () => receiver.points.get('shop_queue_yhat')!.length;
    const receivedBefore = received();
    sentio.process.signal('SIGTERM');
    assert.deepEqual(await sentio.process.exited, { code: 0, signal: null });
    assert.equal(receiver.abandoned, 0);
    // The receiver takes longer over an answer than an evaluation is apart from the next.
    assert.ok(received() > receivedBefore, `${received()} samples`);
    assert.doesNotMatch(sentio.process.stderr.join('\n'), /samples lost/);
  });

  it('obeys SIGTERM though its target never answers, and says what is lost', async () => {
    const silent = await startHttpServer(cleanup, (request) => void request.resume());
    const sentio = await startSentio(cleanup, fastClock([{ name: 'silent', url: `http://${silent}/api/v1/write` }]));
    await sendPast(sentio, new Shop(), SCRAPE_LABELS);
    await eventually('samples wait for it', async () => {
      const metrics = await readMetrics(sentio.url);
      return metrics.sum('sentio_remote_write_queue_samples', { target: 'silent' })! > 0;
    });
    sentio.process.signal('SIGTERM');
    assert.deepEqual(await sentio.process.exited, { code: 0, signal: null });
    assert.match(sentio.process.stderr.join('\n'), /remote_write samples lost: shutdown/);
  });
});
