import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { compress } from '#src/wire/core/snappy.js';
import { MINUTE, SECOND } from '../../fixtures.js';
import { makeStore, T0 } from '../../series/fixture.js';
import { encodeProto } from '../../wire/proto.js';
import { makeServer } from '../server-fixture.js';

/*
 * Requests as senders make them that cannot be run here, after their source: the order of labels, series and samples, the
 * headers, what they say of types, and what they do with an answer.
 */

type LabelPair = readonly [name: string, value: string];
interface Sent {
  readonly labels: readonly LabelPair[];
  readonly samples: readonly { readonly timestamp: number; readonly value: number }[];
}

const TYPE_OF_1 = { counter: 1, gauge: 2, histogram: 3 };

/** A server before a real store whose rule leaves the aggregate open. */
function receiver(t: TestContext) {
  const store = makeStore({ behavior: { rereadsHistory: false } }, { aggregate: 'auto', stepMs: MINUTE });
  let nowMs = T0;
  const { app } = makeServer(t, {}, { store, now: () => nowMs });
  return {
    store,
    setClock: (timeMs: number) => {
      nowMs = timeMs;
    },
    post: async (body: Uint8Array, headers: Record<string, string>) => {
      const url = '/api/v1/write';
      return app.inject({ method: 'POST', url, payload: Buffer.from(body), headers });
    },
    get: () => app.inject({ method: 'GET', url: '/api/v1/write' }),
    /** The value of each step of an hour, by metric name. */
    steps: (name: string, fromMs = T0) => {
      const id = [...store.ids()].find((one) => store.labels(one).some(({ value }) => value === name));
      assert.ok(id !== undefined, `${name} is tracked`);
      const { values } = store.readSteps(id, fromMs, fromMs + 60 * MINUTE);
      return { aggregate: store.aggregate(id), by: store.aggregateSource(id), values };
    },
  };
}

/** Asserts that each series has its aggregate by its type, and nine steps or more that are all this value. */
function assertLearnt(
  steps: ReturnType<typeof receiver>['steps'],
  wanted: readonly (readonly [name: string, aggregate: string, value: number])[],
): void {
  for (const [name, aggregate, value] of wanted) {
    const found = steps(name);
    assert.deepEqual([found.aggregate, found.by], [aggregate, 'type'], name);
    assert.ok(
      found.values.length >= 9 && found.values.every((one) => Math.abs(one - value) < 1e-6),
      `${name} ${found.values.join(' ')}`,
    );
  }
}

function encode(series: readonly Sent[], types: Record<string, keyof typeof TYPE_OF_1> = {}): Uint8Array {
  return compress(
    encodeProto('prometheus.WriteRequest', {
      timeseries: series.map(({ labels, samples }) => ({
        labels: labels.map(([name, value]) => ({ name, value })),
        samples,
      })),
      metadata: Object.entries(types).map(([metricFamilyName, type]) => ({ type: TYPE_OF_1[type], metricFamilyName })),
    }),
  );
}

/** Another order at each call, the same at each run. */
function shuffler() {
  let state = 7;
  return <T>(items: readonly T[]): T[] =>
    items
      .map((item) => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        return { item, key: state };
      })
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);
}

/**
 * Telegraf: a metric's tags in order and `__name__` after them, one sample a series and batch (that of the oldest metric),
 * series in the order of a Go map, and no types. A batch is the oldest metrics of the buffer; after any status that is not
 * listed as non-retryable all of it is kept, and the flush ends.
 */
class Telegraf {
  readonly buffer: { labels: readonly LabelPair[]; timestamp: number; value: number }[] = [];
  readonly statuses: number[] = [];
  readonly #shuffled = shuffler();
  readonly #post: (body: Uint8Array, headers: Record<string, string>) => Promise<{ statusCode: number }>;
  readonly #batchSize: number;

  constructor(post: Telegraf['send'], batchSize: number) {
    this.#post = post;
    this.#batchSize = batchSize;
  }

  send(body: Uint8Array, headers: Record<string, string>): Promise<{ statusCode: number }> {
    return this.#post(body, headers);
  }

