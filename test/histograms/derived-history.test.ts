import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DerivedHistory, deriveWindow } from '#src/histograms/derived-history.js';
import type { HistogramSample } from '#src/model/samples/native-histogram.js';

const MINUTE = 60_000;
const SETTINGS = { quantiles: [0.5] };

/** Observations of 1, in a custom bucket up to 1. */
function sample(timeMs: number, count: number, more: Partial<HistogramSample> = {}): HistogramSample {
  const histogram = {
    count,
    sum: count,
    schema: -53,
    zeroThreshold: 0,
    zeroCount: 0,
    positive: { indexes: [0], counts: [count] },
    negative: { indexes: [], counts: [] },
    bounds: [1],
  };
  return { timeMs, resetHint: 'unknown', startMs: 0, histogram, ...more };
}

function derive(samples: readonly HistogramSample[], suffix: string): number[][] {
  const history = new DerivedHistory(SETTINGS, MINUTE);
  for (const one of samples) history.add(one);
  const { timesMs, values } = history.samples.get(suffix) ?? { timesMs: [], values: [] };
  return Array.from(timesMs, (timeMs, i) => [timeMs, values[i]!]);
}

test('the counter rises by what each histogram adds, over every kind of reset', () => {
  const resets: [string, HistogramSample][] = [
    ['a count that falls', sample(2, 7)],
    ['a hint, with a count that rises', sample(2, 70, { resetHint: 'reset' })],
    ['a start time, with a count that rises', sample(2, 70, { startMs: 2 })],
  ];
  for (const [name, second] of resets) {
    const { count } = second.histogram!;
    assert.deepEqual(
      derive([sample(1, 10), second], '_count'),
      [
        [1, 10],
        [2, 10 + count],
      ],
      name,
    );
  }
  assert.deepEqual(derive([sample(1, 10), sample(2, 70, { startMs: 1 })], '_count').at(-1), [2, 70]);
});

test('a stale marker and a gap leave no average, and the counter goes on', () => {
  const samples = [sample(1, 10), sample(2, 20), sample(3, 0, { histogram: undefined }), sample(4, 30)];
  assert.deepEqual(derive(samples, '_avg'), [[2, 1]]);
  assert.deepEqual(
    derive([sample(1, 10), sample(60 * MINUTE, 25), sample(60 * MINUTE + 1, 26)], '_count').map(([, value]) => value),
    [10, 25, 26],
  );
});

test('gauge histograms have an average and no counter', () => {
  const gauge = sample(1, 10, { resetHint: 'gauge' });
  assert.deepEqual(derive([gauge], '_count'), []);
  assert.deepEqual(derive([gauge], '_avg'), [[1, 1]]);
});

test('windows one after another give what all at once gives, wherever they end', () => {
  const samples = Array.from({ length: 40 }, (_, i) => sample(i * 15_000, i % 13 === 0 ? i : 10 * i));
  const all = new DerivedHistory(SETTINGS, MINUTE);
  for (const one of samples) all.add(one);
  for (const windowMs of [MINUTE, 2 * MINUTE, 5 * MINUTE]) {
    const parts = new Map<string, [number, number][]>();
    let before = new DerivedHistory(SETTINGS, MINUTE);
    for (let startMs = 0; startMs < 10 * MINUTE; startMs += windowMs) {
      const history = before.fork();
      const endMs = startMs + windowMs;
      // A window is asked for beyond its end: what comes from there is read again.
      const derived = deriveWindow(history, samples, { startMs, endMs, untilMs: endMs + MINUTE });
      for (const [suffix, { timesMs, values }] of derived) {
        const pairs = Array.from(timesMs, (timeMs, i): [number, number] => [timeMs, values[i]!]);
        parts.set(suffix, [...(parts.get(suffix) ?? []), ...pairs.filter(([timeMs]) => timeMs < endMs)]);
        const next = pairs.filter(([timeMs]) => timeMs >= endMs);
        assert.deepEqual(
          next.map(([timeMs]) => timeMs),
          samples.map(({ timeMs }) => timeMs).filter((timeMs) => timeMs >= endMs && timeMs < endMs + MINUTE),
        );
      }
      before = history;
    }
    for (const [suffix, { timesMs, values }] of all.samples) {
      assert.deepEqual(
        parts.get(suffix),
        Array.from(timesMs, (timeMs, i) => [timeMs, values[i]!]),
        suffix,
      );
    }
  }
});
