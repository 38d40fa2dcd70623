import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PageAnswer } from '#src/http/api/json/page.js';
import { compress } from '#src/wire/core/snappy.js';
import { startWholeService } from '../../harness/whole-service.js';
import { encodeProto } from '../../wire/proto.js';

/*
 * The kinds of requests that the receiver suite of prometheus/compliance sends: each has to be answered with the status, and over 2.0
 * with the exact number of samples, histograms and exemplars written, whether a rule wants them or none does.
 */

type Values = Readonly<Record<string, string>>;

interface Series {
  readonly labels: Values;
  readonly samples?: readonly { value: number; timestamp: number; startTimestamp?: number }[];
  readonly histograms?: readonly { timestamp: number; [field: string]: unknown }[];
  readonly exemplars?: readonly { labels: Values; value: number; timestamp: number }[];
  readonly metadata?: { readonly type: number; readonly help: string; readonly unit: string };
}

interface Case {
  readonly name: string;
  readonly series: readonly Series[];
  /** Samples, histograms, exemplars. */
  readonly written: readonly [number, number, number];
  readonly refused?: true;
}

const NOW = Date.now();
const UP = { __name__: 'up' };
/** Stands for the stale marker, whose bits no JavaScript number keeps. */
const STALE = 1234.56789;
const STALE_BYTES = Buffer.from('020000000000f07f', 'hex');

const sample = (value = 1, ageMs = 0) => ({ value, timestamp: NOW - ageMs });
const exemplar = (labels: Values = { trace_id: 'abc123' }, value = 1, ageMs = 0) => ({
  labels,
  value,
  timestamp: NOW - ageMs,
});

/** A consistent histogram of these parts. */
function histogram(
  parts: { positive?: boolean; negative?: boolean; zero?: boolean; custom?: boolean; float?: boolean } = {},
) {
  const spans = [{ offset: 0, length: 2 }];
  const [positive, negative, zero] = [parts.positive ? 5 : 0, parts.negative ? 3 : 0, parts.zero ? 2 : 0];
  const count = positive + negative + zero;
  return {
    ...(parts.float ? { countFloat: count, zeroCountFloat: zero } : { countInt: count, zeroCountInt: zero }),
    sum: 12.5,
    schema: parts.custom ? -53 : 2,
    zeroThreshold: parts.custom ? 0 : 0.001,
    ...(parts.positive && {
      positiveSpans: spans,
      ...(parts.float ? { positiveCounts: [2, 3] } : { positiveDeltas: [2, 1] }),
    }),
    ...(parts.negative && {
      negativeSpans: spans,
      ...(parts.float ? { negativeCounts: [1, 2] } : { negativeDeltas: [1, 1] }),
    }),
    ...(parts.custom && { customValues: [0.1, 1] }),
    timestamp: NOW,
  };
}

