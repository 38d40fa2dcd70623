import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { withForecastMetric } from '#grafana/promql.js';
import { Cleanup, temporaryFolder } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { fastClock, SHIPPED_WRITE_RELABEL_CONFIGS } from '../harness/loop.js';
import { freePort } from '../harness/port.js';
import { complaints, type Prometheus, startPrometheus } from '../harness/prometheus.js';
import { query, queryRange } from '../harness/promql.js';
import { sendSeries } from '../harness/remote-write.js';
import { startScrapeTarget } from '../harness/scrape-target.js';
import { type Sentio, startSentio } from '../harness/sentio.js';
import { eventually, HANG_MS } from '../harness/wait.js';
import { DAY_MS, Shop, type WorkloadSeries } from '../harness/workload.js';
import { interpolate, resolveVariables, type Values } from './grafana-variables.js';
import { alertRules, committedDashboards, filesIn, repositoryPath } from './repository.js';

const skip = skipUnlessInstalled('prometheus');

/** What has no data in this test, and why; everything else must have some. */
const NO_DATA: Readonly<Record<string, string>> = {
  '{__name__=~".+_anomaly_kind", sentio_severity="page"}': 'no rule here pages',
  sentio_interval_coverage_ratio: 'a rule has a coverage only after many steps',
  sentio_interval_nominal_ratio: 'beside the coverage',
  'ALERTS{alertname="SentioForecastPeakOverLimit", alertstate="firing"}': 'no Prometheus here evaluates the rule',
  sentio_incident_series: 'nothing happens here to several series',
  'sentio_series_missing{sentio_reason="gap", sentio_mute=""}': 'nothing falls silent here without a stale marker',
};

/** The clock of this test runs faster than the one that dashboards and rules are made for. */
function onFastClock(expression: string): string {
  return expression
    .replaceAll('[1h:1m]', '[5m:1s]')
    .replaceAll('offset 1m', 'offset 1s')
    .replaceAll('$__rate_interval', '10s')
    .replaceAll('$__range', '10m');
}

/** What `docker` and `node` of the forecast alerts would send, at their limits. */
const FULL: readonly WorkloadSeries[] = [
  {
    name: 'docker_container_mem_usage_percent',
    type: 'gauge',
    labels: { container_name: 'db' },
    valueAt: (timeMs) => 95 + Math.sin(timeMs),
  },
  {
    name: 'node_filesystem_avail_bytes',
    type: 'gauge',
    labels: { device: 'sda1', mountpoint: '/' },
    valueAt: () => 0,
  },
];

/** Not what Prometheus counts of its scrapes: one series less is an anomaly there. */
const WATCHED = '{job="shop", __name__!~"scrape_.+"}';

