import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Backfill } from '#src/engine/backfill/backfill.js';
import { BackfillBatch } from '#src/engine/backfill/batch.js';
import { BackfillStats } from '#src/engine/backfill/stats.js';
import { TrackedSeries } from '#src/engine/series/tracked-series.js';
import { HistogramDeriver } from '#src/histograms/histogram-deriver.js';
import { labelValue, METRIC_NAME } from '#src/model/labels/labels.js';
import { connectHistory } from '#src/remote/read/connect-history.js';
import { compress, SnappyDecoder } from '#src/wire/core/snappy.js';
import { decodeReadRequest } from '#src/wire/read/read-request.js';
import { WriteReceiver } from '#src/wire/receive/write-receiver.js';
import { MINUTE } from '../../fixtures.js';
import { until } from '../../remote/write/writer-setup.js';
import { hex } from '../../wire/hex.js';
import { storeWith } from '../fixture.js';

interface Golden {
  readonly name: string;
  readonly v1: string;
  readonly timeMs: number;
  readonly deltaCount?: string;
  readonly deltaSum?: string;
  readonly quantiles?: Readonly<Record<string, string>>;
}

/** Histograms a minute apart, as Prometheus 3.14 has them, and what it computes of each with the one before. */
const GOLDEN: readonly Golden[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../test/wire/testdata/native-histograms.json'), 'utf8'),
);
const RULE = `step: 1m
    history: 2h
    resolution: 2m
    horizon: 10m
    histogram: {quantiles: [0.5, 0.99]}`;

/** A field of bytes, or of text. */
function field(tag: number, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string);
  const length = bytes.length < 0x80 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return Buffer.concat([Buffer.from([tag, ...length]), bytes]);
}

/** TimeSeries of remote-write 1.0 and of remote-read: the same message. */
function timeSeries(name: string, histograms: readonly Golden[]): Buffer {
  const label = field(0x0a, Buffer.concat([field(0x0a, '__name__'), field(0x12, name)]));
  const rows = histograms.map(({ v1 }) => field(0x22, hex(v1)));
  return varintField(0x0a, Buffer.concat([label, ...rows]));
}

