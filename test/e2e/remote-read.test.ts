import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DAY, HOUR, MINUTE } from '../fixtures.js';
import { Cleanup } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { readMetrics } from '../harness/metrics-page.js';
import { complaints, type Prometheus, startPrometheus } from '../harness/prometheus.js';
import { listSeries, query, queryRange, queryValue } from '../harness/promql.js';
import { sendSeries } from '../harness/remote-write.js';
import { type Sentio, startSentio, warnings } from '../harness/sentio.js';
import { eventually, HANG_MS } from '../harness/wait.js';

const skip = skipUnlessInstalled('prometheus');
const EXTERNAL_LABELS = { cluster: 'test', replica: 'a' };

/** Percent of a disk, which fills by five in an hour and will be at 90 two hours from `nowMs`. */
function diskUsed(timeMs: number, nowMs: number): number {
  return 80 + (5 * (timeMs - nowMs)) / HOUR;
}

/** A counter that grows by three in a second. */
function requests(timeMs: number, nowMs: number): number {
  return 3 * Math.floor((timeMs - nowMs + 10 * DAY) / 1_000);
}

describe('a Prometheus that reads the future from Sentio', { skip, timeout: HANG_MS }, () => {
  const cleanup = new Cleanup();
  const nowMs = Date.now();
  let sentio: Sentio;
  let prometheus: Prometheus;
  /** One that does not filter external labels. */
  let plain: Prometheus;

  const readRequests = async () => (await readMetrics(sentio.url)).sum('sentio_read_requests_total') ?? 0;

  before(async () => {
    sentio = await startSentio(cleanup, {
      receiver: { external_labels: Object.keys(EXTERNAL_LABELS) },
      rules: [
        { name: 'all', match: ['{__name__=~".+"}'], step: '1m', history: '3d', horizon: '1d', bounds: { max: 100 } },
      ],
    });
    const past = (valueAt: (timeMs: number, nowMs: number) => number) =>
      Array.from({ length: 600 }, (_, i) => nowMs - 5 * (599 - i) * MINUTE).map((timeMs) => ({
        timeMs,
        value: valueAt(timeMs, nowMs),
      }));
    const disk = (mount: string) => ({ __name__: 'disk_used_percent', mount, ...EXTERNAL_LABELS });
    await sendSeries(sentio.writeUrl, [
      { labels: disk('/'), points: past(diskUsed) },
      { labels: disk('/home'), points: past(() => 50) },
      { labels: { __name__: 'requests_total', ...EXTERNAL_LABELS }, points: past(requests) },
    ]);
    const block = {
      url: `${sentio.url}/api/v1/read`,
      read_recent: true,
      required_matchers: { sentio: 'forecast' },
    };
    prometheus = await startPrometheus(cleanup, {
      externalLabels: EXTERNAL_LABELS,
      remoteRead: [block],
      alerts: {
        DiskFullSoon: 'disk_used_percent_yhat{sentio="forecast"} offset -4h > 90',
        DiskFullTomorrow: 'max_over_time(disk_used_percent_yhat{sentio="forecast",mount="/home"}[1d] offset -1d) > 90',
      },
    });
    plain = await startPrometheus(cleanup, {
      externalLabels: EXTERNAL_LABELS,
      remoteRead: [{ ...block, filter_external_labels: false }],
    });
    await eventually('all series are fitted on the whole past', async () => {
      const { data } = (await getJson(`${sentio.url}/api/v1/series`)) as { data: { fit?: { points: number } }[] };
      return data.length === 3 && data.every(({ fit }) => (fit?.points ?? 0) >= 590);
    });
  });
  after(() => cleanup.run());

  it('draws the interval of the day to come without a gap', async () => {
    const range = { startMs: nowMs, endMs: nowMs + DAY, stepMs: 5 * MINUTE };
    const curves = await queryRange(prometheus.url, '{__name__=~"disk_used_percent_yhat.*",sentio="forecast"}', range);
    assert.deepEqual(
      curves.map(({ labels: { __name__: name = '', ...labels } }) => `${name} ${JSON.stringify(labels)}`).sort(),
      ['', '_lower', '_upper'].flatMap((suffix) =>
        ['/', '/home'].map(
          (mount) => `disk_used_percent_yhat${suffix} ${JSON.stringify({ mount, sentio: 'forecast' })}`,
        ),
      ),
    );
    // The last instant may lie a moment beyond the horizon, and then sees the point before it.
    for (const { labels, points } of curves) assert.equal(points.length, 289, JSON.stringify(labels));
    const filling = curves.find(({ labels }) => labels.__name__ === 'disk_used_percent_yhat' && labels.mount === '/');
    for (const { timeMs, value } of filling!.points) {
      const want = Math.min(diskUsed(timeMs, nowMs), 100);
      assert.ok(Math.abs(value - want) < 0.5, `${value} at ${timeMs}, ${want} expected`);
    }
  });

  it('draws the past as well, to the instant', async () => {
    const range = { startMs: nowMs - 6 * HOUR, endMs: nowMs, stepMs: 10 * MINUTE };
    const [curve] = await queryRange(prometheus.url, 'disk_used_percent_yhat{sentio="forecast",mount="/"}', range);
    assert.equal(curve?.points.length, 37);
    for (const { timeMs, value } of curve!.points) {
      assert.ok(Math.abs(value - diskUsed(timeMs, nowMs)) < 0.5, `${value} at ${timeMs}`);
    }
  });

  it('looks ahead with a negative offset', async () => {
    const expression = 'disk_used_percent_yhat{sentio="forecast",mount="/"}';
    const inAnHour = await queryValue(prometheus.url, `${expression} offset -1h`, nowMs);
    assert.ok(Math.abs(inAnHour! - 85) < 0.5, `${inAnHour}`);
    assert.deepEqual(await query(prometheus.url, `${expression} offset -2d`, nowMs), [], 'beyond the horizon');
  });

  it('forecasts a counter as its rate', async () => {
    const rate = await queryValue(prometheus.url, 'requests_total_rate_yhat{sentio="forecast"} offset -12h', nowMs);
    assert.ok(Math.abs(rate! - 3) < 0.1, `${rate}`);
    assert.deepEqual(await query(prometheus.url, 'requests_total_yhat{sentio="forecast"}', nowMs), []);
  });

  it('fires an alert on what will cross 90 within four hours, and on nothing else', async () => {
    const alerts = await eventually('an alert fires', async () => {
      const { data } = await getJson(`${prometheus.url}/api/v1/alerts`);
      const { alerts } = data as { alerts: { labels: Record<string, string>; state: string }[] };
      return alerts.length > 0 && alerts;
    });
    assert.deepEqual(
      alerts.map(({ labels, state }) => ({ ...labels, state })),
      [{ alertname: 'DiskFullSoon', mount: '/', sentio: 'forecast', state: 'firing' }],
    );
  });

  it('knows every kind of matcher', async () => {
    const cases: [selector: string, mounts: string[]][] = [
      ['mount="/home"', ['/home']],
      ['mount!="/home"', ['/']],
      ['mount=~"/h.+|/nowhere"', ['/home']],
      ['mount!~"/h.+"', ['/']],
      ['mount=~"/hom"', []],
      ['missing=""', ['/', '/home']],
      ['missing!=""', []],
      ['cluster="test",mount="/"', ['/']],
    ];
    for (const [selector, mounts] of cases) {
      const expression = `{__name__=~"disk_.+_yhat",sentio="forecast",${selector}}`;
      const found = (await query(prometheus.url, expression, nowMs)).map(({ labels }) => labels.mount).sort();
      assert.deepEqual(found, mounts, selector);
    }
  });

  it('answers a Prometheus that keeps external labels out of it, and one that does not', async () => {
    const expression = 'requests_total_rate_yhat{sentio="forecast"}';
    const bare = { __name__: 'requests_total_rate_yhat', sentio: 'forecast' };
    const labels = async (url: string, selector: string) =>
      (await query(url, selector, nowMs)).map((series) => series.labels);
    assert.deepEqual(await labels(prometheus.url, expression), [bare]);
    assert.deepEqual(await labels(plain.url, expression), [bare]);
    const asked = 'requests_total_rate_yhat{sentio="forecast",cluster="test"}';
    assert.deepEqual(await labels(prometheus.url, asked), [{ ...bare, cluster: 'test' }]);
  });

  it('lists the curves as series, whatever the range', async () => {
    // An alert that has fired is a series too, with the labels of the curve that it is about.
    const curves = 'sentio="forecast",__name__!~"ALERTS|ALERTS_FOR_STATE"';
    const url = `${prometheus.url}/api/v1/series?${new URLSearchParams({ 'match[]': `{${curves},mount="/"}` })}`;
    const { data } = (await getJson(url)) as { data: Record<string, string>[] };
    assert.deepEqual(data.map(({ __name__ }) => __name__).sort(), [
      'disk_used_percent_yhat',
      'disk_used_percent_yhat_lower',
      'disk_used_percent_yhat_upper',
    ]);
    assert.equal((await listSeries(prometheus.url, `{${curves}}`, nowMs)).length, 9);
  });

  it('keeps ordinary queries to itself', async () => {
    const asked = await readRequests();
    // The plain one evaluates no alerts.
    for (const expression of ['up', 'disk_used_percent', 'disk_used_percent_yhat', '{sentio=~".+"}']) {
      await query(plain.url, expression, nowMs);
    }
    await query(plain.url, 'requests_total_rate_yhat{sentio="forecast"}', nowMs);
    const alerting = await readRequests();
    await eventually('alerts have asked again', async () => (await readRequests()) > alerting);
    assert.ok(asked > 0);
    const reads = (await readMetrics(plain.url)).sum('prometheus_remote_storage_read_queries_total');
    const plainQueries = 2;
    assert.equal(reads, plainQueries);
  });

  it('tells the reader what is too much', async () => {
    const parameters = {
      query: '{sentio="forecast"}',
      start: `${(nowMs - 400 * DAY) / 1000}`,
      end: `${nowMs / 1000}`,
      step: '1h',
    };
    const answer = await getJson(`${prometheus.url}/api/v1/query_range?${new URLSearchParams(parameters)}`);
    assert.match(JSON.stringify(answer), /400 Bad Request: the query needs more than 1000000 samples/);
  });

  it('costs neither side a complaint', () => {
    assert.deepEqual(
      warnings(sentio.process).filter((line) => !line.includes('no remote_write target is configured')),
      [],
    );
    for (const { process } of [prometheus, plain]) {
      assert.deepEqual(
        complaints(process).filter((line) => !line.includes('needs more than')),
        [],
      );
    }
  });
});
