import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExemplarStore } from '#src/exemplars/exemplar-store.js';
import { stepExemplars } from '#src/http/api/explain/step-exemplars.js';
import { encodeLabelBlock } from '#src/model/labels/label-block.js';
import { makeLabels } from '#src/model/labels/labels.js';

const MINUTE = 60_000;

/** Exemplars of series, each with the time of each as its value. */
function storeOf(series: readonly (readonly [labels: Record<string, string>, times: readonly number[]])[]) {
  const store = new ExemplarStore({ isWanted: () => true, externalLabels: [] });
  for (const [labels, times] of series) {
    const block = encodeLabelBlock(makeLabels(labels));
    for (const timeMs of times) {
      const labels = [{ name: 'trace_id', value: `t${timeMs}` }];
      store.append(store.find(block, 0, block.length), { labels, value: timeMs, timeMs });
    }
  }
  return store;
}

const STEP = { startMs: 0, endMs: MINUTE };
const values = (store: ExemplarStore, labels: Record<string, string>) =>
  stepExemplars(store, makeLabels(labels), STEP).map(({ value }) => value);

test('the exemplars of a step are those of the series itself, newest first', () => {
  const store = storeOf([
    [{ __name__: 'm', job: 'a' }, [0, 5, MINUTE - 1, MINUTE]],
    [{ __name__: 'm', job: 'b' }, [6]],
    [{ __name__: 'n', job: 'a' }, [7]],
  ]);
  assert.deepEqual(stepExemplars(store, makeLabels({ __name__: 'm', job: 'a' }), STEP).at(0), {
    labels: { trace_id: `t${MINUTE - 1}` },
    value: MINUTE - 1,
    time: (MINUTE - 1) / 1000,
  });
  assert.deepEqual(values(store, { __name__: 'm', job: 'a' }), [MINUTE - 1, 5, 0]);
});

test('what is derived from a histogram has the exemplars of the histogram', () => {
  const store = storeOf([
    [{ __name__: 'latency', job: 'a' }, [1]],
    [{ __name__: 'latency_bucket', job: 'a', le: '0.5' }, [2]],
    [{ __name__: 'latency_bucket', job: 'a', le: '1' }, [3]],
    [{ __name__: 'latency_bucket', job: 'b', le: '1' }, [4]],
  ]);
  for (const suffix of ['_count', '_avg', '_p99', '_sum']) {
    assert.deepEqual(values(store, { __name__: `latency${suffix}`, job: 'a' }), [3, 2, 1], suffix);
  }
});

test('no more than ten are shown, and a value that JSON does not have is null', () => {
  const store = storeOf([
    [{ __name__: 'latency' }, Array.from({ length: 10 }, (_, i) => i)],
    [{ __name__: 'latency_bucket', le: '1' }, Array.from({ length: 10 }, (_, i) => 10 + i)],
  ]);
  assert.deepEqual(values(store, { __name__: 'latency_p99' }), [19, 18, 17, 16, 15, 14, 13, 12, 11, 10]);
  const block = encodeLabelBlock(makeLabels({ __name__: 'n' }));
  store.append(store.find(block, 0, block.length), { labels: [], value: Number.POSITIVE_INFINITY, timeMs: 1 });
  assert.deepEqual(values(store, { __name__: 'n' }), [null]);
});
