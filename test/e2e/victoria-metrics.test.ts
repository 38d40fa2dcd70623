import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Cleanup } from '../harness/cleanup.js';
import { startHttpServer } from '../harness/http-server.js';
import { skipUnlessInstalled } from '../harness/installed.js';
import { EXTERNAL_LABELS, fastClock, sendPast } from '../harness/loop.js';
import { readMetrics } from '../harness/metrics-page.js';
import { freePort } from '../harness/port.js';
import { startPrometheus } from '../harness/prometheus.js';
import { listSeries, query } from '../harness/promql.js';
import { startScrapeTarget } from '../harness/scrape-target.js';
import { type Sentio, startSentio, warnings } from '../harness/sentio.js';
import { longestGapMs, storedSamples } from '../harness/stored-samples.js';
import { startVictoriaMetrics, startVmagent } from '../harness/victoria-metrics.js';
import { eventually, HANG_MS } from '../harness/wait.js';
import { Shop } from '../harness/workload.js';

const skip = skipUnlessInstalled('victoria-metrics', 'vmagent', 'prometheus');
const startMs = Date.now();

describe('vmagent sends, VictoriaMetrics receives, other targets refuse or are down', {
  skip,
  timeout: HANG_MS,
}, () => {
  const cleanup = new Cleanup();
  const refused = { unauthorized: 0, invalid: 0 };
  let sentio: Sentio;
  let victoria: string;
  let prometheus: string;
  before(async () => {
    const shop = new Shop();
    const instance = await startScrapeTarget(cleanup, shop.series);
    const refusing = (name: 'unauthorized' | 'invalid', status: number) =>
      startHttpServer(cleanup, (request, response) => {
        refused[name]++;
        request.resume().once('end', () => response.writeHead(status).end(`no, ${name}`));
      });
    victoria = (await startVictoriaMetrics(cleanup)).url;
    prometheus = (await startPrometheus(cleanup)).url;
    sentio = await startSentio(
      cleanup,
      fastClock([
        { name: 'unauthorized', url: `http://${await refusing('unauthorized', 401)}/api/v1/write` },
        { name: 'invalid', url: `http://${await refusing('invalid', 400)}/api/v1/write` },
        { name: 'down', url: `http://127.0.0.1:${await freePort()}/api/v1/write` },
        { name: 'victoria', url: `${victoria}/api/v1/write` },
        {
          name: 'prometheus',
          url: `${prometheus}/api/v1/write`,
          protobuf_message: 'io.prometheus.write.v2.Request',
        },
      ]),
    );
    await sendPast(sentio, shop, { instance, job: 'shop' });
    await startVmagent(cleanup, {
      scrapeTargets: [instance],
      remoteWriteUrls: [sentio.writeUrl],
      externalLabels: EXTERNAL_LABELS,
    });
    // VictoriaMetrics has no sample of the shop but what Sentio makes of it: vmagent sends to Sentio alone.
    await eventually('forecasts arrive', async () => (await query(victoria, `shop_orders_yhat${NOW}`)).length === 2);
  });
  after(() => cleanup.run());

  it('stores an interval and a score for every series of the shop', async () => {
    // A kind is there for every series that has been in alarm, and for no other.
    const names = async () => {
      const series = await listSeries(victoria, SHOP, startMs);
      return [...new Set(series.filter((s) => s.sentio_kind === undefined).map((s) => s.__name__))].sort();
    };
    const bases = ['shop_capacity', 'shop_orders', 'shop_queue', 'shop_requests_total_rate', 'shop_worker_load'];
    const suffixes = ['_anomaly_score', '_yhat', '_yhat_lower', '_yhat_upper'];
    const wanted = [
      ...bases.flatMap((base) => suffixes.map((suffix) => base + suffix)),
      'shop_requests_total_rate_y',
    ].sort();
    await eventually('all have arrived', async () => (await names()).length >= wanted.length).catch(() => {});
    assert.deepEqual(await names(), wanted);
  });

  it('takes the external labels off again', async () => {
    const labels = (await listSeries(victoria, `shop_orders_yhat${NOW}`, startMs)).map((series) =>
      Object.keys(series).sort(),
    );
    assert.deepEqual(labels, Array(2).fill(['__name__', 'instance', 'job', 'region']));
  });

  it('gets every step of every interval, whatever the other targets do', async () => {
    const fromMs = Date.now();
    const range = { startMs: fromMs, endMs: fromMs + 10_000 };
    await eventually('ten more seconds are there', async () => {
      const [series] = await query(victoria, `shop_queue_yhat${NOW}[20s]`);
      return (series?.points.at(-1)?.timeMs ?? 0) >= range.endMs;
    });
    for (const name of ['shop_queue_yhat', 'shop_queue_yhat_lower', 'shop_queue_yhat_upper', 'shop_capacity_yhat']) {
      const samples = await storedSamples(victoria, name + NOW, range);
      assert.ok(samples.length >= 9, `${name} has ${samples.length} samples in 10 s`);
      assert.ok(longestGapMs(samples) <= 1_000, `${name} has a gap of ${longestGapMs(samples)} ms`);
    }
  });

  it('goes on with 1.0 where a target takes 2.0 for an empty request', async () => {
    await eventually('forecasts arrive', async () => (await query(prometheus, `shop_orders_yhat${NOW}`)).length === 2);
    assert.equal(warnings(sentio.process).filter((line) => line.includes('does not support protocol 2.0')).length, 1);
  });

  it('tells each target apart in its metrics', async () => {
    const metrics = await readMetrics(sentio.url);
    /** The outcomes there are at all, with the number of samples. */
    const outcomes = (target: string) =>
      new Map(
        ['sent', 'rejected', 'failed', 'queue_full', 'too_old', 'shutdown'].flatMap((outcome) => {
          const count = metrics.sum('sentio_remote_write_samples_total', { target, outcome }) ?? 0;
          return count === 0 ? [] : [[outcome, count]];
        }),
      );
    assert.ok(refused.unauthorized > 0 && refused.invalid > 0, 'both refusing targets were asked');
    assert.deepEqual([...outcomes('victoria').keys()], ['sent']);
    assert.deepEqual([...outcomes('prometheus').keys()], ['sent']);
    assert.deepEqual([...outcomes('unauthorized').keys()], ['failed']);
    assert.deepEqual([...outcomes('invalid').keys()], ['rejected']);
    assert.deepEqual([...outcomes('down').keys()], []);
    assert.ok(metrics.sum('sentio_remote_write_queue_samples', { target: 'down' })! > 100);
  });

  it('complains of each target, but not of each sample', () => {
    const complaints = warnings(sentio.process);
    for (const target of ['unauthorized', 'invalid', 'down'])
      assert.ok(
        complaints.some((line) => line.includes(`"target":"${target}"`)),
        target,
      );
    assert.ok(complaints.length <= 10, complaints.join('\n'));
  });
});

const SHOP = '{__name__=~"shop_.+"}';
/** Leaves out what is expected later than at its timestamp. */
const NOW = '{horizon=""}';
