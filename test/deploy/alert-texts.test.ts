import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parse } from 'yaml';
import { startChild, untilReady } from '../harness/child.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { freePort } from '../harness/port.js';
import { startPrometheus } from '../harness/prometheus.js';
import { sendSeries } from '../harness/remote-write.js';
import { startVictoriaMetrics } from '../harness/victoria-metrics.js';
import { eventually } from '../harness/wait.js';
import { readText, repositoryPath } from './repository.js';

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The alert of that name at a Prometheus or a vmalert. */
async function alertAt(url: string, name: string): Promise<Alert> {
  return await eventually(`${name} is there`, async () => {
    const { data } = (await getJson(`${url}/api/v1/alerts`)) as { data: { alerts: Alert[] | null } };
    return (data.alerts ?? []).find(({ labels }) => labels.alertname === name) ?? false;
  });
}

const IN_ALARM = { '': 0.8, _yhat: 0.2, _yhat_lower: 0.14, _yhat_upper: 0.265, _anomaly_score: 2 };
const AS_USUAL = { '': 0.1, _yhat: 0.1, _yhat_lower: 0.05, _yhat_upper: 0.15, _anomaly_score: 0.1 };

/** What Sentio publishes of one series, sent every second. */
function sendPublished(
  cleanup: Cleanup,
  writeUrl: string,
  { __name__ = 'cpu_ratio', ...labels }: Readonly<Record<string, string>>,
  values = IN_ALARM,
): void {
  const send = () =>
    sendSeries(
      writeUrl,
      Object.entries(values).map(([suffix, value]) => ({
        labels: { __name__: `${__name__}${suffix}`, ...labels },
        points: [{ timeMs: Math.floor(Date.now() / 1000) * 1000, value }],
      })),
    );
  const timer = setInterval(() => void send().catch(() => {}), 1_000);
  cleanup.add(() => clearInterval(timer));
}

describe('the texts of alerts', { timeout: 60_000 }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  it('say under vmalert what they say under Prometheus', {
    skip: skipUnlessInstalled('victoria-metrics', 'vmalert'),
  }, async () => {
    const victoria = await startVictoriaMetrics(cleanup);
    const { groups } = parse(readText('deploy/prometheus/rules/anomalies.yml'), { merge: true });
    for (const rule of groups[0].rules) delete rule.keep_firing_for; // which Debian's vmalert does not know yet
    const file = join(await temporaryFolder(cleanup), 'rules.yml');
    await writeFile(file, JSON.stringify({ groups }));
    const address = `127.0.0.1:${await freePort()}`;
    const vmalert = startChild(cleanup, 'vmalert', [
      `-rule=${file}`,
      `-datasource.url=${victoria.url}`,
      '-notifier.url=http://127.0.0.1:1',
      '-evaluationInterval=1s',
      `-httpListenAddr=${address}`,
      '-loggerFormat=json',
    ]);
    await untilReady(vmalert, `http://${address}/health`);
    const writeUrl = `${victoria.url}/api/v1/write`;
    sendPublished(cleanup, writeUrl, { job: 'docker', container_name: 'db', 'k8s.pod.name': 'db-0' });
    sendPublished(cleanup, writeUrl, { job: 'docker', container_name: 'db', 'k8s.pod.name': 'db-1' }, AS_USUAL);
    const { annotations } = await alertAt(`http://${address}`, 'SentioSeriesAnomalous');
    assert.equal(annotations.summary, 'cpu_ratio of db is unusual');
    assert.match(annotations.description!, /now 80%, expected 20%, interval 14% to 26\.5%\.$/);
    assert.match(
      annotations.dashboard_url!,
      /var-series=container_name%3D%22db%22%2Cjob%3D%22docker%22%2C%22k8s.pod.name%22%3D%22db-0%22$/,
    );
  });

  it('say all of a series whose labels have dots, and of no other, and link to it with quotes', {
    skip: skipUnlessInstalled('prometheus'),
  }, async () => {
    const { url } = await startPrometheus(cleanup, {
      ruleFiles: [repositoryPath('deploy/prometheus/rules/anomalies.yml')],
    });
    // Prometheus 2.42 stores such names, but cannot parse them in a query.
    sendPublished(cleanup, `${url}/api/v1/write`, { job: 'otel', 'k8s.pod.name': 'db "0"' });
    sendPublished(cleanup, `${url}/api/v1/write`, { job: 'otel', 'k8s.pod.name': 'db "1"' }, AS_USUAL);
    const { annotations } = await alertAt(url, 'SentioSeriesAnomalous');
    assert.equal(annotations.summary, 'cpu_ratio of db "0" is unusual');
    assert.match(annotations.description!, /now 80%, expected 20%, interval 14% to 26\.5%\.$/);
    const link = new URL(annotations.dashboard_url!);
    assert.equal(link.searchParams.get('var-series'), String.raw`job="otel","k8s.pod.name"="db \"0\""`);
  });

  it('say all of a series whose name has dots, and nothing of one whose name has other letters there', {
    skip: skipUnlessInstalled('prometheus'),
  }, async () => {
    const { url } = await startPrometheus(cleanup, {
      ruleFiles: [repositoryPath('deploy/prometheus/rules/anomalies.yml')],
    });
    sendPublished(cleanup, `${url}/api/v1/write`, { __name__: 'host.cpu_ratio', job: 'otel' });
    sendPublished(cleanup, `${url}/api/v1/write`, { __name__: 'host_cpu_ratio', job: 'otel' }, AS_USUAL);
    const { annotations } = await alertAt(url, 'SentioSeriesAnomalous');
    assert.equal(annotations.summary, 'host.cpu_ratio of otel is unusual');
    assert.match(annotations.description!, /now 80%, expected 20%, interval 14% to 26\.5%\.$/);
  });
});