  async flush(): Promise<void> {
    for (let left = Math.floor(this.buffer.length / this.#batchSize) + 1; left > 0; left--) {
      const batch = this.buffer.slice(0, this.#batchSize);
      if (batch.length === 0) return;
      const entries = new Map<string, Sent>();
      for (const { labels, timestamp, value } of batch) {
        const key = JSON.stringify(labels);
        if (!entries.has(key)) entries.set(key, { labels, samples: [{ timestamp, value }] });
      }
      const { statusCode } = await this.send(encode(this.#shuffled([...entries.values()])), {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
        'user-agent': 'Telegraf/1.36.0 Go/1.25.1',
      });
      this.statuses.push(statusCode);
      if (statusCode >= 300) return;
      this.buffer.splice(0, batch.length);
    }
  }
}

for (const batchSize of [8, 100, 1000]) {
  test(`Telegraf, which repeats what is refused, goes on beside a series that is refused, ${batchSize} metrics a batch`, async (t) => {
    const { post, setClock, steps } = receiver(t);
    const telegraf = new Telegraf(post, batchSize);
    const tags: LabelPair[] = [
      ['Host', 'a'],
      ['cpu', 'cpu-total'],
    ];
    for (let i = 0; i < 120; i++) {
      const timestamp = T0 + i * 30 * SECOND;
      for (const [name, value, path] of [
        ['cpu_usage_idle', 90 + (i % 2), '/'],
        ['disk_used', 5, 'x'.repeat(10_240)],
        ['net_bytes_recv', 3000 * i + (i % 3), '/'],
      ] as const) {
        telegraf.buffer.push({ labels: [...tags, ['path', path], ['__name__', name]], timestamp, value });
      }
      setClock(timestamp + SECOND);
      await telegraf.flush();
    }
    assert.ok(telegraf.buffer.length <= 2 * batchSize && telegraf.buffer.length < 12, `${telegraf.buffer.length} wait`);
    assert.ok(telegraf.statuses.every((status) => status === 204 || status === 400));
    const idle = steps('cpu_usage_idle');
    assert.deepEqual([idle.aggregate, idle.by], ['mean', 'name']);
    assert.ok(
      idle.values.length >= 55 && idle.values.every((value) => value >= 90 && value <= 91),
      idle.values.join(' '),
    );
    assert.equal(steps('net_bytes_recv').aggregate, 'rate');
  });
}

/** As the exporter `prometheusremotewrite` of the Collector: labels by name, series in the order of a Go map. */
function collected(resource: readonly LabelPair[], name: string, attributes: readonly LabelPair[]): LabelPair[] {
  const labels: LabelPair[] = [['__name__', name], ...resource, ...attributes];
  return labels.sort(([a], [b]) => (a < b ? -1 : 1));
}

const RESOURCE: LabelPair[] = [
  ['job', 'shop/checkout'],
  ['instance', '627cc493-f310-47de-96bd-71410b7dec09'],
];
const RESOURCE_ATTRIBUTES: LabelPair[] = [
  ['k8s.pod.name', 'checkout-5d8f'],
  ['Region', 'eu'],
];
const COLLECTOR_HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
  'user-agent': 'opentelemetry-collector-contrib/0.139.0',
};

/** What the exporter makes of one minute, in which it collects every 15 s. */
function minuteOf(minute: number): Sent[] {
  const times = [0, 15, 30, 45].map((seconds) => T0 + minute * MINUTE + seconds * SECOND);
  const samples = (valueAt: (second: number) => number) =>
    times.map((timestamp) => ({ timestamp, value: valueAt((timestamp - T0) / SECOND) }));
  const attributes: LabelPair[] = [['http.request.method', 'GET']];
  return [
    { labels: collected(RESOURCE, 'http.server.requests', attributes), samples: samples((s) => 20 * s) },
    { labels: collected(RESOURCE, 'http.server.active_requests', attributes), samples: samples((s) => 7 + (s % 2)) },
    { labels: collected(RESOURCE, 'target_info', RESOURCE_ATTRIBUTES), samples: samples(() => 1).slice(-1) },
  ];
}

test('the OpenTelemetry Collector, with two consumers and no metadata, is understood by how its series behave', async (t) => {
  const { post, setClock, steps } = receiver(t);
  const shuffled = shuffler();
  // Two consumers: of two batches the second is there first.
  for (let minute = 0; minute < 120; minute += 2) {
    for (const late of [1, 0]) {
      setClock(T0 + (minute + 2) * MINUTE);
      const { statusCode } = await post(encode(shuffled(minuteOf(minute + late))), COLLECTOR_HEADERS);
      assert.equal(statusCode, 204);
    }
  }
  const requests = steps('http.server.requests', T0 + 60 * MINUTE);
  assert.deepEqual([requests.aggregate, requests.by], ['rate', 'behavior']);
  assert.ok(
    requests.values.length >= 28 && requests.values.every((value) => Math.abs(value - 20) < 0.5),
    requests.values.join(' '),
  );
  const active = steps('http.server.active_requests', T0 + 60 * MINUTE);
  assert.deepEqual([active.aggregate, active.values.length >= 59], ['mean', true]);
  assert.ok(steps('target_info', T0 + 60 * MINUTE).values.every((value) => value === 1));
});

test('the OpenTelemetry Collector with send_metadata sends types in requests of their own, after the samples', async (t) => {
  const { post, setClock, steps } = receiver(t);
  setClock(T0 + 10 * MINUTE);
  const metadata = encode([], { 'http.server.requests': 'counter', 'http.server.active_requests': 'gauge' });
  for (let minute = 0; minute < 10; minute++) {
    for (const body of [encode(minuteOf(minute)), metadata]) {
      assert.equal((await post(body, COLLECTOR_HEADERS)).statusCode, 204);
    }
  }
  const requests = steps('http.server.requests');
  assert.deepEqual([requests.aggregate, requests.by], ['rate', 'type']);
  assert.ok(
    requests.values.length >= 9 && requests.values.every((value) => Math.abs(value - 20) < 1e-6),
    requests.values.join(' '),
  );
  assert.deepEqual([steps('http.server.active_requests').by], ['type']);
});

interface Collected2 {
  readonly labels: readonly LabelPair[];
  readonly help: string;
  readonly type: number;
  readonly samples: Sent['samples'];
  readonly exemplars?: readonly { readonly value: number; readonly timestamp: number }[];
}

/**
 * The exporter's requests of 2.0: it cuts what it exports into batches, and each has the symbols of all of them. A series that is
 * larger than a batch leaves an empty one before it. The labels of exemplars are not there yet.
 */
function batchesOf2(series: readonly Collected2[], perBatch: number): Uint8Array[] {
  const symbols = [''];
  const symbolize = (text: string) => {
    const at = symbols.indexOf(text);
    return at >= 0 ? at : symbols.push(text) - 1;
  };
  const timeseries = series.map(({ labels, help, type, samples, exemplars = [] }) => ({
    labelsRefs: labels.flatMap((label) => label.map(symbolize)),
    metadata: { type, helpRef: symbolize(help), unitRef: symbolize('') },
    samples,
    exemplars,
  }));
  const batches = Array.from({ length: Math.ceil(timeseries.length / perBatch) }, (_, i) =>
    timeseries.slice(i * perBatch, (i + 1) * perBatch),
  );
  return [[], ...batches].map((batch) =>
    compress(encodeProto('io.prometheus.write.v2.Request', { symbols, timeseries: batch })),
  );
}

test('the OpenTelemetry Collector sends types with each series by 2.0, and the symbols of all batches in each', async (t) => {
  const { post, setClock, steps } = receiver(t);
  setClock(T0 + 10 * MINUTE);
  const shuffled = shuffler();
  const headers = {
    ...COLLECTOR_HEADERS,
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'x-prometheus-remote-write-version': '2.0.0',
  };
  for (let minute = 0; minute < 10; minute++) {
    const [requests, active, info] = minuteOf(minute);
    const count = requests!.samples.map(({ timestamp, value }) => ({ timestamp, value: value / 10 }));
    const exemplars = [{ value: 0.2, timestamp: count[0]!.timestamp }];
    const series: Collected2[] = [
      { ...requests!, help: 'Requests.', type: 1 },
      { ...active!, help: 'Active requests.', type: 2 },
      { ...info!, help: 'Target metadata', type: 2 },
      { labels: collected(RESOURCE, 'latency_count', []), samples: count, exemplars, help: 'Latency.', type: 3 },
    ];
    const written = { samples: 0, exemplars: 0 };
    for (const body of batchesOf2(shuffled(series), 3)) {
      const answer = await post(body, headers);
      assert.equal(answer.statusCode, 204, answer.body);
      written.samples += Number(answer.headers['x-prometheus-remote-write-samples-written']);
      written.exemplars += Number(answer.headers['x-prometheus-remote-write-exemplars-written']);
    }
    assert.deepEqual(written, { samples: 13, exemplars: 1 });
  }
  assertLearnt(steps, [
    ['http.server.requests', 'rate', 20],
    ['latency_count', 'rate', 2],
    ['target_info', 'mean', 1],
  ]);
  assert.deepEqual([steps('http.server.active_requests').by], ['type']);
});

test('Vector sends types in every request, labels by name, and snappy only if it is asked to send nothing else', async (t) => {
  const { post, get, setClock, steps } = receiver(t);
  setClock(T0 + 10 * MINUTE);
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  for (let minute = 0; minute < 10; minute++) {
    const at = (value: number) => [{ timestamp: T0 + minute * MINUTE, value }];
    const series: Sent[] = [
      {
        labels: [
          ['__name__', 'host_cpu_seconds'],
          ['cpu', '0'],
        ],
        samples: at(30 * minute),
      },
      { labels: [['__name__', 'host_load1']], samples: at(2) },
      {
        labels: [
          ['__name__', 'queue_bucket'],
          ['le', '+Inf'],
        ],
        samples: at(60 * minute),
      },
    ];
    const types = { host_cpu_seconds: 'counter', host_load1: 'gauge', queue: 'histogram' } as const;
    assert.equal((await post(encode(series, types), headers)).statusCode, 204);
  }
  assertLearnt(steps, [
    ['host_cpu_seconds', 'rate', 0.5],
    ['host_load1', 'mean', 2],
    ['queue_bucket', 'rate', 1],
  ]);
  for (const encoding of ['gzip', 'zstd']) {
    const refused = await post(gzipSync('x'), { ...headers, 'content-encoding': encoding });
    assert.deepEqual([refused.statusCode, /is not snappy/.test(refused.body)], [415, true]);
  }
  assert.equal((await get()).statusCode, 405);
});
