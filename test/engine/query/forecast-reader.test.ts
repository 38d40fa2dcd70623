import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forecastOn } from '#src/engine/expectation/expectation.js';
import { ForecastReader } from '#src/engine/query/forecast-reader.js';
import { ReadBudget, ReadLimitError } from '#src/engine/query/read-budget.js';
import { decodeLabelBlock } from '#src/model/labels/label-block.js';
import { formatLabels } from '#src/model/labels/labels.js';
import { MatcherError } from '#src/model/labels/matcher.js';
import { parseSelector } from '#src/model/labels/selector.js';
import { RECEIVER_DEFAULTS } from '#src/model/settings/receiver.js';
import { DAY, MINUTE } from '../../fixtures.js';
import { START, storeWith, trackedAround } from '../fixture.js';

const LIMITS = { maxReadSeries: 100, maxReadSamples: 10_000, readTimeoutMs: 10_000 };

/** Series under these labels, each forecast around its number; the clock is at START. */
function readerOf(all: Record<string, string>[], options: { rule?: string; externalLabels?: string[] } = {}) {
  const { store, appendTo, settings } = storeWith('unused', options.rule ?? 'horizon: 1h', options.externalLabels);
  const reader = new ForecastReader({ store, externalLabels: options.externalLabels ?? [], now: () => START });
  // Replicas are one series.
  const ids = new Set(all.map((labels) => appendTo(labels, START, 0)));
  const series = Array.from(ids, (id, i) => {
    const tracked = trackedAround(10 * (i + 1), settings, id);
    reader.add(tracked);
    return tracked;
  });
  const read = async (selector: string, range = { startMs: START, endMs: START }, limits = LIMITS) => {
    const answer = await reader.read({ ...range, matchers: parseSelector(selector) }, new ReadBudget(limits));
    return answer.map(({ block, samples }) => ({ labels: formatLabels(decodeLabelBlock(block)), ...samples }));
  };
  const names = async (selector: string) => (await read(selector)).map(({ labels }) => labels);
  return { store, reader, series, settings, read, names };
}

test('a forecast series is what the model expects, at every point of the range up to the horizon', async () => {
  const { store, series, read } = readerOf([{ __name__: 'm', job: 'a' }]);
  const range = { startMs: START - 10 * MINUTE, endMs: START + 120 * MINUTE };
  const answer = await read('{__name__=~"m_yhat.*", sentio="forecast"}', range);
  assert.deepEqual(
    answer.map(({ labels }) => labels),
    ['m_yhat', 'm_yhat_lower', 'm_yhat_upper'].map((name) => `${name}{job="a", sentio="forecast"}`),
  );
  const timesMs = Float64Array.from({ length: 71 }, (_, i) => START + (i - 10) * MINUTE);
  const want = forecastOn(store, series[0]!, timesMs);
  const columns = [want.yhat, want.yhatLower, want.yhatUpper];
  for (const [i, series] of answer.entries()) {
    assert.deepEqual(series.timesMs, timesMs);
    assert.deepEqual(series.values, columns[i]);
  }
});

test('a counter has the forecast of its rate, under the name of its rate', async () => {
  const { names } = readerOf([{ __name__: 'requests_total' }]);
  assert.deepEqual(await names('{__name__=~"requests.+_yhat", sentio="forecast"}'), [
    'requests_total_rate_yhat{sentio="forecast"}',
  ]);
});

test('forecast series come in the order of their labels, whatever these are', async () => {
  const { names } = readerOf([
    { __name__: 'm', z: '1' },
    { __name__: 'm', a: '2' },
    { __name__: 'm', Upper: 'case' },
    { __name__: 'm' },
    { __name__: 'a', z: '1' },
    { __name__: 'm', a: '10' },
  ]);
  assert.deepEqual(await names('{__name__=~".+_yhat", sentio="forecast"}'), [
    // "Upper" comes before "__name__", as bytes do.
    'm_yhat{Upper="case", sentio="forecast"}',
    'a_yhat{sentio="forecast", z="1"}',
    'm_yhat{a="10", sentio="forecast"}',
    'm_yhat{a="2", sentio="forecast"}',
    'm_yhat{sentio="forecast"}',
    'm_yhat{sentio="forecast", z="1"}',
  ]);
});

