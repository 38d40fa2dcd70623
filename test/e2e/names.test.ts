import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Cleanup } from '../harness/cleanup.js';
import { startForwardProxy } from '../harness/forward-proxy.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { complaints, startPrometheus } from '../harness/prometheus.js';
import { queryValue } from '../harness/promql.js';
import { startScrapeTarget } from '../harness/scrape-target.js';
import { startSentio } from '../harness/sentio.js';
import { eventually, HANG_MS } from '../harness/wait.js';
import { sendRaw } from '../http/raw-request.js';

/** What Prometheus may call Sentio: a service of compose, one of Kubernetes, a pod of it, a name in DNS. */
const NAMES = ['sentio', 'sentio.monitoring.svc', 'sentio-0.sentio.monitoring.svc.cluster.local', 'sentio.example.com'];

describe('a Sentio without logins', { skip: skipUnlessInstalled('prometheus'), timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  it('is written to, read and scraped by a Prometheus that calls it by any name, and shows its page under a name without a dot alone', async () => {
    const sentio = await startSentio(cleanup, {});
    const address = new URL(sentio.url).host;
    const proxy = await startForwardProxy(cleanup, address);
    const target = await startScrapeTarget(cleanup, [{ name: 'queue', type: 'gauge', labels: {}, valueAt: () => 1 }]);
    const prometheus = await startPrometheus(cleanup, {
      configuration: {
        global: { scrape_interval: '1s', scrape_timeout: '1s' },
        scrape_configs: [
          { job_name: 'shop', static_configs: [{ targets: [target] }] },
          {
            job_name: 'sentio',
            proxy_url: proxy.url,
            static_configs: [{ targets: NAMES.map((name) => `${name}:9201`) }],
          },
        ],
        remote_write: NAMES.map((name) => ({
          url: `http://${name}:9201/api/v1/write`,
          name,
          proxy_url: proxy.url,
          write_relabel_configs: [
            { source_labels: ['__name__'], regex: 'queue', action: 'keep' },
            { target_label: 'way', replacement: name },
          ],
          queue_config: { batch_send_deadline: '200ms' },
        })),
        remote_read: NAMES.map((name) => ({
          url: `http://${name}:9201/api/v1/read`,
          name,
          proxy_url: proxy.url,
          read_recent: true,
        })),
      },
    });
    await eventually('samples have come under every name', async () => {
      const { data } = (await getJson(`${sentio.url}/api/v1/series`)) as { data: { metric: { way?: string } }[] };
      return NAMES.every((name) => data.some(({ metric }) => metric.way === name));
    });
    await eventually('every name is scraped', async () => {
      return (await queryValue(prometheus.url, 'sum(up{job="sentio"})')) === NAMES.length;
    });
    for (const name of NAMES) assert.ok(proxy.passed.includes(`POST ${name}:9201`), name);
    assert.deepEqual(complaints(prometheus.process), []);
    const pages = NAMES.map((name) =>
      sendRaw(Number(address.split(':')[1]), [`GET / HTTP/1.1\r\nhost: ${name}\r\n\r\n`]),
    );
    assert.deepEqual(
      (await Promise.all(pages)).map(({ status }) => status),
      [200, 421, 421, 421],
    );
  });
});
