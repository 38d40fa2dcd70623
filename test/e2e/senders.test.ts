import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { Cleanup } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { EXTERNAL_LABELS, fastClock, sendPast } from '../harness/loop.js';
import { freePort } from '../harness/port.js';
import { complaints, startPrometheus } from '../harness/prometheus.js';
import { startPrometheusAgent } from '../harness/prometheus-agent.js';
import { query } from '../harness/promql.js';
import { sendSeries } from '../harness/remote-write.js';
import { startScrapeTarget } from '../harness/scrape-target.js';
import { type Sentio, startSentio } from '../harness/sentio.js';
import { eventually, HANG_MS } from '../harness/wait.js';
import { Shop } from '../harness/workload.js';

interface Listed {
  readonly data: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly aggregate: string;
    readonly aggregate_by: string;
  }[];
}

const listed = async (sentio: Sentio, selector: string) =>
  ((await getJson(`${sentio.url}/api/v1/series?match[]=${encodeURIComponent(selector)}`)) as Listed).data;

describe('Prometheus in agent mode', { skip: skipUnlessInstalled('prometheus'), timeout: HANG_MS }, () => {
  it('sends samples and types, and passes forecasts on to the store behind it', async (t) => {
    const cleanup = new Cleanup();
    t.after(() => cleanup.run());
    const shop = new Shop();
    const instance = await startScrapeTarget(cleanup, shop.series);
    const store = await startPrometheus(cleanup);
    const port = await freePort();
    const sentio = await startSentio(cleanup, fastClock([{ url: `http://127.0.0.1:${port}/api/v1/write` }]));
    await sendPast(sentio, shop, { instance, job: 'shop' });
    const agent = await startPrometheusAgent(cleanup, {
      port,
      scrapeTargets: [instance],
      externalLabels: EXTERNAL_LABELS,
      remoteWrite: [
        {
          url: sentio.writeUrl,
          write_relabel_configs: [
            { source_labels: ['__name__'], regex: 'shop_[a-z]+|shop_requests_total', action: 'keep' },
          ],
        },
        { url: `${store.url}/api/v1/write` },
      ],
    });
    await eventually('a type has come', async () =>
      (await listed(sentio, 'shop_requests_total')).some((series) => series.aggregate_by === 'type'),
    );
    assert.deepEqual(
      (await listed(sentio, 'shop_queue')).map(({ aggregate, aggregate_by }) => [aggregate, aggregate_by]),
      [['mean', 'type']],
    );
    await eventually('forecasts and scores have passed', async () => {
      const [forecast, score] = await Promise.all(
        ['shop_queue_yhat', 'shop_queue_anomaly_score'].map((name) => query(store.url, `${name}{horizon=""}`)),
      );
      return forecast!.length === 1 && score!.length === 1;
    });
    assert.deepEqual(complaints(agent.process), []);
  });
});

test('a sender without types, out of order and with names as OpenTelemetry has them is understood', async (t) => {
  const cleanup = new Cleanup();
  t.after(() => cleanup.run());
  const sentio = await startSentio(cleanup, {
    remote_write: [{ url: `http://127.0.0.1:${await freePort()}/api/v1/write` }],
    rules: [{ name: 'all', match: ['{__name__=~".+"}'] }],
  });
  const nowMs = Math.floor(Date.now() / 60_000) * 60_000;
  const shuffled = (valueAt: (minute: number) => number) => {
    const points = Array.from({ length: 90 }, (_, i) => ({ timeMs: nowMs - (90 - i) * 60_000, value: valueAt(i) }));
    return [...points.filter((_, i) => i % 2 === 0), ...points.filter((_, i) => i % 2 === 1)];
  };
  await sendSeries(sentio.writeUrl, [
    { labels: { __name__: 'http.server.requests', 'k8s.pod.name': 'a' }, points: shuffled((i) => 5000 + 120 * i) },
    { labels: { __name__: 'mem_swap_total' }, points: shuffled((i) => 8e9 + 1e9 * Math.sin(i)) },
    { labels: { __name__: 'queue_messages_count' }, points: shuffled((i) => 40 + 10 * Math.sin(i / 5)) },
  ]);
  const found = await listed(sentio, '{__name__=~".+"}');
  assert.deepEqual(
    Object.fromEntries(
      found.map(({ metric, aggregate, aggregate_by }) => [metric.__name__, [aggregate, aggregate_by]]),
    ),
    {
      'http.server.requests': ['rate', 'behavior'],
      mem_swap_total: ['mean', 'behavior'],
      queue_messages_count: ['mean', 'name'],
    },
  );
});