function varintField(tag: number, content: Uint8Array): Buffer {
  const length: number[] = [];
  for (let rest = content.length; ; rest >>= 7) {
    length.push(rest < 0x80 ? rest : (rest & 0x7f) | 0x80);
    if (rest < 0x80) break;
  }
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

/** A database of these histograms; `asked` are the response types of each request. */
async function startDatabase(t: TestContext, golden: readonly Golden[]) {
  const asked: (readonly string[])[] = [];
  const server = createServer(async (request, response) => {
    const body = new SnappyDecoder().decode(await buffer(request), 2 ** 20);
    const { acceptedTypes, queries } = decodeReadRequest(body);
    asked.push(acceptedTypes);
    const { startMs, endMs } = queries[0]!;
    const within = golden.filter(({ timeMs }) => timeMs >= startMs && timeMs <= endMs);
    const result = within.length === 0 ? Buffer.alloc(0) : timeSeries('latency', within);
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(compress(varintField(0x0a, result)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/read` };
}

/** Of an empty histogram nothing but the counter is derived. */
const NAMES = new Set(GOLDEN.filter(({ deltaCount = '0' }) => Number(deltaCount) > 0).map(({ name }) => name));

for (const name of NAMES) {
  test(`the history of native histograms (${name}) is what Prometheus computes`, async (t) => {
    const golden = GOLDEN.filter((one) => one.name === name);
    const database = await startDatabase(t, golden);
    const { store, rule } = storeWith('latency', RULE);
    const nowMs = golden.at(-1)!.timeMs + 2 * MINUTE;
    const log = pino({ level: 'silent' });
    const done: TrackedSeries[] = [];
    const backfill = new Backfill({
      sources: [
        {
          name: 'prometheus',
          url: database.url,
          credentials: {},
          headers: {},
          timeoutMs: 10_000,
          api: 'remote_read',
          // A few steps each, so that increases reach from one window into the next.
          windowMs: 4 * MINUTE,
          maxSeriesPerRequest: 10,
          maxConcurrentRequests: 1,
          pauseMs: 0,
        },
      ],
      connect: (source) => connectHistory(source, { userAgent: 'Sentio/test', log, now: () => nowMs }),
      store,
      externalLabels: [],
      onDone: (series) => done.push(series),
      log,
      now: () => nowMs,
      registry: new Registry(),
    });
    t.after(() => backfill.stop());
    store.listener = {
      seriesAdded: (id) => backfill.add(new TrackedSeries(id)),
      seriesRemoved: () => {},
      seriesReset: () => {},
      seriesResumed: () => {},
    };
    // The last two come live: the second of them gives an average and quantiles.
    const deriver = new HistogramDeriver({
      sink: store,
      chooseRule: () => rule,
      externalLabels: [],
      maxSources: 10,
      onDropped: () => {},
    });
    const receiver = new WriteReceiver(
      store,
      { maxDecodedBytes: 2 ** 20, maxSamplesPerRequest: 1000 },
      { histograms: deriver },
    );
    for (const one of golden.slice(-2)) receiver.receive(compress(timeSeries('latency', [one])), '1.0', nowMs);
    await until(() => done.length === 4);

    assert.ok(database.asked.every((types) => types.join() === 'samples'));
    const past = golden.slice(1, -2);
    const idOf = (metric: string) =>
      [...store.ids()].find((id) => labelValue(store.labels(id), METRIC_NAME) === metric)!;
    const wanted: [metric: string, quantity: (one: Golden) => number][] = [
      ['latency_count', ({ deltaCount }) => Number(deltaCount) / 60],
      ['latency_avg', ({ deltaCount, deltaSum }) => Number(deltaSum) / Number(deltaCount)],
      ['latency_p50', ({ quantiles }) => Number(quantiles?.['0.5'])],
      ['latency_p99', ({ quantiles }) => Number(quantiles?.['0.99'])],
    ];
    for (const [metric, quantity] of wanted) {
      for (const one of past.filter(({ deltaCount = '0' }) => Number(deltaCount) > 0)) {
        const stepMs = Math.floor(one.timeMs / MINUTE) * MINUTE;
        const value = store.stepValue(idOf(metric), stepMs);
        const expected = quantity(one);
        assert.ok(
          Math.abs(value - expected) <= 1e-9 * Math.abs(expected),
          `${metric} at ${one.timeMs}: ${value}, not ${expected}`,
        );
      }
    }
  });
}

test('a histogram of which a database gives only the labels, as Prometheus 2.42 does, is counted as dropped', async () => {
  const { store, appendTo } = storeWith('latency', RULE);
  const nowMs = GOLDEN[0]!.timeMs;
  store.setDerived('latency_avg');
  const id = appendTo({ __name__: 'latency_avg' }, nowMs, 1);
  const stats = new BackfillStats();
  const gap = {
    series: new TrackedSeries(id),
    startMs: nowMs - 60 * MINUTE,
    endMs: nowMs,
    repairFromMs: Number.POSITIVE_INFINITY,
    units: 1 as const,
  };
  const options = { store, externalLabels: new Set<string>(), stats, windowMs: 120 * MINUTE, readsHistograms: true };
  const batch = new BackfillBatch([gap], options);
  assert.deepEqual(batch.nextQuery?.matchers, [{ name: '__name__', type: '=', value: 'latency' }]);
  const samples = { timesMs: new Float64Array(0), values: new Float64Array(0) };
  const labels = [{ name: '__name__', value: 'latency' }];
  await batch.accept([{ labels, samples, histograms: 0, histogramSamples: [] }]);
  assert.deepEqual({ ...stats }, { ...new BackfillStats(), histograms: 1 });
});

test('what was a counter before its metric turned native is read under both names', async () => {
  const { store, appendTo } = storeWith('latency', RULE);
  const nowMs = GOLDEN[0]!.timeMs;
  store.setMetricType('latency_count', 'counter');
  const id = appendTo({ __name__: 'latency_count' }, nowMs, 1000);
  const gap = {
    series: new TrackedSeries(id),
    startMs: nowMs - 60 * MINUTE,
    endMs: nowMs,
    repairFromMs: Number.POSITIVE_INFINITY,
    units: 1 as const,
  };
  const stats = new BackfillStats();
  const options = { store, externalLabels: new Set<string>(), stats, windowMs: 120 * MINUTE, readsHistograms: true };
  const batch = new BackfillBatch([gap], options);
  assert.deepEqual(batch.nextQuery?.matchers, [{ name: '__name__', type: '=~', value: 'latency|latency_count' }]);
  const timesMs = Float64Array.from({ length: 20 }, (_, i) => nowMs - (40 - i) * MINUTE);
  await batch.accept([
    {
      labels: [{ name: '__name__', value: 'latency_count' }],
      samples: { timesMs, values: timesMs.map((_, i) => 60 * i) },
      histograms: 0,
    },
  ]);
  assert.equal(stats.samples, 20);
  assert.equal(store.stepValue(id, Math.floor(timesMs[5]! / MINUTE) * MINUTE), 1);
});
