import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { parse, stringify } from 'yaml';
import { startChild, untilReady } from '../harness/child.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { startHttpServer } from '../harness/http-server.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { freePort } from '../harness/port.js';
import { eventually, HANG_MS } from '../harness/wait.js';
import { alertRules, readText, repositoryPath } from './repository.js';

const CONFIG = 'deploy/alertmanager/alertmanager.yml';
const skip = skipUnlessInstalled('prometheus-alertmanager', 'amtool');

/** A message as the webhook of Alertmanager sends it. */
interface Message {
  readonly receiver: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[];
}

describe('alertmanager.yml', { skip, timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  const messages: Message[] = [];
  let url: string;

  before(async () => {
    const people = await startHttpServer(cleanup, async (request, response) => {
      messages.push((await json(request)) as Message);
      response.writeHead(200).end();
    });
    // The shipped file, on a faster clock, and with somebody to tell.
    const config = parse(readText(CONFIG).replaceAll(/(group_wait|group_interval): \w+/g, '$1: 2s')) as {
      receivers: object[];
    };
    config.receivers = config.receivers.map((receiver) => ({
      ...receiver,
      webhook_configs: [{ url: `http://${people}` }],
    }));
    const folder = await temporaryFolder(cleanup);
    await writeFile(join(folder, 'alertmanager.yml'), stringify(config));
    url = `http://127.0.0.1:${await freePort()}`;
    const alertmanager = startChild(cleanup, 'prometheus-alertmanager', [
      `--config.file=${join(folder, 'alertmanager.yml')}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${url.replace('http://', '')}`,
      '--cluster.listen-address=',
    ]);
    await untilReady(alertmanager, `${url}/-/ready`);
  });
  after(() => cleanup.run());

  const fire = async (alerts: readonly Readonly<Record<string, string>>[]) => {
    const response = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(alerts.map((labels) => ({ labels }))),
      signal: AbortSignal.timeout(5_000),
    });
    assert.equal(response.status, 200, await response.text());
  };
  const notified = (job: string) => messages.filter(({ alerts }) => alerts.some(({ labels }) => labels.job === job));
  const names = (message: Message | undefined) => message?.alerts.map(({ labels }) => labels.alertname).sort();

  it('is accepted by amtool', () => {
    const { status, stdout, stderr } = spawnSync('amtool', ['check-config', repositoryPath(CONFIG)], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout + stderr);
  });

  it('names only alerts that there are', () => {
    const alerts = alertRules().map(({ alert }) => alert);
    const named = [...readText(CONFIG).matchAll(/alertname \S+ "?([\w|]+)/g)].flatMap(([, list = '']) =>
      list.split('|'),
    );
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter((alert) => !alerts.includes(alert)),
      [],
    );
  });

  it('tells an incident that many series feel in one message, and of another job in another', async () => {
    const series = (job: string, instance: string, sentio_metric: string) => ({
      alertname: 'SentioSeriesAnomalous',
      severity: 'warning',
      category: 'anomaly',
      job,
      instance,
      sentio_metric,
    });
    await fire([
      series('web', 'a:80', 'latency'),
      series('web', 'b:80', 'latency'),
      series('web', 'a:80', 'requests_total_rate'),
      series('db', 'c:5432', 'connections'),
    ]);
    await eventually('both jobs are notified', () => notified('web').length > 0 && notified('db').length > 0);
    assert.equal(notified('web').length, 1);
    assert.equal(notified('web')[0]?.alerts.length, 3);
    assert.equal(notified('db')[0]?.alerts.length, 1);
  });

  it('tells a deployment of fifty pods in one message, and an incident of several jobs in one', async () => {
    const ticket = { alertname: 'SentioSeriesAnomalous', severity: 'warning', category: 'anomaly' };
    const page = { alertname: 'SentioIncident', severity: 'critical', category: 'anomaly' };
    await fire([
      { ...page, scope: 'job', job: 'shop', shared: 'service="checkout"' },
      ...Array.from({ length: 50 }, (_, i) => ({
        ...ticket,
        job: 'shop',
        pod: `checkout-${i}`,
        sentio_metric: 'latency',
      })),
      { ...ticket, job: 'till', sentio_metric: 'sales' },
    ]);
    await eventually('both jobs are notified', () => notified('shop').length > 0 && notified('till').length > 0);
    assert.equal(notified('shop').length, 1);
    assert.deepEqual(names(notified('shop')[0]), ['SentioIncident']);
    assert.equal(notified('shop')[0]?.receiver, 'pager');
    assert.deepEqual(names(notified('till')[0]), ['SentioSeriesAnomalous']);
    assert.equal(notified('till')[0]?.receiver, 'tickets');
  });

  it('pages for a single series whose rule does, beside the ticket of another', async () => {
    const series = { category: 'anomaly', job: 'bank' };
    await fire([
      { alertname: 'SentioSeriesPage', severity: 'critical', sentio_metric: 'transfers', ...series },
      { alertname: 'SentioSeriesAnomalous', severity: 'warning', sentio_metric: 'load', ...series },
    ]);
    await eventually('both are notified', () => notified('bank').length > 1);
    const told = notified('bank').map((message) => [message.receiver, ...names(message)!]);
    assert.deepEqual(told.sort(), [
      ['pager', 'SentioSeriesPage'],
      ['tickets', 'SentioSeriesAnomalous'],
    ]);
  });

  it('pages once for a Sentio that is down, without what follows from it', async () => {
    const sentio = { category: 'sentio', job: 'sentio', instance: 's:9201' };
    await fire([
      { alertname: 'SentioDown', severity: 'critical', ...sentio },
      { alertname: 'SentioRefitsLate', severity: 'warning', ...sentio },
      { alertname: 'SentioReloadFailed', severity: 'warning', ...sentio, instance: 'other:9201' },
      { alertname: 'SentioSeriesMissing', severity: 'warning', category: 'missing', job: 'sentio' },
    ]);
    await eventually('Sentio is notified', () => notified('sentio').length > 0);
    const notifiedMs = Date.now();
    // Time for a second message, were there one.
    await eventually('a group interval passes', () => Date.now() > notifiedMs + 3_000);
    const told = notified('sentio').map((message) => [message.receiver, ...names(message)!]);
    assert.deepEqual(told.sort(), [
      ['pager', 'SentioDown'],
      ['tickets', 'SentioReloadFailed'],
    ]);
  });

  it('tells a node that is down in one message, though its series are of several jobs', async () => {
    await fire([
      { alertname: 'SentioIncident', severity: 'critical', category: 'anomaly', scope: 'fleet', shared: 'node="n7"' },
      ...['node', 'kubelet', 'web'].map((job) => ({
        alertname: 'SentioSeriesMissing',
        severity: 'warning',
        category: 'missing',
        job: `${job}-n7`,
      })),
    ]);
    const ofNode = () => messages.filter(({ alerts }) => alerts.some(({ labels }) => labels.scope === 'fleet'));
    await eventually('the incident is notified', () => ofNode().length > 0);
    const notifiedMs = Date.now();
    await eventually('a group interval passes', () => Date.now() > notifiedMs + 3_000);
    assert.equal(ofNode().length, 1);
    assert.deepEqual(
      messages.filter(({ alerts }) => alerts.some(({ labels }) => labels.job?.endsWith('-n7'))),
      [],
    );
  });
});