test('matchers mean what they mean in Prometheus', async () => {
  const { names } = readerOf([{ __name__: 'm', job: 'a' }, { __name__: 'm', job: 'b' }, { __name__: 'n' }]);
  const cases: [selector: string, want: string[]][] = [
    ['m_yhat{sentio="forecast", job="a"}', ['a']],
    ['m_yhat{sentio="forecast", job!="a"}', ['b']],
    ['m_yhat{sentio="forecast", job=~"a|x"}', ['a']],
    ['m_yhat{sentio="forecast", job!~"a|x"}', ['b']],
    ['{__name__=~"._yhat", sentio="forecast", job=""}', ['']],
    ['{__name__=~"._yhat", sentio="forecast", job=~".*"}', ['a', 'b', '']],
    ['{__name__!~"m_.+", __name__=~".+_yhat", sentio="forecast"}', ['']],
    ['m_yhat{sentio="forecast", sentio=~"f.+"}', ['a', 'b']],
    ['m_yhat{sentio="forecast", sentio!~"f.+"}', []],
    ['m{sentio="forecast"}', []],
    ['m_anomaly_score{sentio="forecast"}', []],
    ['m_yhat', []],
    ['m_yhat{sentio=~"forecast"}', []],
    ['m_yhat{sentio!=""}', []],
  ];
  for (const [selector, want] of cases) {
    const jobs = (await names(selector)).map((labels) => /job="(.)"/.exec(labels)?.[1] ?? '');
    assert.deepEqual(jobs.sort().reverse(), want.sort().reverse(), selector);
  }
});

test('an external label is given to forecast series when it is asked for, and to none otherwise', async () => {
  const { names } = readerOf([{ __name__: 'm' }], { externalLabels: ['cluster'] });
  const cases: [matcher: string, want: string[]][] = [
    ['', ['m_yhat{sentio="forecast"}']],
    [', cluster="x"', ['m_yhat{cluster="x", sentio="forecast"}']],
    [', cluster=""', ['m_yhat{sentio="forecast"}']],
    [', cluster!="x"', ['m_yhat{sentio="forecast"}']],
    [', cluster=~"x"', []],
    [', replica="x"', []],
    // Asked for twice it is one label, with two values that of no series.
    [', cluster="x", cluster="x"', ['m_yhat{cluster="x", sentio="forecast"}']],
    [', cluster="x", cluster="y"', []],
  ];
  for (const [matcher, want] of cases) {
    assert.deepEqual(await names(`m_yhat{sentio="forecast"${matcher}}`), want, matcher);
  }
});

test('an external label has the values that senders of the series add, and any where none adds it', async () => {
  const { names } = readerOf(
    [
      { __name__: 'm', job: 'pair', cluster: 'x', replica: '1' },
      { __name__: 'm', job: 'pair', cluster: 'x', replica: '2' },
      { __name__: 'm', job: 'other', cluster: 'y' },
      { __name__: 'm', job: 'direct' },
    ],
    { externalLabels: ['cluster', 'replica'] },
  );
  const jobs = async (matchers: string) =>
    (await names(`m_yhat{sentio="forecast", ${matchers}}`)).map((text) => /job="(\w+)"/.exec(text)?.[1]);
  assert.deepEqual(await jobs('cluster="x"'), ['direct', 'pair']);
  assert.deepEqual(await jobs('cluster="y"'), ['direct', 'other']);
  assert.deepEqual(await jobs('cluster="z"'), ['direct']);
  assert.deepEqual(await jobs('cluster="x", replica="2"'), ['direct', 'pair']);
  assert.deepEqual(await jobs('cluster="x", replica="3"'), ['direct']);
});

test('a source that has the label of forecast series itself has none', async () => {
  const { names } = readerOf([{ __name__: 'm', sentio: 'mine' }, { __name__: 'm' }]);
  assert.deepEqual(await names('m_yhat{sentio="forecast"}'), ['m_yhat{sentio="forecast"}']);
});

