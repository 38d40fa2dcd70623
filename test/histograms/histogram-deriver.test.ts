import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { parseConfig } from '#src/config/load.js';
import { HistogramDeriver } from '#src/histograms/histogram-deriver.js';
import { decodeLabelBlock } from '#src/model/labels/label-block.js';
import { formatLabels } from '#src/model/labels/labels.js';
import { SampleOutcome } from '#src/model/samples/write-sink.js';
import { RECEIVER_DEFAULTS } from '#src/model/settings/receiver.js';
import { ruleChooser } from '#src/model/settings/rule-chooser.js';
import { SeriesStore } from '#src/series/series-store.js';
import { compress } from '#src/wire/core/snappy.js';
import { WriteReceiver } from '#src/wire/receive/write-receiver.js';
import { hex } from '../wire/hex.js';
import { RecordingSink } from '../wire/recording-sink.js';

interface GoldenHistogram {
  readonly name: string;
  readonly v1: string;
  readonly timeMs: number;
  readonly count: string;
  readonly deltaCount?: string;
  readonly deltaSum?: string;
  readonly quantiles?: Readonly<Record<string, string>>;
}

const GOLDEN: readonly GoldenHistogram[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../test/wire/testdata/native-histograms.json'), 'utf8'),
);
const LIMITS = { maxDecodedBytes: 2 ** 20, maxSamplesPerRequest: 1000 };
const RULES = `rules:
  - name: latency
    match: [latency]
    histogram: {quantiles: [0.5, 0.99]}
  - name: other
    match: ['{job="other"}']`;

/** A sink for derived series, and for what is written beside them. */
class Sink extends RecordingSink {
  readonly derived: string[] = [];

  setDerived(name: string): void {
    this.derived.push(name);
  }
}

function setUp(options: { maxSources?: number; yaml?: string } = {}) {
  const sink = new Sink();
  const dropped: string[] = [];
  const deriver = new HistogramDeriver({
    sink,
    chooseRule: ruleChooser(parseConfig(options.yaml ?? RULES, '.').rules),
    externalLabels: ['replica'],
    maxSources: options.maxSources ?? 10,
    onDropped: ({ rule, example, reason }) => dropped.push(`${rule}: ${example} ${reason}`),
  });
  const receiver = new WriteReceiver(sink, LIMITS, { histograms: deriver });
  return { sink, dropped, deriver, receiver };
}

/** A request with one histogram, as bytes of the message. */
function request(labels: Readonly<Record<string, string>>, histogram: Uint8Array, protocol: '1.0' | '2.0'): Uint8Array {
  const pairs = Object.entries(labels);
  // Neither message type has raw bytes for a histogram, so its field is appended by hand: the same in both but for its number.
  const field = Buffer.concat([Buffer.from([protocol === '1.0' ? 0x22 : 0x1a]), varint(histogram.length), histogram]);
  if (protocol === '1.0') {
    const blocks = pairs.map(([name, value]) => text(0x0a, Buffer.concat([text(0x0a, name), text(0x12, value)])));
    return compress(text(0x0a, Buffer.concat([...blocks, field])));
  }
  const symbols = ['', ...pairs.flat()].map((symbol) => text(0x22, symbol));
  const refs = text(0x0a, Buffer.from(pairs.flatMap((_, i) => [2 * i + 1, 2 * i + 2])));
  return compress(Buffer.concat([...symbols, text(0x2a, Buffer.concat([refs, field]))]));
}

