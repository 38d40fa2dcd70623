import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExemplarStore } from '#src/exemplars/exemplar-store.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { type Labels, labelValue, makeLabels } from '#src/model/labels/labels.js';
import { parseSelector } from '#src/model/labels/selector.js';
import { compress } from '#src/wire/core/snappy.js';
import { WriteReceiver } from '#src/wire/receive/write-receiver.js';
import { encodeProto } from '../wire/proto.js';
import { RecordingSink } from '../wire/recording-sink.js';

const LIMITS = { maxDecodedBytes: 2 ** 20, maxSamplesPerRequest: 10_000 };
const isWanted = (labels: Labels) => labelValue(labels, '__name__') !== 'ignored';

function setUp() {
  const store = new ExemplarStore({ isWanted, externalLabels: ['replica'] });
  const add = (labels: Record<string, string>, timeMs: number, trace = String(timeMs)) => {
    const block = encodeLabelBlock(makeLabels(labels));
    const ref = store.find(block, 0, block.length);
    if (ref >= 0) store.append(ref, { labels: makeLabels({ trace_id: trace }), value: timeMs, timeMs });
    return ref;
  };
  const traces = (selector: string, startMs = 0, endMs = 1e9) =>
    store
      .select(parseSelector(selector), startMs, endMs)
      .map(({ exemplars }) => exemplars.map(({ labels }) => labelValue(labels, 'trace_id')));
  return { store, add, traces };
}

test('ExemplarStore keeps the last ten of a series, in order of time, each once', () => {
  const { add, traces } = setUp();
  for (const timeMs of [3, 1, 2, 2]) add({ __name__: 'm' }, timeMs);
  assert.deepEqual(traces('m'), [['1', '2', '3']]);
  for (let timeMs = 4; timeMs <= 12; timeMs++) add({ __name__: 'm' }, timeMs);
  assert.deepEqual(traces('m'), [['3', '4', '5', '6', '7', '8', '9', '10', '11', '12']]);
  assert.deepEqual(traces('m', 5, 6), [['5', '6']]);
  assert.deepEqual(traces('m', 20), []);
});

test('ExemplarStore puts what two senders know of one series together, and keeps none that no rule wants', () => {
  const { add, traces, store } = setUp();
  add({ __name__: 'm', replica: 'a' }, 2);
  add({ __name__: 'm', replica: 'b' }, 1);
  add({ __name__: 'n' }, 1);
  assert.equal(add({ __name__: 'ignored' }, 1), -1);
  assert.deepEqual(traces('{__name__=~".+"}'), [['1', '2'], ['1']]);
  store.setRules((labels) => labelValue(labels, '__name__') === 'n');
  assert.deepEqual(traces('{__name__=~".+"}'), [['1']]);
  assert.equal(add({ __name__: 'm' }, 3), -1);
});

test('ExemplarStore leaves out labels longer than an exemplar may have, and forgets the series that is quiet for longest', () => {
  const { add, traces } = setUp();
  add({ __name__: 'm' }, 1, 'x'.repeat(600));
  assert.deepEqual(traces('m'), []);
  add({ __name__: 'quiet' }, 1);
  for (let i = 0; i < 10_000; i++) add({ __name__: 'n', i: String(i) }, 1);
  assert.deepEqual(traces('quiet'), []);
});

for (const protocol of ['1.0', '2.0'] as const) {
  test(`exemplars that come over ${protocol} are kept, and counted as they are`, () => {
    const store = new ExemplarStore({ isWanted, externalLabels: [] });
    const receiver = new WriteReceiver(new RecordingSink(), LIMITS, { exemplars: store });
    const series = (name: number, exemplar: object) => ({
      samples: [{ value: 1, timestamp: 1 }],
      ...(protocol === '1.0'
        ? { labels: [{ name: '__name__', value: ['', '', 'm', 'ignored'][name] }] }
        : { labelsRefs: [1, name] }),
      exemplars: [exemplar],
    });
    const labels = protocol === '1.0' ? { labels: [{ name: 'trace_id', value: 'abc' }] } : { labelsRefs: [4, 5] };
    const message =
      protocol === '1.0'
        ? encodeProto('prometheus.WriteRequest', {
            timeseries: [2, 3].map((name) => series(name, { ...labels, value: 2.5, timestamp: 77 })),
          })
        : encodeProto('io.prometheus.write.v2.Request', {
            symbols: ['', '__name__', 'm', 'ignored', 'trace_id', 'abc'],
            timeseries: [2, 3].map((name) => series(name, { ...labels, value: 2.5, timestamp: 77 })),
          });
    const stats = receiver.receive(compress(message), protocol, 0);
    assert.deepEqual([stats.accepted, stats.exemplars, stats.keptExemplars, stats.invalidExemplars], [true, 2, 1, 0]);
    assert.deepEqual(store.select(parseSelector('{__name__=~".+"}'), 0, 100), [
      {
        labels: makeLabels({ __name__: 'm' }),
        exemplars: [{ labels: makeLabels({ trace_id: 'abc' }), value: 2.5, timeMs: 77 }],
      },
    ]);
  });
}

test('an exemplar is what it was, wherever the labels of its series are', () => {
  const store = new ExemplarStore({ isWanted, externalLabels: [] });
  const label = (name: string, value: string) => ({ labels: [{ name, value }] });
  const part = (series: object) => encodeProto('prometheus.TimeSeries', series);
  const exemplar = { labels: [{ name: 'trace_id', value: 'abc' }], value: 2.5, timestamp: 77 };
  const series = Buffer.concat([
    part(label('__name__', 'm')),
    part({ exemplars: [exemplar] }),
    part(label('a', 'b')),
    part({ exemplars: [{ ...exemplar, timestamp: 78 }] }),
    part(label('c', 'd')),
  ]);
  const request = Buffer.concat([Buffer.from([0x0a, series.length]), series]);
  new WriteReceiver(new RecordingSink(), LIMITS, { exemplars: store }).receive(compress(request), '1.0', 0);
  const labels = makeLabels({ trace_id: 'abc' });
  assert.deepEqual(store.select(parseSelector('m'), 0, 100), [
    {
      labels: makeLabels({ __name__: 'm', a: 'b', c: 'd' }),
      exemplars: [77, 78].map((timeMs) => ({ labels, value: 2.5, timeMs })),
    },
  ]);
});

test('an exemplar whose labels are in no symbol table is refused, and the rest is kept', () => {
  const store = new ExemplarStore({ isWanted, externalLabels: [] });
  const sink = new RecordingSink();
  const stats = new WriteReceiver(sink, LIMITS, { exemplars: store }).receive(
    compress(
      encodeProto('io.prometheus.write.v2.Request', {
        symbols: ['', '__name__', 'm'],
        timeseries: [
          {
            labelsRefs: [1, 2],
            samples: [{ value: 1, timestamp: 1 }],
            exemplars: [
              { labelsRefs: [1, 9], timestamp: 1 },
              { labelsRefs: [1, 2], timestamp: 2 },
            ],
          },
        ],
      }),
    ),
    '2.0',
    0,
  );
  assert.deepEqual([stats.accepted, stats.invalidExemplars, stats.keptExemplars, sink.size], [false, 1, 1, 1]);
  assert.match(stats.toString(), /refused 1 of 2 exemplars.*in no symbol table/);
});
