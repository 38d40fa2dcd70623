import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compress } from '#src/wire/core/snappy.js';
import { WriteReceiver } from '#src/wire/receive/write-receiver.js';
import { makeStore, onlyId, T0 } from '../../series/fixture.js';
import { encodeProto } from '../proto.js';
import { RecordingSink } from '../recording-sink.js';

interface TimeSeries {
  readonly name: string;
  readonly samples: readonly { readonly timestamp: number; readonly value: number }[];
}

const LIMITS = { maxDecodedBytes: 2 ** 20, maxSamplesPerRequest: 10_000 };

function request(series: readonly TimeSeries[]): Uint8Array {
  const timeseries = series.map(({ name, samples }) => ({ labels: [{ name: '__name__', value: name }], samples }));
  return compress(encodeProto('prometheus.WriteRequest', { timeseries }));
}

test('the samples of each series are delivered in order of time, in whatever order and TimeSeries they come', () => {
  const sample = fc.record({ timestamp: fc.integer({ min: 1, max: 30 }), value: fc.integer() });
  const series = fc.record({ name: fc.constantFrom('a', 'b', 'ignored'), samples: fc.array(sample, { maxLength: 5 }) });
  fc.assert(
    fc.property(fc.array(series, { maxLength: 12 }), (all) => {
      const sink = new RecordingSink();
      const stats = new WriteReceiver(sink, LIMITS).receive(request(all), '1.0', 0);
      assert.equal(stats.samples, all.flatMap(({ samples }) => samples).length);
      for (const name of ['a', 'b']) {
        const sent = all.flatMap((each) => (each.name === name ? each.samples : []));
        // Of two at one time the first is taken.
        const wanted = new Map(sent.toReversed().map(({ timestamp, value }) => [timestamp, value]));
        const times = [...wanted.keys()].sort((a, b) => a - b);
        assert.deepEqual(
          sink.samples.get(name) ?? [],
          times.map((time) => [time, wanted.get(time)]),
        );
      }
    }),
  );
});

test('requests that are in order are delivered as they came: what is not tracked is counted, and nothing is resolved twice', () => {
  const names: string[] = [];
  class CountingSink extends RecordingSink {
    override resolve(bytes: Uint8Array, start: number, end: number): number {
      names.push(Buffer.from(bytes.subarray(start, end)).toString('latin1'));
      return super.resolve(bytes, start, end);
    }
  }
  const receiver = new WriteReceiver(new CountingSink(), LIMITS);
  const at = (...times: number[]) => times.map((timestamp) => ({ timestamp, value: 1 }));
  // Scrapes of two targets overlap, so that times go back between series but not within one.
  const stats = receiver.receive(
    request([
      { name: 'a', samples: at(5, 10) },
      { name: 'b', samples: at(3, 9) },
      { name: 'a', samples: at(11) },
      { name: 'ignored', samples: at(2) },
    ]),
    '1.0',
    0,
  );
  assert.equal(names.length, 4);
  assert.deepEqual([stats.byOutcome[0], stats.byUntracked[1]], [5, 1]);
});

for (const [order, sort] of [
  ['backwards', (times: number[]) => times.toReversed()],
  [
    'every other one first',
    (times: number[]) => [...times.filter((_, i) => i % 2), ...times.filter((_, i) => !(i % 2))],
  ],
] as const) {
  test(`means and rates of an hour that comes ${order} are those of one in order`, () => {
    const times = sort(Array.from({ length: 360 }, (_, i) => T0 - 3_600_000 + i * 10_000));
    for (const [name, aggregate] of [
      ['gauge', 'mean'],
      ['bytes_total', 'rate'],
    ] as const) {
      const store = makeStore({}, { aggregate, stepMs: 60_000 });
      // A TimeSeries for each sample, as Telegraf and Prometheus write them.
      const series = times.map((timestamp) => ({
        name,
        samples: [{ timestamp, value: (3 * (timestamp - T0 + 3_600_000)) / 1000 }],
      }));
      new WriteReceiver(store, LIMITS).receive(request(series), '1.0', T0);
      const { values } = store.readSteps(onlyId(store), T0 - 3_600_000, T0);
      assert.equal(values.length, 60);
      values.forEach((value, minute) => {
        const mean = 3 * (60 * minute + 25);
        assert.ok(Math.abs(value - (aggregate === 'rate' ? 3 : mean)) < 1e-6, `${name} ${minute}: ${value}`);
      });
    }
  });
}