test('a source without a model, or that is gone, has no forecast series', async () => {
  const { reader, series, names } = readerOf([
    { __name__: 'm', job: 'a' },
    { __name__: 'm', job: 'b' },
  ]);
  series[0]!.model = undefined;
  assert.deepEqual(await names('m_yhat{sentio="forecast"}'), ['m_yhat{job="b", sentio="forecast"}']);
  reader.remove(series[1]!);
  assert.deepEqual(await names('m_yhat{sentio="forecast"}'), []);
});

test('the forecast series of a source that has ended ends with it', async () => {
  const { store, read } = readerOf([{ __name__: 'm' }]);
  store.beginRequest(START);
  const block = store.block(0);
  store.appendStale(store.resolve(block, 0, block.length), START);
  const [series] = await read('m_yhat{sentio="forecast"}', { startMs: START - MINUTE, endMs: START + 10 * MINUTE });
  assert.deepEqual([...series!.timesMs], [START - MINUTE, START]);
});

test('forecast series are clamped to the bounds of the rule', async () => {
  const { read } = readerOf([{ __name__: 'm' }], { rule: 'bounds: {min: 9.5, max: 10.5}' });
  const answer = await read('{__name__=~"m_yhat.*", sentio="forecast"}');
  assert.deepEqual(
    answer.slice(1).map(({ values }) => values[0]),
    [9.5, 10.5],
  );
});

test('a query for labels alone may ask for all of time', async () => {
  const { reader } = readerOf([{ __name__: 'm' }]);
  const matchers = parseSelector('m_yhat{sentio="forecast"}');
  const query = { startMs: -9.2e15, endMs: 9.2e15, matchers, hints: { stepMs: 0, func: 'series' } };
  const [series] = await reader.read(query, new ReadBudget(LIMITS));
  assert.equal(series!.samples.timesMs.length, 1);
});

test('what is too much is refused before it is computed', async () => {
  const all = Array.from({ length: 20 }, (_, i) => ({ __name__: 'm', i: `${i}` }));
  const { read } = readerOf(all);
  const range = { startMs: START - 20 * MINUTE, endMs: START };
  const cases: [limits: typeof LIMITS, message: RegExp][] = [
    [{ ...LIMITS, maxReadSeries: 19 }, /more than 19 series/],
    [{ ...LIMITS, maxReadSamples: 20 * 21 - 1 }, /more than 419 samples/],
  ];
  for (const [limits, message] of cases) {
    await assert.rejects(read('m_yhat{sentio="forecast"}', range, limits), { name: 'ReadLimitError', message });
  }
  const exact = { ...LIMITS, maxReadSeries: 20, maxReadSamples: 20 * 21 };
  assert.equal((await read('m_yhat{sentio="forecast"}', range, exact)).length, 20);
  assert.throws(() => new ReadBudget({ ...LIMITS, readTimeoutMs: 0 }).checkTime(), ReadLimitError);
});

test('a year is answered at a coarse step, and refused at the step of the rule before it is computed', async () => {
  const { reader } = readerOf([{ __name__: 'm' }], { rule: 'step: 1m\n    horizon: 1h' });
  const matchers = parseSelector('{__name__=~"m_yhat.*", sentio="forecast"}');
  const read = (stepMs: number) =>
    reader.read(
      { startMs: START - 365 * DAY, endMs: START, matchers, hints: { stepMs, func: '' } },
      new ReadBudget(RECEIVER_DEFAULTS),
    );
  // PromQL looks back five minutes, whatever its step.
  assert.deepEqual(
    (await read(DAY)).map(({ samples }) => samples.values.length),
    Array(3).fill(365 * 288 + 1),
  );
  await assert.rejects(read(0), { name: 'ReadLimitError', message: /needs more than 1000000 samples/ });
});

test('an expression that is none is refused', async () => {
  const { reader } = readerOf([{ __name__: 'm' }]);
  const matchers = [...parseSelector('m_yhat{sentio="forecast"}'), { name: 'job', type: '=~' as const, value: '(' }];
  await assert.rejects(reader.read({ startMs: 0, endMs: 1, matchers }, new ReadBudget(LIMITS)), MatcherError);
});