function text(tag: number, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([Buffer.from([tag]), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  return value < 0x80 ? Buffer.from([value]) : Buffer.from([(value & 0x7f) | 0x80, value >> 7]);
}

for (const protocol of ['1.0', '2.0'] as const) {
  test(`what is derived from histograms that come over ${protocol} is what Prometheus computes`, () => {
    for (const name of new Set(GOLDEN.map((golden) => golden.name))) {
      const { sink, receiver } = setUp();
      const golden = GOLDEN.filter((one) => one.name === name);
      for (const { v1, timeMs } of golden) {
        const stats = receiver.receive(request({ __name__: 'latency', job: 'a' }, hex(v1), protocol), protocol, timeMs);
        assert.deepEqual([stats.accepted, stats.histograms, stats.derivedHistograms], [true, 1, 1], name);
      }
      const observed = golden.filter(({ deltaCount = '0' }) => Number(deltaCount) > 0);
      const derived: [suffix: string, want: [timeMs: number, value: number][]][] = [
        ['count', golden.map(({ timeMs, count }) => [timeMs, Number(count)])],
        ['avg', observed.map(({ timeMs, deltaSum, deltaCount }) => [timeMs, Number(deltaSum) / Number(deltaCount)])],
        ['p50', observed.map(({ timeMs, quantiles }) => [timeMs, Number(quantiles!['0.5'])])],
        ['p99', observed.map(({ timeMs, quantiles }) => [timeMs, Number(quantiles!['0.99'])])],
      ];
      for (const [suffix, want] of derived) {
        const samples = sink.samples.get(`latency_${suffix}{job="a"}`) ?? [];
        assert.deepEqual(
          samples.map(([timeMs]) => timeMs),
          want.map(([timeMs]) => timeMs),
          `${name} ${suffix}`,
        );
        for (const [i, [, value]] of samples.entries()) {
          const expected = want[i]![1];
          assert.ok(
            Math.abs(Number(value) - expected) <= 1e-9 * Math.abs(expected),
            `${name} ${suffix} ${i}: ${value}`,
          );
        }
      }
    }
  });
}

/** Custom buckets up to 1, 2 and 4, with as many observations in each as given. */
function sample(timeMs: number, counts: readonly number[], more: object = {}) {
  const histogram = {
    count: counts.reduce((sum, count) => sum + count, 0),
    sum: counts.reduce((sum, count, i) => sum + count * 2 ** i, 0),
    schema: -53,
    zeroThreshold: 0,
    zeroCount: 0,
    positive: { indexes: counts.map((_, i) => i), counts },
    negative: { indexes: [], counts: [] },
    bounds: [1, 2, 4],
    ...more,
  };
  return { timeMs, resetHint: 'unknown' as const, startMs: 0, histogram };
}
const BLOCK = hex('0a13 0a085f5f6e616d655f5f 12076c6174656e6379');
const MINUTE = 60_000;

test('the samples of a step grow to the increase of the whole step, across a reset', () => {
  const { sink, deriver } = setUp();
  const ref = deriver.find(BLOCK, 0, BLOCK.length);
  deriver.append(ref, sample(MINUTE - 1, [10, 0, 0, 0]));
  deriver.append(ref, sample(MINUTE, [12, 0, 0, 0])); // 2 up to 1
  deriver.append(ref, sample(MINUTE + 1, [12, 2, 0, 0])); // and 2 up to 2
  deriver.append(ref, sample(MINUTE + 2, [0, 0, 4, 0])); // began anew: and 4 up to 4
  assert.deepEqual(sink.samples.get('latency_avg'), [
    [MINUTE, 1],
    [MINUTE + 1, 1.5],
    [MINUTE + 2, (2 + 4 + 16) / 8],
  ]);
  // A step begins with what it has seen itself.
  deriver.append(ref, sample(2 * MINUTE, [0, 0, 6, 0]));
  assert.deepEqual(sink.samples.get('latency_avg')!.at(-1), [2 * MINUTE, 4]);
});

test('a histogram that is sent again, or late, changes nothing; a stale marker ends what is derived', () => {
  const { sink, deriver } = setUp();
  const ref = deriver.find(BLOCK, 0, BLOCK.length);
  for (const timeMs of [1, 2, 2, 1]) deriver.append(ref, sample(timeMs, [timeMs, 0, 0, 0]));
  assert.deepEqual(sink.samples.get('latency_avg'), [[2, 1]]);
  deriver.append(ref, { timeMs: 3, resetHint: 'unknown', startMs: 0, histogram: undefined });
  assert.deepEqual(sink.samples.get('latency_count'), [
    [1, 1],
    [2, 2],
    [3, 'stale'],
  ]);
  deriver.append(ref, sample(4, [50, 0, 0, 0]));
  assert.deepEqual(sink.samples.get('latency_avg'), [
    [2, 1],
    [3, 'stale'],
  ]);
});

test('a gauge histogram has its own average and quantiles, and no count of what it counted', () => {
  const { sink, deriver } = setUp();
  const ref = deriver.find(BLOCK, 0, BLOCK.length);
  deriver.append(ref, { ...sample(1, [0, 4, 0, 0]), resetHint: 'gauge' });
  assert.deepEqual([...sink.samples.keys()].sort(), ['latency_avg', 'latency_p50', 'latency_p99']);
  assert.deepEqual(sink.samples.get('latency_p50'), [[1, 1.5]]);
});

test('of series that no rule wants nothing is derived; a rule that could is named once', () => {
  const { dropped, deriver, receiver, sink } = setUp();
  const histogram = hex(GOLDEN[0]!.v1);
  for (const name of ['a', 'b', 'a']) {
    const stats = receiver.receive(request({ __name__: name, job: 'other' }, histogram, '1.0'), '1.0', 0);
    assert.deepEqual([stats.accepted, stats.histograms, stats.derivedHistograms], [true, 1, 0]);
  }
  receiver.receive(request({ __name__: 'c' }, histogram, '1.0'), '1.0', 0);
  assert.deepEqual(dropped, ['other: a{job="other"} unconfigured']);
  assert.deepEqual(deriver.dropped, [{ rule: 'other', example: 'a{job="other"}', reason: 'unconfigured' }]);
  assert.equal(sink.size, 0);
});

test('a metric that turned native is named once for the rule that wanted its classic series', () => {
  for (const suffix of ['count', 'sum', 'bucket']) {
    const yaml = `rules: [{name: classic, match: [latency_${suffix}]}]`;
    const { dropped, deriver, receiver, sink } = setUp({ yaml });
    const histogram = hex(GOLDEN[0]!.v1);
    for (const instance of ['a', 'b', 'a']) {
      receiver.receive(request({ __name__: 'latency', instance }, histogram, '1.0'), '1.0', 0);
    }
    receiver.receive(request({ __name__: 'other' }, histogram, '1.0'), '1.0', 0);
    assert.deepEqual(dropped, ['classic: latency{instance="a"} turned_native']);
    assert.equal(sink.size, 0);
    deriver.setRules(() => undefined);
    assert.deepEqual(deriver.dropped, []);
  }
});

test('what is saved is gone on from after a restart, so that no step is lost', () => {
  const before = setUp();
  const ref = before.deriver.find(BLOCK, 0, BLOCK.length);
  before.deriver.append(ref, sample(MINUTE - 1, [10, 0, 0, 0]));
  before.deriver.append(ref, sample(MINUTE, [12, 0, 0, 0]));
  const text = Buffer.concat([...before.deriver.save()]).toString('utf8');
  const { sink, deriver } = setUp();
  deriver.restore(text);
  const again = deriver.find(BLOCK, 0, BLOCK.length);
  deriver.append(again, sample(MINUTE + 1, [12, 2, 0, 0]));
  // Of the whole step: 2 up to 1 came before the restart.
  assert.deepEqual(sink.samples.get('latency_avg'), [[MINUTE + 1, 1.5]]);
  const other = setUp({ yaml: 'rules: [{name: none, match: [nothing]}]' });
  other.deriver.restore(text);
  assert.deepEqual([...other.deriver.save()], []);
});

test('a sum that is no number survives, and a text that is damaged is refused whole', () => {
  const { deriver } = setUp();
  const ref = deriver.find(BLOCK, 0, BLOCK.length);
  deriver.append(ref, sample(1, [1, 0, 0, 0], { sum: Number.NaN }));
  const text = Buffer.concat([...deriver.save()]).toString('utf8');
  const restored = setUp().deriver;
  restored.restore(text);
  assert.equal(Buffer.concat([...restored.save()]).toString('utf8'), text);
  for (const damaged of ['{', '[]', '["key",{"previous":{"timeMs":1},"step":0}]', `${text}["key"]`]) {
    const { deriver: none } = setUp();
    assert.throws(() => none.restore(damaged), damaged);
    assert.deepEqual([...none.save()], []);
  }
});

test('the state of series is bounded, and those of which nothing came for an hour make room', () => {
  const { deriver } = setUp({ maxSources: 1 });
  const other = hex('0a13 0a085f5f6e616d655f5f 12076c6174656e6379 0a06 0a0161 120162');
  const ref = deriver.find(BLOCK, 0, BLOCK.length);
  deriver.append(ref, sample(0, [1, 0, 0, 0]));
  assert.equal(deriver.find(other, 0, other.length), -1);
  assert.equal(deriver.find(BLOCK, 0, BLOCK.length), ref);
});

test('in the store a quantile is the last of its step, under the rule of its histogram, and published beside its forecast', () => {
  const { rules } = parseConfig(RULES, '.');
  const chooseRule = ruleChooser(rules);
  const store = new SeriesStore({
    ...RECEIVER_DEFAULTS,
    externalLabels: [],
    chooseRule,
    seriesIdleTimeoutMs: 60 * MINUTE,
    maxIgnoredBytes: 1e6,
    log: pino({ level: 'silent' }),
  });
  const deriver = new HistogramDeriver({
    sink: store,
    chooseRule,
    externalLabels: [],
    maxSources: 10,
    onDropped: () => {},
  });
  store.beginRequest(10 * MINUTE);
  const ref = deriver.find(BLOCK, 0, BLOCK.length);
  for (let i = 0; i < 10; i++) {
    assert.equal(deriver.append(ref, sample(i * 30_000, [i, 0, 0, 0])), SampleOutcome.stored);
  }
  assert.deepEqual(
    Array.from(store.ids(), (id) => [
      formatLabels(decodeLabelBlock(store.block(id))),
      store.rule(id).name,
      store.aggregate(id),
      store.observedSuffix(id),
    ]),
    [
      ['latency_count', 'latency', 'rate', '_rate_y'],
      ['latency_avg', 'latency', 'last', '_y'],
      ['latency_p50', 'latency', 'last', '_y'],
      ['latency_p99', 'latency', 'last', '_y'],
    ],
  );
});
