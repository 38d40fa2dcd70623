import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { decodeLabelBlock, encodeLabelBlock, LabelError } from '#src/model/labels/label-block.js';
import { type Labels, labelValue, makeLabels } from '#src/model/labels/labels.js';
import { SampleOutcome, Untracked } from '#src/model/samples/write-sink.js';
import type { SeriesStore } from '#src/series/series-store.js';
import { HOUR, MINUTE, SECOND } from '../fixtures.js';
import { applyRules, encodeInOrder, makeStore, onlyId, resolve, resolveBlock, send, T0 } from './fixture.js';

const UP = { __name__: 'up', job: 'a' };

/** The aggregate of every step from T0 on, up to the newest. */
function stepsOf(store: SeriesStore): number[] {
  const id = onlyId(store);
  const count = Math.floor((store.newestSampleMs(id) - T0) / MINUTE) + 1;
  return Array.from({ length: count }, (_, i) => store.stepValue(id, T0 + i * MINUTE));
}

/** The labels of a block if a series may have them and they name a metric. */
function namedLabels(block: Uint8Array): Labels | undefined {
  try {
    const labels = decodeLabelBlock(block);
    return labelValue(labels, '__name__') === '' ? undefined : labels;
  } catch (error) {
    if (error instanceof LabelError) return undefined;
    throw error;
  }
}

test('a series is found by its labels, however they are spelt', () => {
  const store = makeStore();
  const variants = [
    encodeInOrder(['__name__', 'up'], ['job', 'a']),
    encodeInOrder(['job', 'a'], ['__name__', 'up']),
    encodeInOrder(['__name__', 'up'], ['job', 'a'], ['replica', '0']),
    encodeInOrder(['replica', '0'], ['job', 'a'], ['__name__', 'up']),
    encodeInOrder(['__name__', 'up'], ['empty', ''], ['job', 'a']),
  ];
  for (const block of [...variants, ...variants]) assert.ok(resolveBlock(store, block) >= 0);
  const id = onlyId(store);
  assert.deepEqual(store.labels(id), makeLabels(UP));
  assert.deepEqual(store.block(id), encodeLabelBlock(makeLabels(UP)));
});

test('series that differ in one byte are two', () => {
  const store = makeStore();
  const refs = ['a', 'b', 'aa', 'A'].map((job) => resolve(store, { __name__: 'up', job }));
  assert.equal(new Set(refs).size, 4);
  assert.equal(store.size, 4);
  assert.deepEqual(
    [...store.ids()].map((id) => store.labels(id)[1]!.value),
    ['a', 'b', 'aa', 'A'],
  );
});

test('the block of a series stays what it was when a request changes its bytes', () => {
  const store = makeStore();
  const block = encodeLabelBlock(makeLabels(UP));
  const request = block.slice();
  store.resolve(request, 0, request.length);
  request.fill(0xff);
  assert.deepEqual(store.block(onlyId(store)), block);
});

test('chooseRule() is asked once for a series, and once for a series to ignore', () => {
  const asked: string[] = [];
  const store = makeStore({
    chooseRule: (labels) => {
      asked.push(labels[0]!.value);
      return undefined;
    },
  });
  for (let i = 0; i < 3; i++) {
    assert.equal(resolve(store, { __name__: 'a' }), Untracked.noRule);
    assert.equal(resolve(store, { __name__: 'b', replica: '1' }), Untracked.noRule);
  }
  assert.deepEqual(asked, ['a', 'b']);
  assert.equal(store.stats.noRule, 6);
  assert.equal(store.stats.ignoredEntries, 2);
});