describe('every expression that is shipped', { skip, timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  const dashboards = committedDashboards();
  let prometheus: Prometheus;
  let sentio: Sentio;
  /** From before the queue is ten times as long as it should be, to the horizon. */
  let incident: { startMs: number; endMs: number; stepMs: number };

  before(async () => {
    const nowMs = Math.floor(Date.now() / 1_000) * 1_000;
    const shop = new Shop();
    const workload = [...shop.series, ...FULL];
    const target = await startScrapeTarget(cleanup, workload);
    const port = await freePort();
    const address = `http://127.0.0.1:${port}`;
    const [rule] = (fastClock([]) as { rules: object[] }).rules;
    sentio = await startSentio(
      cleanup,
      {
        remote_write: [{ name: 'prometheus', url: `${address}/api/v1/write` }],
        remote_read: [{ name: 'prometheus', url: `${address}/api/v1/read` }],
        engine: { snapshot_interval: '5s' },
        rules: [
          { ...rule, name: 'disks', match: ['node_filesystem_avail_bytes'], limits: { min: 0 }, missing_after: '4s' },
          { ...rule, match: [WATCHED], horizons: ['5m'], horizon: '10m', missing_after: '4s' },
        ],
      },
      { flags: [`--storage.path=${await temporaryFolder(cleanup)}`] },
    );
    await sendSeries(
      sentio.writeUrl,
      workload.map(({ name, labels, valueAt }) => ({
        labels: { __name__: name, ...labels, instance: target, job: 'shop' },
        points: Array.from({ length: (15 * DAY_MS) / 1_000 }, (_, i) => nowMs - 15 * DAY_MS + i * 1_000).map(
          (timeMs) => ({
            timeMs,
            value: valueAt(timeMs) ?? Number.NaN,
          }),
        ),
      })),
    );
    prometheus = await startPrometheus(cleanup, {
      port,
      scrapeTargets: [target],
      jobs: { sentio: [sentio.url.replace('http://', '')] },
      remoteWriteUrl: sentio.writeUrl,
      writeRelabelConfigs: SHIPPED_WRITE_RELABEL_CONFIGS,
      remoteRead: [{ url: `${sentio.url}/api/v1/read`, read_recent: true, required_matchers: { sentio: 'forecast' } }],
      ruleFiles: filesIn('deploy/prometheus/rules', '.yml').map(repositoryPath),
    });
    await eventually(
      'forecasts have come',
      async () => (await query(prometheus.url, 'shop_queue - shop_queue_yhat')).length === 1,
    );
    // So many samples it takes until Sentio knows how often one comes.
    const count = async () =>
      (await query(prometheus.url, 'count_over_time(shop_worker_load[5m])'))[0]?.points.at(-1)?.value ?? 0;
    await eventually('the worker is known', async () => (await count()) > 35);
    shop.workerEndMs = Date.now();
    await eventually(
      'the worker is missing',
      async () => (await query(prometheus.url, 'sentio_series_missing')).length === 1,
    );
    const startMs = Date.now();
    shop.spike = { startMs, endMs: Number.POSITIVE_INFINITY };
    await eventually(
      'the queue scores over 1',
      async () => (await query(prometheus.url, 'shop_queue_anomaly_score > 1')).length === 1,
    );
    incident = { startMs: startMs - 5_000, endMs: Date.now() + 600_000, stepMs: 1_000 };
  });
  after(() => cleanup.run());

  const emptyPanels = async (file: string, values: Values): Promise<string[]> => {
    const empty: string[] = [];
    for (const { title, targets } of dashboards.get(file)!.panels) {
      for (const { refId, expr, datasource } of targets) {
        const asked = interpolate(onFastClock(expr), values);
        // What Grafana takes for All is a value, not a variable.
        assert.doesNotMatch(asked.replaceAll('$$__all', ''), /\$\{?[a-z_]/, `${title} ${refId}: not interpolated`);
        const isOfSentio = datasource?.uid === '${sentio_datasource}';
        const url = isOfSentio ? `${sentio.url}/prometheus` : prometheus.url;
        const series = await queryRange(url, asked, incident);
        if (series.every(({ points }) => points.length === 0)) empty.push(asked);
      }
    }
    return empty.filter((asked) => !Object.keys(NO_DATA).some((name) => asked.includes(name)));
  };
  const resolve = (file: string, chosen: Values) => {
    const { templating, ...dashboard } = dashboards.get(file)!;
    const list = templating.list.map((variable) =>
      typeof variable.query === 'object'
        ? { ...variable, query: { query: onFastClock(variable.query.query) } }
        : variable,
    );
    return resolveVariables(prometheus.url, { ...dashboard, templating: { list } }, chosen);
  };

  it('gives data, on the Forecast dashboard of a gauge', async () => {
    const { values, choices } = await resolve('forecast.json', { metric: 'shop_queue' });
    assert.ok(choices.metric?.includes('shop_queue') && choices.metric.includes('shop_requests_total_rate'));
    assert.deepEqual(choices.container_name, []);
    assert.equal(choices.series?.length, 1);
    assert.deepEqual(await emptyPanels('forecast.json', values), []);
  });

  it('gives data, on the Forecast dashboard of a container', async () => {
    const chosen = { metric: 'docker_container_mem_usage_percent' };
    const { values, choices } = await resolve('forecast.json', chosen);
    assert.deepEqual(choices.container_name, ['db']);
    assert.match(choices.series?.[0] ?? '', /^container_name="db",instance="[^"]+",job="shop"$/);
    const empty = await emptyPanels('forecast.json', values);
    assert.ok(empty.length <= 1 && empty.every((asked) => asked.includes('anomaly_score')), `${empty}`);
  });

  it('gives data, on the Forecast dashboard of a counter', async () => {
    const { values } = await resolve('forecast.json', { metric: 'shop_requests_total_rate' });
    const empty = await emptyPanels('forecast.json', values);
    assert.ok(empty.length <= 1 && empty.every((asked) => asked.includes('anomaly_score')), `${empty}`);
  });

  it("links to the series on Sentio's page, whose components it shows", async () => {
    for (const metric of ['shop_queue', 'shop_requests_total_rate']) {
      const { values } = await resolve('forecast.json', { metric, sentio: sentio.url });
      const [link] = dashboards.get('forecast.json')!.links!;
      const page = new URL(interpolate(link!.url, values));
      assert.equal(page.origin, sentio.url);
      const asked = new URLSearchParams({
        'match[]': page.searchParams.get('series')!,
        exact: 'true',
        components: 'true',
      });
      const { data } = await getJson(`${sentio.url}/api/v1/forecast?${asked}`);
      assert.deepEqual(
        (data as { metric: Record<string, string> }[]).map((series) => series.metric.__name__),
        [metric.replace('_total_rate', '_total')],
      );
    }
  });

  it('draws the future where nothing is published yet, and not before', async () => {
    const { values } = await resolve('forecast.json', { metric: 'shop_queue' });
    const [panel] = dashboards.get('forecast.json')!.panels;
    const { expr = '' } = panel?.targets.find(({ legendFormat }) => legendFormat === 'future') ?? {};
    const nowMs = Date.now();
    const range = { startMs: nowMs - 1_000, endMs: nowMs + 900_000, stepMs: 1_000 };
    const [future] = await queryRange(prometheus.url, interpolate(expr, values), range);
    const times = future?.points.map(({ timeMs }) => timeMs) ?? [];
    // What is published is seen for the five minutes of PromQL's lookback; the horizon is ten minutes.
    assert.ok(times[0]! > nowMs + 290_000 && times[0]! < nowMs + 310_000, `from ${times[0]! - nowMs}`);
    assert.ok(times.at(-1)! > nowMs + 590_000, `until ${times.at(-1)! - nowMs}`);
  });

  it('gives data, on the Fleet dashboard', async () => {
    const { values, choices } = await resolve('fleet.json', {});
    assert.ok(choices.metric?.includes('shop_queue'));
    assert.deepEqual(choices.job, ['shop']);
    assert.deepEqual(await emptyPanels('fleet.json', values), []);
  });

  it('names what is missing as its forecast is named, on the Fleet dashboard', async () => {
    const { values } = await resolve('fleet.json', {});
    const panel = dashboards.get('fleet.json')!.panels.find(({ title }) => title === 'What is missing now');
    const [missing, ...others] = await query(prometheus.url, interpolate(panel!.targets[0]!.expr, values));
    assert.deepEqual(others, []);
    assert.deepEqual([missing!.labels.metric, missing!.labels.sentio_reason], ['shop_worker_load', 'stale']);
    const counter = 'label_replace(vector(1), "sentio_metric", "shop_requests_total", "", "")';
    const [rate] = await query(prometheus.url, withForecastMetric(counter));
    assert.equal(rate!.labels.metric, 'shop_requests_total_rate');
  });

  it('gives data, on the Future dashboard: the past from Prometheus, the future from Sentio', async () => {
    for (const metric of ['shop_queue', 'shop_requests_total_rate']) {
      const { values } = await resolve('future.json', { metric });
      assert.deepEqual(await emptyPanels('future.json', values), []);
      const target = dashboards
        .get('future.json')!
        .panels[0]!.targets.find(({ legendFormat }) => legendFormat === 'forecast')!;
      const [forecast, ...others] = await queryRange(
        `${sentio.url}/prometheus`,
        interpolate(target.expr, values),
        incident,
      );
      assert.deepEqual(others, []);
      assert.ok(forecast!.points.at(-1)!.timeMs > Date.now() + 500_000);
    }
  });

  it('marks the alarm as an annotation, with its kind', async () => {
    for (const [file, chosen] of [
      ['forecast.json', { metric: 'shop_queue' }],
      ['fleet.json', {}],
      ['future.json', { metric: 'shop_queue' }],
    ] as const) {
      const { values } = await resolve(file, chosen);
      const { expr = '' } = dashboards.get(file)!.annotations?.list?.find(({ name }) => name === 'Alarms') ?? {};
      const found = await queryRange(prometheus.url, interpolate(expr, values), incident);
      const kinds = found.map(({ labels }) => labels.sentio_kind);
      assert.ok(kinds.includes('value') || kinds.includes('jump'), `${file}: ${kinds}`);
    }
  });

  it('leads from a row of the Fleet dashboard to its series, and leaves labels that it lacks at All', async () => {
    const { values } = await resolve('fleet.json', {});
    const panel = dashboards.get('fleet.json')!.panels.find(({ title }) => title === 'What is anomalous now')!;
    const rows = await query(prometheus.url, interpolate(panel.targets[0]!.expr, values));
    const { labels } = rows.find((row) => row.labels.metric === 'shop_queue')!;
    assert.deepEqual([labels.to_instance, labels.to_pod, labels.to_namespace], [labels.instance, '$__all', '$__all']);
    assert.deepEqual([labels.to_job, labels.to_device], [labels.job, '.*']);
    const link = JSON.stringify(panel.fieldConfig.overrides);
    for (const label of ['instance', 'pod', 'namespace', 'service'])
      assert.ok(link.includes(`var-${label}=\${__data.fields.to_${label}:`));
  });

  it('gives data, on the dashboard of Sentio itself', async () => {
    const { values, choices } = await resolve('itself.json', {});
    assert.deepEqual(choices.job, ['sentio']);
    assert.equal(choices.instance?.length, 1);
    assert.deepEqual(await emptyPanels('itself.json', values), []);
  });

  it('finds the series that the alerts look at', async () => {
    const empty: string[] = [];
    for (const { alert, expr } of alertRules()) {
      for (const selector of selectors(expr)) {
        const asked = selector.includes('sentio="forecast"')
          ? `${selector} offset -5m`
          : `last_over_time(${selector}[2m])`;
        if (!(selector in NO_DATA) && (await query(prometheus.url, asked)).length === 0)
          empty.push(`${alert}: ${selector}`);
      }
    }
    assert.deepEqual(empty, []);
  });

  it('fires where it should: an anomaly, and three forecasts', async () => {
    const rules = alertRules();
    const firing = async (alert: string) => {
      const { expr } = rules.find((rule) => rule.alert === alert)!;
      return eventually(`${alert} has something to say`, async () => {
        const found = await query(prometheus.url, expr);
        return found.length > 0 && found;
      });
    };
    // Where the machine is slow, scrapes come late, and the rate of the counter may be unusual too.
    const anomalous = await firing('SentioSeriesAnomalous');
    assert.ok(
      anomalous.some(({ labels }) => labels.sentio_metric === 'shop_queue'),
      JSON.stringify(anomalous),
    );
    for (const alert of ['SentioForecastOverLimit', 'SentioLimitWithinHours', 'SentioForecastPeakOverLimit']) {
      const series = await firing(alert);
      assert.equal(series.length, 1, `${alert}: ${JSON.stringify(series)}`);
    }
  });

  it('is evaluated by Prometheus without complaint', async () => {
    const { data } = await getJson(`${prometheus.url}/api/v1/rules`);
    const { groups } = data as { groups: { rules: { name: string; health: string; lastError?: string }[] }[] };
    const rules = groups.flatMap(({ rules }) => rules);
    assert.equal(rules.length, alertRules().length);
    assert.deepEqual(
      rules.filter(({ health }) => health !== 'ok').map(({ name, lastError }) => `${name}: ${lastError}`),
      [],
    );
    assert.deepEqual(complaints(prometheus.process), []);
  });
});

/** The selectors of an expression: names with or without matchers, matchers without a name. */
function selectors(expression: string): string[] {
  const found = expression
    .replaceAll(/\b(ignoring|on) \([^)]*\)/g, '')
    .matchAll(/(?:\b[a-zA-Z_]\w*)?\{[^{}]*\}|\b(?:up|sentio_\w+)\b(?!\{|")/g);
  return [...new Set([...found].map(([selector]) => selector))];
}
