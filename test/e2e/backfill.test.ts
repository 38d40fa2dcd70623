import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { HOUR, MINUTE, SECOND } from '../fixtures.js';
import { Cleanup } from '../harness/cleanup.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { getJson } from '../harness/json-api.js';
import { readMetrics } from '../harness/metrics-page.js';
import { freePort } from '../harness/port.js';
import { type Prometheus, startPrometheus } from '../harness/prometheus.js';
import { type SeriesPoints, sendSeries } from '../harness/remote-write.js';
import { type Sentio, startSentio, warnings } from '../harness/sentio.js';
import { startVictoriaMetrics } from '../harness/victoria-metrics.js';
import { eventually, HANG_MS } from '../harness/wait.js';

const EXTERNAL_LABELS = { cluster: 'test', replica: 'a' };
const HISTORY_MS = 12 * HOUR;

const nowMs = Math.floor(Date.now() / MINUTE) * MINUTE;

/** A daily wave. */
function load(timeMs: number): number {
  return 100 + 50 * Math.sin((2 * Math.PI * timeMs) / (6 * HOUR));
}

/** A counter that grows by three in a second and starts anew every hour; 15 s after its start it is 45. */
function requests(timeMs: number): number {
  return 3 * ((timeMs % HOUR) / SECOND) + 45;
}

const SERIES = [
  { labels: { __name__: 'load', host: 'a' }, valueAt: load },
  { labels: { __name__: 'load', host: 'b.example:9100 (new)' }, valueAt: (timeMs: number) => -load(timeMs) },
  { labels: { __name__: 'requests_total', host: 'a' }, valueAt: requests },
];

/** What a Prometheus that scrapes every 15 s knows of [fromMs, toMs). */
function samples(extraLabels: Record<string, string>, fromMs: number, toMs: number): SeriesPoints[] {
  return SERIES.map(({ labels, valueAt }) => ({
    labels: { ...labels, ...extraLabels },
    points: Array.from({ length: (toMs - fromMs) / (15 * SECOND) }, (_, i) => fromMs + 15 * SECOND * i).map(
      (timeMs) => ({ timeMs, value: valueAt(timeMs) }),
    ),
  }));
}

function configuration(source: object): object {
  return {
    receiver: { external_labels: Object.keys(EXTERNAL_LABELS) },
    // Three hours are no multiple of 36 m: windows are made of whole buckets.
    remote_read: [{ window: '3h', pause: '10ms', ...source }],
    rules: [{ name: 'all', match: ['{__name__=~".+"}'], step: '1m', history: '12h', resolution: '6m', horizon: '1h' }],
  };
}

interface Curve {
  metric: Record<string, string>;
  observed: { times: number[]; values: number[] };
}

/** What Sentio holds of the history, oldest first. */
async function history(sentio: Sentio, selector: string): Promise<Curve['observed']> {
  const parameters = new URLSearchParams({
    'match[]': selector,
    start: `${(nowMs - HISTORY_MS - HOUR) / 1000}`,
    end: `${(nowMs - 3 * MINUTE) / 1000}`,
    step: '1m',
  });
  const { data } = (await getJson(`${sentio.url}/api/v1/forecast?${parameters}`)) as { data: Curve[] };
  if (data.length !== 1) throw new Error(`${selector} selects ${data.length} series`);
  return data[0]!.observed;
}

/** Sends what comes live, and waits until history is there. */
async function goLive(sentio: Sentio): Promise<void> {
  await sendSeries(sentio.writeUrl, samples(EXTERNAL_LABELS, nowMs - 2 * MINUTE, nowMs));
  await eventually(
    'the history is there',
    // Of each series all of its past, and then the step in which it came live.
    async () => ((await readMetrics(sentio.url)).sum('sentio_backfill_series_total', { outcome: 'read' }) ?? 0) === 6,
  );
}

async function checkHistory(sentio: Sentio): Promise<void> {
  for (const [selector, wanted, tolerance] of [
    ['load{host="a"}', load, 2],
    ['load{host!="a"}', (timeMs: number) => -load(timeMs), 2],
    ['requests_total', () => 3, 0.01],
  ] as const) {
    const { times, values } = await history(sentio, selector);
    // Coarse buckets as far back as the fine ones do not reach, and not one is missing.
    const gaps = times.slice(1).map((time, i) => time - times[i]!);
    assert.ok(Math.max(...gaps) <= 360, `${selector} has a gap of ${Math.max(...gaps)} s`);
    assert.ok(times[0]! * 1000 <= nowMs - HISTORY_MS + 12 * MINUTE, `${selector} begins at ${times[0]}`);
    assert.ok(times.at(-1)! * 1000 > nowMs - 5 * MINUTE, `${selector} ends at ${times.at(-1)}`);
    const misses = values.map((value, i) => Math.abs(value - wanted(times[i]! * 1000)));
    assert.ok(Math.max(...misses) < tolerance, `${selector} misses by ${Math.max(...misses)}`);
  }
}