test('labels that no series may have are refused, with the reason', () => {
  const limits = { maxLabels: 3, maxLabelNameBytes: 10, maxLabelValueBytes: 20 };
  const name: [string, string] = ['__name__', 'm'];
  const cases: [name: string, block: Uint8Array, code: keyof typeof Untracked, reason: RegExp][] = [
    ['no labels', encodeInOrder(), 'invalidLabels', /no labels/],
    ['no metric name', encodeInOrder(['a', 'b']), 'invalidLabels', /no metric name/],
    ['a duplicate name', encodeInOrder(name, ['a', 'b'], ['a', 'c']), 'invalidLabels', /duplicate label "a"/],
    ['an empty name', encodeInOrder(name, ['', 'b']), 'invalidLabels', /name is empty/],
    ['broken bytes', new Uint8Array([0x0a, 0x05, 0x0a]), 'invalidLabels', /malformed/],
    ['not UTF-8', new Uint8Array([0x0a, 6, 0x0a, 1, 0xff, 0x12, 1, 0x62]), 'invalidLabels', /UTF-8/],
    [
      'one label too many',
      encodeInOrder(name, ['a', '1'], ['b', '2'], ['c', '3']),
      'labelLimit',
      /4 labels, more than 3/,
    ],
    ['a long name', encodeInOrder(name, ['a'.repeat(11), '1']), 'labelLimit', /11 bytes, more than 10/],
    ['a long value', encodeInOrder(name, ['a', 'ü'.repeat(11)]), 'labelLimit', /label "a" has 22 bytes, more than 20/],
    ['an enormous value', encodeInOrder(name, ['a', 'x'.repeat(10 << 20)]), 'labelLimit', /have 10485\d+ bytes/],
    ['own output', encodeInOrder(['__name__', 'm_yhat_lower']), 'ownOutput', /m_yhat_lower is Sentio's own output/],
  ];
  const store = makeStore(limits);
  for (const [what, block, code, reason] of cases) {
    for (const round of ['first', 'second']) {
      assert.equal(resolveBlock(store, block), Untracked[code], `${what}, ${round} time`);
    }
    const text = store.describe(block, 0, block.length, Untracked[code]);
    assert.match(text, reason, what);
    assert.ok(text.length < 300, what);
  }
  assert.equal(store.size, 0);
  const { invalidLabels, labelLimit, ownOutput } = store.stats;
  assert.deepEqual({ invalidLabels, labelLimit, ownOutput }, { invalidLabels: 12, labelLimit: 8, ownOutput: 2 });
});

test('resolve() takes any bytes, and what it refuses it can describe', () => {
  const good = encodeInOrder(['__name__', 'm'], ['a', 'b'.repeat(200)], ['c', 'd']);
  const mutated = fc
    .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 })
    .map((changes) => {
      const bytes = good.slice();
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes;
    });
  const store = makeStore({ maxSeries: 10_000 });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 30 })), (bytes) => {
      const code = resolveBlock(store, bytes);
      assert.equal(code >= 0, namedLabels(bytes) !== undefined);
      const text = store.describe(bytes, 0, bytes.length, code);
      assert.ok(text.length > 0 && text.length < 300);
      assert.equal(resolveBlock(store, bytes), code);
    }),
    { numRuns: 2000 },
  );
});

test('each sample has one outcome', () => {
  const store = makeStore();
  const ref = resolve(store, UP);
  const cases: [what: string, timeMs: number, value: number, outcome: keyof typeof SampleOutcome][] = [
    ['the first', T0, 1, 'stored'],
    ['the same again', T0, 1, 'duplicate'],
    ['the same time, another value', T0, 2, 'duplicate'],
    ['NaN', T0 + 1, Number.NaN, 'notFinite'],
    ['Infinity', T0 + 1, Infinity, 'notFinite'],
    ['beyond what a ring can hold', T0 + 1, 1e36, 'notFinite'],
    ['five steps on', T0 + 5 * MINUTE + 30 * SECOND, 1, 'stored'],
    ['older, in the open step', T0 + 5 * MINUTE, 1, 'stored'],
    ['that again', T0 + 5 * MINUTE, 1, 'late'],
    ['older, into a step that is over and empty', T0 + 3 * MINUTE, 1, 'stored'],
    ['the next of that step', T0 + 3 * MINUTE + 1, 1, 'stored'],
    ['that again', T0 + 3 * MINUTE + 1, 1, 'late'],
    ['older, into a step that is over and has a value', T0 + 1, 1, 'late'],
    ['as old as the history', T0 - 48 * HOUR, 1, 'late'],
    ['older than the history', T0 - 48 * HOUR - 1, 1, 'tooOld'],
    ['as far ahead as is allowed', T0 + 10 * MINUTE, 1, 'stored'],
    ['further ahead', T0 + 10 * MINUTE + 1, 1, 'tooNew'],
    ['at the end of time', 2 ** 63, 1, 'tooNew'],
    ['before the beginning', -(2 ** 63), 1, 'tooOld'],
  ];
  for (const [what, timeMs, value, outcome] of cases) {
    assert.equal(store.append(ref, timeMs, value), SampleOutcome[outcome], what);
  }
});