const GAUGE = { type: 2, help: 'Über "quotes"\nand lines', unit: 'special/units' };
const HISTOGRAM = { type: 3, help: 'Latencies', unit: 'seconds' };
const LABEL_SETS: readonly (readonly [string, Values, boolean])[] = [
  ['a name alone', UP, true],
  ['several labels', { ...UP, job: 'testjob', instance: 'localhost:9090' }, true],
  ['lines in a value', { ...UP, job: 'test\njob\n' }, true],
  ['dots in names', { __name__: 'resource.cpu.usage', 'job.name': 'testjob' }, true],
  ['spaces in names', { __name__: 'resource cpu usage', 'job name': 'testjob' }, true],
  ['other scripts', { ...UP, environment: 'test🚀', region: '测试' }, true],
  ['no name', { job: 'testjob', instance: 'localhost:9090' }, false],
  ['an empty name', { __name__: '', job: 'testjob' }, false],
  ['no labels', {}, false],
];
const SPECIAL_VALUES: readonly (readonly [string, number])[] = [
  ['1', 1],
  ['0', 0],
  ['-123.456', -123.456],
  ['1e10', 1e10],
  ['1e-10', 1e-10],
  ['NaN', Number.NaN],
  ['the stale marker', STALE],
  ['Inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
];
const INSTANCES = ['9090', '9091', '9092', '9093'].map((port) => ({ ...UP, instance: `localhost:${port}` }));
const NAMELESS = { job: 'testjob' };

const CASES: readonly Case[] = [
  ...LABEL_SETS.flatMap(([name, labels, isGood]) =>
    SPECIAL_VALUES.map(
      ([value, number]): Case => ({
        name: `a sample of ${value} of a series with ${name}`,
        series: [{ labels, samples: [sample(number)] }],
        written: [isGood ? 1 : 0, 0, 0],
        ...(!isGood && { refused: true }),
      }),
    ),
  ),
  ...SPECIAL_VALUES.flatMap(([value, number]): Case[] => [
    {
      name: `four samples of ${value}`,
      series: INSTANCES.map((labels) => ({ labels, samples: [sample(number)] })),
      written: [4, 0, 0],
    },
    {
      name: `four samples of ${value}, one of a series without a name`,
      series: [NAMELESS, ...INSTANCES.slice(1)].map((labels) => ({ labels, samples: [sample(number)] })),
      written: [3, 0, 0],
      refused: true,
    },
    {
      name: `an exemplar of ${value}`,
      series: [{ labels: UP, samples: [sample(number)], exemplars: [exemplar(undefined, number)] }],
      written: [1, 0, 1],
    },
  ]),
  {
    name: 'a counter that says when it began',
    series: [{ labels: UP, samples: [{ ...sample(100), startTimestamp: NOW - 3_600_000 }] }],
    written: [1, 0, 0],
  },
  ...[{ trace_id: 'a', span_id: 'b' }, { user_id: 'user123' }, {}, { trace_id: 'unicode_trace_测试-1.2' }].map(
    (labels): Case => ({
      name: `an exemplar with the labels ${JSON.stringify(labels)}`,
      series: [{ labels: UP, samples: [sample()], exemplars: [exemplar(labels)] }],
      written: [1, 0, 1],
    }),
  ),
  {
    name: 'exemplars of several times',
    series: [
      {
        labels: UP,
        samples: [sample(1, 3_600_000), sample(2, 60_000), sample(3)],
        exemplars: [exemplar({}, 1, 3_600_000), exemplar({}, 2, 60_000), exemplar({}, 3)],
      },
    ],
    written: [3, 0, 3],
  },
  {
    name: 'an exemplar of a series without a name',
    series: [{ labels: NAMELESS, samples: [sample()], exemplars: [exemplar()] }],
    written: [0, 0, 0],
    refused: true,
  },
  {
    name: 'a histogram of a series without a name',
    series: [{ labels: NAMELESS, histograms: [histogram({ positive: true })] }],
    written: [0, 0, 0],
    refused: true,
  },
  { name: 'an exemplar without a sample', series: [{ labels: UP, exemplars: [exemplar()] }], written: [0, 0, 1] },
  { name: 'metadata alone', series: [{ labels: UP, metadata: GAUGE }], written: [0, 0, 0] },
  {
    name: 'samples, metadata and exemplars',
    series: [
      { labels: UP, samples: [sample()], metadata: GAUGE, exemplars: [exemplar()] },
      { labels: { __name__: 'memory' }, samples: [sample(2 ** 33)], metadata: GAUGE },
    ],
    written: [2, 0, 1],
  },
  ...(
    [
      ['all kinds of buckets', { positive: true, negative: true, zero: true }],
      ['custom buckets', { positive: true, custom: true }],
      ['custom bounds and no bucket', { custom: true }],
      ['positive buckets', { positive: true, zero: true }],
      ['negative buckets', { negative: true }],
      ['the zero bucket alone', { zero: true }],
      ['no bucket at all', {}],
      ['float counts', { positive: true, negative: true, zero: true, float: true }],
    ] as const
  ).map(
    ([name, parts]): Case => ({
      name: `a histogram with ${name}, metadata and an exemplar`,
      series: [
        { labels: { __name__: 'h' }, histograms: [histogram(parts)], metadata: HISTOGRAM, exemplars: [exemplar()] },
      ],
      written: [0, 1, 1],
    }),
  ),
  {
    name: 'a histogram that says when it began',
    series: [
      { labels: { __name__: 'h' }, histograms: [{ ...histogram({ positive: true }), startTimestamp: NOW - 60_000 }] },
    ],
    written: [0, 1, 0],
  },
  {
    name: 'a histogram whose count is not that of its buckets',
    series: [{ labels: { __name__: 'h' }, histograms: [{ ...histogram({ positive: true }), countInt: 77 }] }],
    written: [0, 0, 0],
    refused: true,
  },
  {
    name: 'fifty samples with metadata and exemplars',
    series: Array.from({ length: 50 }, (_, i) => ({
      labels: { __name__: `counter_${i}`, series: `${i}` },
      samples: [sample(100 * i)],
      metadata: { type: 1, help: `Counter ${i}`, unit: 'count' },
      exemplars: [exemplar({ trace_id: `trace_${i}` }, i)],
    })),
    written: [50, 0, 50],
  },
  {
    name: 'fifty histograms with metadata and exemplars',
    series: Array.from({ length: 50 }, (_, i) => ({
      labels: { __name__: `histogram_${i}`, series: `${i}` },
      histograms: [histogram({ positive: true, negative: i % 2 === 0, zero: true })],
      metadata: HISTOGRAM,
      exemplars: [exemplar({ trace_id: `trace_${i}` }, i)],
    })),
    written: [0, 50, 50],
  },
];

function sorted(labels: Values): [string, string][] {
  return Object.entries(labels).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** The same, so many milliseconds before. */
function earlier(series: readonly Series[], ms: number): Series[] {
  const shift = <Point extends { timestamp: number }>(points: readonly Point[] = []) =>
    points.map((point) => ({ ...point, timestamp: point.timestamp - ms }));
  return series.map((one) => ({
    ...one,
    samples: shift(one.samples),
    histograms: shift(one.histograms),
    exemplars: shift(one.exemplars),
  }));
}

function encode1(series: readonly Series[]): Uint8Array {
  const pairs = (labels: Values) => sorted(labels).map(([name, value]) => ({ name, value }));
  return encodeProto('prometheus.WriteRequest', {
    timeseries: series.map(({ labels, samples = [], histograms = [], exemplars = [] }) => ({
      labels: pairs(labels),
      samples: samples.map(({ value, timestamp }) => ({ value, timestamp })),
      histograms: histograms.map((one) => ({ ...one, startTimestamp: undefined })),
      exemplars: exemplars.map((one) => ({ ...one, labels: pairs(one.labels) })),
    })),
  });
}

function encode2(series: readonly Series[]): Uint8Array {
  const symbols = [''];
  const ref = (text: string) => {
    if (!symbols.includes(text)) symbols.push(text);
    return symbols.indexOf(text);
  };
  const refs = (labels: Values) => sorted(labels).flatMap(([name, value]) => [ref(name), ref(value)]);
  const timeseries = series.map(({ labels, samples = [], histograms = [], exemplars = [], metadata }) => ({
    labelsRefs: refs(labels),
    samples,
    histograms,
    exemplars: exemplars.map(({ labels: own, value, timestamp }) => ({ labelsRefs: refs(own), value, timestamp })),
    ...(metadata && { metadata: { type: metadata.type, helpRef: ref(metadata.help), unitRef: ref(metadata.unit) } }),
  }));
  return encodeProto('io.prometheus.write.v2.Request', { symbols, timeseries });
}

function withStaleMarkers(message: Uint8Array): Uint8Array {
  const bytes = Buffer.from(message);
  const placeholder = Buffer.alloc(8);
  placeholder.writeDoubleLE(STALE);
  for (let at = bytes.indexOf(placeholder); at >= 0; at = bytes.indexOf(placeholder)) STALE_BYTES.copy(bytes, at);
  return bytes;
}

/** With the rules of which the page says that histograms are dropped which they want. */
const CONFIGURATIONS: readonly (readonly [string, string, readonly string[]])[] = [
  ['a rule wants', 'rules: [{name: all, match: [\'{__name__=~".+"}\'], histogram: {quantiles: [0.5]}}]', []],
  ['a rule wants, without anything of histograms', 'rules: [{name: all, match: [\'{__name__=~".+"}\']}]', ['all']],
  ['no rule wants', 'rules: [{name: other, match: [something_else]}]', []],
];

for (const [wanted, yaml, dropped] of CONFIGURATIONS) {
  test(`of what ${wanted}, every kind of request of the compliance suite is answered as it has to be`, async (t) => {
    const { url } = await startWholeService(t, yaml);
    const send = async (body: Uint8Array, type: string, encoding = 'snappy') => {
      const response = await fetch(`${url}/api/v1/write`, {
        method: 'POST',
        headers: { 'content-type': type, 'content-encoding': encoding },
        body: new Uint8Array(body),
      });
      const written = ['samples', 'histograms', 'exemplars'].map((kind) =>
        response.headers.get(`x-prometheus-remote-write-${kind}-written`),
      );
      return { status: response.status, text: await response.text(), written };
    };
    const post = (message: Uint8Array, ...how: [type: string, encoding?: string]) =>
      send(compress(withStaleMarkers(message)), ...how);
    for (const [i, { name, series: atOnce, written, refused }] of CASES.entries()) {
      // As a suite that takes time sends them: what was refused once and comes again is answered 204.
      const series = earlier(atOnce, 2 * i);
      const status = refused ? 400 : 204;
      const v2 = await post(encode2(series), 'application/x-protobuf;proto=io.prometheus.write.v2.Request');
      assert.deepEqual([v2.status, v2.written], [status, written.map(String)], `${name}: ${v2.text}`);
      const v1 = await post(encode1(earlier(series, 1)), 'application/x-protobuf');
      // Over 1.0 the headers would be taken for a partial write.
      assert.deepEqual([v1.status, v1.written], [status, [null, null, null]], `${name} over 1.0: ${v1.text}`);
    }
    for (const [type, encoding] of [
      ['application/json', 'snappy'],
      ['image/png', 'snappy'],
      ['application/x-protobuf', 'gzip'],
      ['application/x-protobuf', 'deflate'],
    ] as const) {
      assert.equal(
        (await post(encode2([{ labels: UP, samples: [sample()] }]), type, encoding)).status,
        415,
        `${type} ${encoding}`,
      );
    }
    const body = compress(encode2([{ labels: UP, samples: [sample()] }]));
    body[0] = '0'.charCodeAt(0);
    const corrupt = await send(body, 'application/x-protobuf;proto=io.prometheus.write.v2.Request');
    assert.deepEqual([corrupt.status, corrupt.written], [400, ['0', '0', '0']]);
    const { data } = (await (await fetch(`${url}/api/v1/status/page`)).json()) as PageAnswer;
    assert.deepEqual(
      data.dropped_histograms.map(({ rule }) => rule),
      dropped,
    );
    assert.ok(data.dropped_histograms.every(({ reason }) => reason.includes('set histogram.quantiles')));
  });
}