describe('a Sentio that reads its history from Prometheus', {
  skip: skipUnlessInstalled('prometheus'),
  timeout: HANG_MS,
}, () => {
  const cleanup = new Cleanup();
  let prometheus: Prometheus;
  let sentioPort: number;
  before(async () => {
    sentioPort = await freePort();
    prometheus = await startPrometheus(cleanup, {
      externalLabels: EXTERNAL_LABELS,
      remoteRead: [
        {
          url: `http://127.0.0.1:${sentioPort}/api/v1/read`,
          read_recent: true,
          required_matchers: { sentio: 'forecast' },
        },
      ],
    });
    await sendSeries(`${prometheus.url}/api/v1/write`, samples({}, nowMs - HISTORY_MS - HOUR, nowMs));
  });
  after(() => cleanup.run());

  for (const source of [
    { api: 'remote_read', path: '/api/v1/read' },
    { api: 'query_range', path: '/api/v1/query_range' },
  ]) {
    it(`has it whole, by ${source.api}`, async () => {
      const sentio = await startSentio(
        cleanup,
        configuration({ url: `${prometheus.url}${source.path}`, api: source.api, name: 'prometheus' }),
      );
      await goLive(sentio);
      await checkHistory(sentio);
      const metrics = await readMetrics(sentio.url);
      // A group is 12 h in windows of 3 h, of which the first and the last are cut, and a step. Two metrics are two groups, or
      // three where a busy machine takes the series of one up in two turns.
      const requests = metrics.sum('sentio_backfill_requests_total', { outcome: 'ok' })!;
      assert.ok(requests >= 2 * (5 + 1) && requests <= 3 * (5 + 1), `${requests} requests`);
      assert.equal(metrics.sum('sentio_backfill_requests_total'), requests);
      assert.equal(metrics.sum('sentio_backfill_progress_ratio'), 1);
      assert.equal(metrics.sum('sentio_backfill_dropped_total', { kind: 'unasked_series' }), 0);
      await eventually('all are fitted on it', async () => {
        const { data } = (await getJson(`${sentio.url}/api/v1/series`)) as { data: { fit?: { points: number } }[] };
        return data.length === 3 && data.every(({ fit }) => (fit?.points ?? 0) >= 100);
      });
      const complained = warnings(sentio.process).filter((line) => !line.includes('no remote_write target'));
      assert.deepEqual(complained, []);
      await sentio.process.stop();
    });
  }

  it('has it as soon as Prometheus is there, and again after a restart', async () => {
    // It has its samples from the first moment on: an answer without any would be the whole history.
    const late = await startPrometheus(cleanup);
    await sendSeries(`${late.url}/api/v1/write`, samples({}, nowMs - HISTORY_MS - HOUR, nowMs));
    await late.process.stop();
    const configured = configuration({ url: `${late.url}/api/v1/read` });
    const sentio = await startSentio(cleanup, configured);
    await sendSeries(sentio.writeUrl, samples(EXTERNAL_LABELS, nowMs - 2 * MINUTE, nowMs));
    await eventually(
      'it has asked in vain',
      async () => (await readMetrics(sentio.url)).sum('sentio_backfill_requests_total', { outcome: 'failed' })! > 1,
    );
    await late.restart();
    await goLive(sentio);
    await checkHistory(sentio);
    await sentio.process.stop();

    const next = await startSentio(cleanup, configured);
    await goLive(next);
    await checkHistory(next);
  });
});

describe('a Sentio that reads its history from VictoriaMetrics', {
  skip: skipUnlessInstalled('victoria-metrics'),
  timeout: HANG_MS,
}, () => {
  const cleanup = new Cleanup();
  after(() => cleanup.run());

  it('has it whole, by query_range', async () => {
    const { url } = await startVictoriaMetrics(cleanup);
    await sendSeries(`${url}/api/v1/write`, samples({ cluster: 'test' }, nowMs - HISTORY_MS - HOUR, nowMs));
    // Another cluster has series of the same names there.
    await sendSeries(
      `${url}/api/v1/write`,
      samples({ cluster: 'other' }, nowMs - HISTORY_MS - HOUR, nowMs).map((series) => ({
        ...series,
        points: series.points.map(({ timeMs }) => ({ timeMs, value: 1e6 })),
      })),
    );
    const sentio = await startSentio(cleanup, configuration({ url: `${url}/api/v1/query_range`, api: 'query_range' }));
    await goLive(sentio);
    await checkHistory(sentio);
  });
});