test('a step is readable while it is open and stays as it was closed', () => {
  const store = makeStore();
  send(store, UP, T0, 1);
  send(store, UP, T0 + 20 * SECOND, 5);
  assert.deepEqual(stepsOf(store), [3]);
  send(store, UP, T0 + 40 * SECOND, 6);
  assert.deepEqual(stepsOf(store), [4]);
  send(store, UP, T0 + MINUTE, 100);
  assert.equal(send(store, UP, T0 + 50 * SECOND, 7), SampleOutcome.late);
  assert.deepEqual(stepsOf(store), [4, 100]);
  const id = onlyId(store);
  assert.deepEqual([...store.readSteps(id, T0, T0 + HOUR).timesMs], [T0 + MINUTE / 2, T0 + 1.5 * MINUTE]);
  assert.deepEqual([...store.readHistory(id, T0, T0 + HOUR).timesMs], [T0 + 5 * MINUTE]);
  assert.deepEqual([...store.readHistory(id, T0, T0 + HOUR).values], [52]);
});

test('samples that come twice count once in the open step, one that comes late counts', () => {
  const store = makeStore();
  const samples = [
    [10, 1],
    [30, 2],
    [50, 6],
  ] as const;
  for (const [seconds, value] of samples) send(store, UP, T0 + seconds * SECOND, value);
  assert.deepEqual(stepsOf(store), [3]);
  // The sender did not hear that they were taken.
  const again = samples.map(([seconds, value]) => send(store, UP, T0 + seconds * SECOND, value));
  assert.deepEqual(again, [SampleOutcome.late, SampleOutcome.late, SampleOutcome.duplicate]);
  assert.deepEqual(stepsOf(store), [3]);
  assert.equal(send(store, UP, T0 + 40 * SECOND, 11), SampleOutcome.stored);
  assert.deepEqual(stepsOf(store), [5]);
  assert.equal(send(store, UP, T0 + 40 * SECOND, 11), SampleOutcome.late);
  assert.deepEqual(stepsOf(store), [5]);
});

test('a gap leaves empty steps, also where the ring has been before', () => {
  const store = makeStore();
  for (let i = 0; i < 240; i++) send(store, UP, T0 + i * MINUTE, i);
  send(store, UP, T0 + 243 * MINUTE, 243);
  const id = onlyId(store);
  const stepAt = (i: number) => store.stepValue(id, T0 + i * MINUTE);
  assert.deepEqual([3, 4, 239, 240, 241, 242, 243, 244].map(stepAt), [NaN, 4, 239, NaN, NaN, NaN, 243, NaN]);
  send(store, UP, T0 + 1000 * MINUTE, 1000);
  assert.deepEqual([...store.readSteps(id, 0, Infinity).values], [1000]);
});

test('a rate is the increase over the seconds between samples, and resets count from zero', () => {
  const store = makeStore({}, { aggregate: 'rate' });
  const samples: [seconds: number, value: number][] = [
    [0, 100],
    [30, 130],
    // The later sample of a pair decides on the step: (130 → 190 over 30 s) is of the second minute.
    [60, 190],
    // A restart: 15 since zero.
    [90, 15],
    // Two steps without samples; a pair 150 s apart counts for the step it ends in.
    [240, 315],
    // More than 5 min apart: no pair.
    [541, 615],
    [571, 615],
  ];
  for (const [seconds, value] of samples) send(store, UP, T0 + seconds * SECOND, value);
  assert.deepEqual(stepsOf(store), [1, 75 / 60, NaN, NaN, 2, NaN, NaN, NaN, NaN, 0]);
});

test('with steps over 2.5 min, a pair of a rate may be two steps apart', () => {
  const store = makeStore({}, { aggregate: 'rate', stepMs: 10 * MINUTE, resolutionMs: 10 * MINUTE });
  for (const [minutes, value] of [
    [0, 0],
    [20, 1200],
    [41, 9999],
  ] as const)
    send(store, UP, T0 + minutes * MINUTE, value);
  const id = onlyId(store);
  assert.deepEqual(
    [0, 20, 40].map((minutes) => store.stepValue(id, T0 + minutes * MINUTE)),
    [NaN, 1, NaN],
  );
});

test('a stale marker ends a series until something newer comes', () => {
  const store = makeStore();
  const ref = resolve(store, UP);
  store.append(ref, T0, 1);
  const id = onlyId(store);
  assert.equal(store.endedAtMs(id), NaN);
  assert.equal(store.appendStale(ref, T0 - 1), SampleOutcome.late);
  assert.equal(store.endedAtMs(id), NaN);
  assert.equal(store.appendStale(ref, T0 + 15 * SECOND), SampleOutcome.stored);
  assert.equal(store.endedAtMs(id), T0 + 15 * SECOND);
  assert.equal(store.newestSampleMs(id), T0);
  assert.deepEqual(stepsOf(store), [1]);
  store.append(ref, T0 + 10 * SECOND, 1);
  assert.equal(store.endedAtMs(id), T0 + 15 * SECOND);
  store.append(ref, T0 + 30 * SECOND, Number.NaN);
  assert.equal(store.endedAtMs(id), NaN);
  assert.equal(store.appendStale(ref, T0 + HOUR), SampleOutcome.tooNew);
});

test('a series without samples can be read', () => {
  const store = makeStore();
  resolve(store, UP);
  const id = onlyId(store);
  assert.equal(store.stepValue(id, T0), NaN);
  assert.equal(store.readSteps(id, 0, Infinity).values.length, 0);
  assert.equal(store.readHistory(id, 0, Infinity).values.length, 0);
  assert.equal(store.newestSampleMs(id), NaN);
  assert.equal(store.trainingView(id).withinBucketVariance, 0);
});

test('isCurrent() tells whether the history changed its base since a view was taken', () => {
  const store = makeStore();
  send(store, UP, T0, 7);
  const id = onlyId(store);
  const view = store.trainingView(id);
  for (let minute = 1; minute <= 200; minute++) send(store, UP, T0 + minute * MINUTE, 1e9);
  assert.ok(store.isCurrent(id, view));
  for (let minute = 201; minute <= 300; minute++) send(store, UP, T0 + minute * MINUTE, 1e9);
  assert.ok(!store.isCurrent(id, view));
  assert.ok(store.isCurrent(id, store.trainingView(id)));
});

test('registerMetrics() shows series, bytes and why series are not tracked', async () => {
  const store = makeStore();
  const registry = new Registry();
  store.registerMetrics(registry);
  send(store, UP, T0, 1);
  send(store, UP, T0, Number.NaN);
  resolve(store, { __name__: 'm_yhat' });
  for (const scrape of [1, 2]) {
    const text = await registry.metrics();
    for (const line of [
      'sentio_series 1',
      `sentio_ring_bytes ${store.stats.ringBytes}`,
      'sentio_series_untracked_total{reason="own_output"} 1',
    ]) {
      assert.ok(text.split('\n').includes(line), `scrape ${scrape}: ${line} in\n${text}`);
    }
  }
});

test('a sample after more than two steps, and twice the silence before, is told of as the end of a silence', () => {
  const cases: [name: string, seconds: number[], told: number[]][] = [
    ['a sample a step', [0, 60, 120, 180], []],
    ['one step left out', [0, 60, 180, 240], []],
    ['two steps left out', [0, 60, 240, 300], [60]],
    ['every fourth step, as ever', [0, 240, 480, 720], []],
    ['every fourth step, and one left out', [0, 240, 480, 960], []],
    ['every fourth step, and two left out', [0, 240, 480, 1200], [480]],
    ['the first samples of all', [0, 600], []],
    ['silence twice', [0, 60, 300, 360, 900], [60, 360]],
  ];
  for (const [name, seconds, told] of cases) {
    const store = makeStore({ maxFutureMs: HOUR });
    const resumed: number[] = [];
    store.listener = {
      seriesAdded: () => {},
      seriesRemoved: () => {},
      seriesReset: () => {},
      seriesResumed: (_id, beforeMs) => void resumed.push((beforeMs - T0) / SECOND),
    };
    for (const second of seconds) store.append(resolve(store, { __name__: 'm' }), T0 + second * SECOND, 1);
    assert.deepEqual(resumed, told, name);
  }
});

test('the series that no rule matches are counted once each, with an example of each metric, until the rules change', () => {
  const store = makeStore({ chooseRule: () => undefined });
  for (const labels of [UP, { ...UP, job: 'b' }, { __name__: 'load' }, UP]) resolve(store, labels);
  assert.equal(store.unmatched.count, 3);
  assert.deepEqual([...store.unmatched.examples], [makeLabels(UP), makeLabels({ __name__: 'load' })]);
  applyRules(store, () => undefined);
  assert.deepEqual([store.unmatched.count, [...store.unmatched.examples]], [0, []]);
});
